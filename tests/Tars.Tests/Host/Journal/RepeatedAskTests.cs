using System.Text;
using Tars.Base;
using Tars.Host;
using Tars.Sim.Disks;
using Tars.Tests.Lang.Emitting;
using Xunit;

namespace Tars.Tests.Host.Journal;

/// <summary>A run that is kept changes a store once for each ask, wherever its disk failed or power was cut.</summary>
public sealed class RepeatedAskTests : IDisposable
{
    private const int Lines = 6;

    private const string Program = """
        tars: 1
        module: desk
        version: 1.0.0
        summary: Takes in lines, each under a number that nobody else may have.

        capabilities:
          devices: { input: lines, out: console, kept: { kind: store, value: int } }

        agentic:
          agents:
            clerk:
              role: Takes in.
              journal: durable
              state:
                lines: int = 0
              handlers:
                device input as line:
                  do: |
                    let content = line else { return }
                    lines += 1
                    let fresh = ask kept.put_new(key = "line {lines}", value = content.size()) within 30s else why {
                      tell out.print(line = "failed: {why.detail}")
                      return
                    }
                    let before = ask kept.get(key = "sum") within 30s else { return }
                    var sum = content.size()
                    if let old = before { sum += old }
                    ask kept.put(key = "sum", value = sum) within 30s else { return }
                    tell out.print(line = "line {lines} {fresh} sum {sum}")
        """;

    private static readonly ReadOnlyMemory<byte> _bundle = CompiledProcess.Compile(Program).Bytes;

    private readonly string _folder = Directory.CreateTempSubdirectory("tars-repeat-").FullName;
    private readonly string _input;

    public RepeatedAskTests()
    {
        _input = Path.Combine(_folder, "lines");
        File.WriteAllLines(_input, Enumerable.Range(1, Lines).Select(size => new string('x', size)));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Each_line_is_new_once_and_summed_once_wherever_the_run_is_cut()
    {
        var whole = new CutDisk();
        string expected = Run(whole, "whole");
        Assert.Contains("line 6 true sum 21", expected, StringComparison.Ordinal);
        int ahead = 0;
        for (int calls = 4; calls < whole.Calls; calls++)
        {
            // The run ends as its disk fails, so the store has what a run had done that was cut there.
            var disk = new CutDisk { FailsFrom = calls };
            string store = $"store {calls}";
            string seen = Run(disk, store);
            var cut = (CutDisk.Cut)(calls % Enum.GetValues<CutDisk.Cut>().Length);
            var left = disk.After(disk.Calls, cut, new Xoshiro256((ulong)calls));
            int done = Directory.GetFiles(Path.Combine(_folder, store), "*.value").Length;
            ahead += seen.Count(one => one == '\n') + 1 < done ? 1 : 0;
            string rest = Run(new CutDisk(left), store);
            string both = seen + rest;
            Assert.DoesNotContain("false", both, StringComparison.Ordinal);
            Assert.DoesNotContain("failed", both, StringComparison.Ordinal);
            Assert.True(expected.EndsWith(rest, StringComparison.Ordinal), $"call {calls}, {cut}:\n{seen}--\n{rest}");
            Assert.True(expected.Length <= both.Length, $"call {calls}, {cut}: a line is lost");
            Assert.Equal(Lines + 1, Directory.GetFiles(Path.Combine(_folder, store), "*.value").Length);
        }

        // Now and then the store had done more than anybody was told.
        Assert.InRange(ahead, 1, whole.Calls);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_store_that_a_run_has_changed_is_not_made_anew(int shards)
    {
        string folder = Path.Combine(_folder, "store");
        File.WriteAllText(_input, "");
        var disk = new CutDisk();
        Run(disk, "store", shards);
        Directory.Delete(folder, recursive: true);
        Run(new CutDisk(disk.Files), "store", shards); // Nothing was ever put there.

        File.WriteAllText(_input, "x\n");
        disk = new CutDisk();
        Run(disk, "store", shards);
        Directory.Move(folder, folder + " elsewhere");
        foreach (var files in (IReadOnlyDictionary<string, byte[]>[])[
            disk.Files, disk.After(disk.Calls - 4, CutDisk.Cut.Kept, new Xoshiro256(1))])
        {
            var refused = Assert.IsType<RunOutcome.Refused>(Outcome(new CutDisk(files), "store", shards, out _));
            Assert.Contains("store is gone or empty", Assert.Single(refused.Reasons), StringComparison.Ordinal);
            Assert.False(Directory.Exists(folder));
            Directory.CreateDirectory(folder);
            refused = Assert.IsType<RunOutcome.Refused>(Outcome(new CutDisk(files), "store", shards, out _));
            Assert.Contains("store is gone or empty", Assert.Single(refused.Reasons), StringComparison.Ordinal);
            Assert.Empty(Directory.EnumerateFiles(folder));
            Directory.Delete(folder);
            Run(new CutDisk(files), "store elsewhere", shards);
        }
    }

    private string Run(CutDisk disk, string store, int shards = 1)
    {
        var outcome = Outcome(disk, store, shards, out string printed);
        string why = string.Join('\n', (outcome as RunOutcome.Refused)?.Reasons ?? []);
        Assert.True(outcome is RunOutcome.Ended, why);
        return printed;
    }

    private RunOutcome Outcome(CutDisk disk, string store, int shards, out string shown)
    {
        using var printed = new MemoryStream();
        var options = new RunOptions
        {
            Inputs = [new InputSpec("input", _input)],
            Bindings = [new DeviceBinding("store", "kept", Path.Combine(_folder, store))],
            JournalDisk = disk,
            Shards = shards,
            Seed = 3,
        };
        var outcome = SystemRun.Run(
            [_bundle], options, new RunStreams(Stream.Null, printed, TextWriter.Null), CancellationToken.None);
        shown = Encoding.UTF8.GetString(printed.ToArray());
        return outcome;
    }
}
