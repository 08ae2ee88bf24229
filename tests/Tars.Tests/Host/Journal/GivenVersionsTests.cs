using System.Text;
using Tars.Host;
using Tars.Host.Files;
using Tars.Kernel.Ports;
using Tars.Lang;
using Tars.Tests.Lang.Emitting;
using Xunit;

namespace Tars.Tests.Host.Journal;

/// <summary>What a kept run is started with in other versions than it was left with takes over: all of it, in an order
/// in which it can.</summary>
public sealed class GivenVersionsTests : IDisposable
{
    private const string Library = """
        tars: 1
        module: lib
        version: 1.0.0
        summary: Says a word.
        capabilities:
          devices: { out: console }
          timers: { shortest: 1ms }
        agentic:
          agents:
            worker:
              role: Says a word.
              starts: by_spawn
              state: { name: text, count: int = 0 }
              handlers:
                start:
                  do: |
                    every 5ms tick
                timer tick:
                  do: |
                    count += 1
                    tell out.print(line = "lib one {name} {count}")
        """;

    private const string Importer = """
        tars: 1
        module: boss
        version: 1.0.0
        summary: Has somebody say a word.
        imports: { lib: lib.tars }
        capabilities:
          spawn: { lib.worker: 4 }
        agentic:
          agents:
            head:
              role: Begins it.
              journal: durable
              handlers:
                start:
                  do: |
                    spawn lib.worker(name = "ann")
        """;

    private const string Busy = """
        tars: 1
        module: busy
        version: 1.0.0
        summary: Hardly comes to the end of its handler.
        capabilities:
          devices: { noise: random }
          timers: { shortest: 1ms }
        agentic:
          agents:
            hand:
              role: Asks.
              journal: durable
              limits: { fuel: 1_000_000_000 }
              handlers:
                start:
                  do: |
                    every 1ms tick
                timer tick:
                  do: |
                    for number in 0..100 {
                      let octets = ask noise.octets(count = 1) within 9s else why { fail why.detail }
                      if octets.len() != 1 { fail "{number}" }
                    }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("tars-given-").FullName;

    private long _span = 400_000_000;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void An_import_that_has_changed_takes_over_before_who_imports_it(int shards)
    {
        string first = Run(shards, out string log, Import(Library));
        Assert.Equal("", log);
        Assert.Contains("lib one ann 3", first, StringComparison.Ordinal);
        string changed = Library.Replace("version: 1.0.0", "version: 1.1.0", StringComparison.Ordinal)
            .Replace("lib one", "lib two", StringComparison.Ordinal);
        string second = Run(shards, out log, Import(changed));
        Assert.Matches("^swapped lib 1.0.0 -> 1.1.0: 1 process, .*\nswapped boss 1.0.0 -> 1.0.0: 1 proc.*\n$", log);
        Assert.Contains("lib two ann", second, StringComparison.Ordinal);
        string third = Run(shards, out log, Import(changed));
        Assert.DoesNotContain("lib one", third, StringComparison.Ordinal);
        Assert.DoesNotContain("swapped", log, StringComparison.Ordinal);
    }

    [Fact]
    public void An_import_that_cannot_take_over_is_told_and_so_is_that_its_importer_runs_beside_the_one_before()
    {
        Run(shards: 1, out _, Import(Library));
        string changed = Library.Replace("count: int = 0", "count: float = 0", StringComparison.Ordinal)
            .Replace("count += 1", "count += 1.0", StringComparison.Ordinal);
        string second = Run(shards: 1, out string log, Import(changed));
        Assert.Contains("not swapped lib 1.0.0 -> 1.0.0: count: `int` before", log, StringComparison.Ordinal);
        Assert.Contains("  module `lib`, which it imports, runs in another version", log, StringComparison.Ordinal);
        Assert.Contains("lib one ann", second, StringComparison.Ordinal);
    }

    // A kernel refuses a swap while another is under way.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Of_two_versions_that_are_given_the_second_waits_until_the_first_has_taken_over(int shards)
    {
        string other = Library.Replace("module: lib", "module: other", StringComparison.Ordinal)
            .Replace("starts: by_spawn", "starts: with_module", StringComparison.Ordinal)
            .Replace("name: text,", "name: text = \"bob\",", StringComparison.Ordinal);
        Run(shards, out _, Compiled(Busy), Compiled(other));
        Run(shards, out string alone, Compiled(Busy));
        Assert.Equal("module other was not given and goes on all the same: the journal has it\n", alone);
        _span = 2_000_000_000; // It has to come to the end of a handler once.
        Run(shards, out string log, Compiled(Newer(Busy)), Compiled(Newer(other)));
        Assert.Contains("swapped busy 1.0.0 -> 1.1.0", log, StringComparison.Ordinal);
        Assert.Contains("swapped other 1.0.0 -> 1.1.0", log, StringComparison.Ordinal);
        Assert.DoesNotContain("under way", log, StringComparison.Ordinal);
    }

    private static string Newer(string program) =>
        program.Replace("version: 1.0.0", "version: 1.1.0", StringComparison.Ordinal);

    private static ReadOnlyMemory<byte> Compiled(string program) => CompiledProcess.Compile(program).Bytes;

    private ReadOnlyMemory<byte> Import(string library)
    {
        string path = Path.Combine(_folder, "boss.tars");
        File.WriteAllText(Path.Combine(_folder, "lib.tars"), library);
        File.WriteAllText(path, Importer);
        var files = ModuleFiles.Of(path, Encoding.UTF8.GetBytes(Importer));
        var result = Compiler.Compile(files.Source, files, new CompileOptions(IncludeTests: false));
        Assert.NotNull(result.Bundle);
        return result.Bundle.Value.AsMemory();
    }

    private string Run(int shards, out string log, params ReadOnlyMemory<byte>[] bundles)
    {
        using var output = new MemoryStream();
        using var told = new StringWriter();
        var options = new RunOptions
        {
            Journal = Path.Combine(_folder, "kept"),
            For = _span,
            Shards = shards,
            Terms = new SwapTerms { Probation = 1_000_000_000 },
        };
        var outcome = SystemRun.Run(
            bundles,
            options,
            new RunStreams(Stream.Null, output, told),
            TestContext.Current.CancellationToken);
        log = told + string.Join('\n', (outcome as RunOutcome.Refused)?.Reasons ?? []);
        log = string.Concat(log.Split('\n').Where(line => !line.StartsWith("--shards", StringComparison.Ordinal))
            .Select(line => line.Length == 0 ? "" : line + "\n"));
        Assert.True(outcome is RunOutcome.Ended, log);
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
