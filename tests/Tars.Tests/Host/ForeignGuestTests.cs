using System.Text;
using Tars.Base;
using Tars.Bundle.Container;
using Tars.Host;
using Tars.Lang;
using Tars.Lang.Checking;
using Tars.Tests.Engine;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Host;

/// <summary>
/// A module of WebAssembly that was made by another compiler can do what its interface says, and no harm beyond it.
/// </summary>
public sealed class ForeignGuestTests
{
    [Fact]
    public void A_rogue_guest_harms_itself_alone()
    {
        var text = new StringBuilder();
        foreach (var crime in Enum.GetValues<RogueGuest.Crime>())
        {
            text.Append("> ").Append(crime).Append('\n').Append(Commit(crime));
        }

        Golden.CheckWhole(Golden.Path("kernel/rogue.txt"), text.ToString());
    }

    [Fact]
    public void Damaged_code_is_told_at_the_import_or_runs_and_harms_nobody()
    {
        var random = new Xoshiro256(52);
        byte[] sound = RogueGuest.Bytes();
        for (int turn = 0; turn < 150; turn++)
        {
            byte[] damaged = sound[..(turn % 3 == 0 ? random.Next(sound.Length) : sound.Length)];
            for (int count = 1 + random.Next(3); 0 < count && 0 < damaged.Length; count--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            var result = Compile(Judge("count"), damaged);
            if (result.Bundle is null)
            {
                Assert.Equal(["TARS0133"], result.Check.Diagnostics.Select(one => one.Code));
                continue;
            }

            var (outcome, text) = Run(result);
            Assert.True(outcome is RunOutcome.Ended or RunOutcome.Refused, $"turn {turn}: {text}");
        }
    }

    [Fact]
    public void A_bundle_without_what_it_needs_or_with_bundles_in_its_bundles_is_refused()
    {
        var whole = Read(Compile(Judge("count"), RogueGuest.Bytes()).Bundle!.Value.AsMemory());
        byte[] code = BundleWriter.Stripped(whole.Bytes.Span)!;
        byte[] bare = BundleWriter.Write(code, whole.Manifest, whole.Debug, whole.Sources);
        Assert.Equal(whole.Hash, Read(bare).Hash);
        Assert.Contains("judge: it needs module `rogue`", Refusal(bare), StringComparison.Ordinal);
        byte[] nested = BundleWriter.Write(code, whole.Manifest, whole.Debug, whole.Sources, [whole.Bytes]);
        Assert.Contains("judge: its import `judge` holds bundles itself", Refusal(nested), StringComparison.Ordinal);
        byte[] junk = BundleWriter.Write(code, whole.Manifest, whole.Debug, whole.Sources, ["junk"u8.ToArray()]);
        Assert.Contains("judge: one of its imports: not a WebAssembly module", Refusal(junk), StringComparison.Ordinal);
        Assert.IsType<RunOutcome.Ended>(Run([bare, whole.Imports[0]]).Outcome);
    }

    [Fact]
    public void What_its_spawner_gives_has_the_types_of_its_interface()
    {
        string judge = Judge("count").Replace("spawn rogue()", "spawn rogue(n = 1)", StringComparison.Ordinal);
        Assert.Null(Compile(judge, RogueGuest.Bytes()).Bundle);
    }

    [Fact]
    public void The_component_in_c_is_what_its_source_becomes()
    {
        var built = Directory.CreateTempSubdirectory("tars-built-").FullName;
        _ = Tool.Run("clang-19", ["--version"]);
        var (status, output, errors) = Tool.Run("sh", [RepoRoot.File("samples/codec/build.sh"), built]);
        Assert.SkipWhen(errors.Contains("wasm-ld", StringComparison.Ordinal), "lld-19 is not installed");
        Assert.Equal((0, ""), (status, output + errors));
        Assert.Equal(
            File.ReadAllBytes(RepoRoot.File("samples/codec/codec.wasm")),
            File.ReadAllBytes(Path.Combine(built, "codec.wasm")));
        Directory.Delete(built, recursive: true);
    }

    private static string NameOf(RogueGuest.Crime crime) =>
        string.Concat(crime.ToString().Select((one, index) =>
            (0 < index && char.IsAsciiLetterUpper(one) ? "_" : "") + char.ToLowerInvariant(one)));

    // Another process of the same module is there and goes on counting, whatever the first one does.
    private static string Judge(string crime) => $$"""
        tars: 1
        module: judge
        version: 1.0.0
        summary: Lets a rogue commit a crime between two honest asks.
        imports:
          rogue: { wasm: rogue.wasm, interface: rogue.tars }
        capabilities:
          spawn: { rogue: 2 }
          devices: { out: console }
        handlers:
          start:
            do: |
              let one = spawn rogue()
              let other = spawn rogue()
              let before = ask one.count() within 1s else { return }
              let answer = ask one.{{crime}}() within 1s else why {
                tell out.print(line = "{why.kind}: {why.detail}")
                ask check(one, other, before)
                return
              }
              tell out.print(line = "answered {answer}")
              ask check(one, other, before)
          exit rogue as end:
            do: |
              tell out.print(line = "it ended: {end.detail}")
        procedures:
          check:
            with: { one: ref<rogue>, other: ref<rogue>, before: int }
            do: |
              let later = ask one.count() within 1s else why {
                tell out.print(line = "then {why.kind}")
                let its = ask other.count() within 1s else { return }
                tell out.print(line = "its twin counts {its}")
                return
              }
              let its = ask other.count() within 1s else { return }
              tell out.print(line = "it counts {before}, {later}, its twin {its}")

        """;

    private static string Interface { get; } = """
        tars: 1
        module: rogue
        version: 1.0.0
        summary: What a rogue says that it is.
        code: wasm
        limits: { fuel: 1_000_000, memory: 256KiB }
        handlers:

        """ + string.Concat(Enum.GetValues<RogueGuest.Crime>().Select(crime =>
            $"  ask {NameOf(crime)}:\n    returns: int\n"));

    private static CompileResult Compile(string judge, byte[] code) =>
        Compiler.Compile(new SourceText("judge.tars", judge), new Files(code), new CompileOptions());

    private static string Commit(RogueGuest.Crime crime)
    {
        var result = Compile(Judge(NameOf(crime)), RogueGuest.Bytes());
        Assert.Empty(result.Files.SelectMany(file => file.Diagnostics).Select(one => one.Title));
        var (outcome, text) = Run(result);
        Assert.IsType<RunOutcome.Ended>(outcome);
        return text;
    }

    private static BundleFile Read(ReadOnlyMemory<byte> bytes) =>
        Assert.IsType<BundleReading.Read>(BundleReader.Read(bytes)).Bundle;

    private static string Refusal(ReadOnlyMemory<byte> bundle) =>
        string.Join('\n', Assert.IsType<RunOutcome.Refused>(Run([bundle]).Outcome).Reasons);

    private static (RunOutcome Outcome, string Text) Run(CompileResult result) =>
        Run([result.Bundle!.Value.AsMemory()]);

    private static (RunOutcome Outcome, string Text) Run(IReadOnlyList<ReadOnlyMemory<byte>> bundles)
    {
        using var output = new MemoryStream();
        using var log = new StringWriter { NewLine = "\n" };
        var outcome = SystemRun.Run(
            bundles,
            new RunOptions { VirtualTime = true, Engine = TestEngine.Name },
            new RunStreams(Stream.Null, output, log),
            CancellationToken.None);
        return (outcome, Encoding.UTF8.GetString(output.ToArray()) + log);
    }

    private sealed class Files(byte[] code) : IModuleSource
    {
        public SourceText? Open(SourceText from, string path) =>
            path == "rogue.tars" ? new SourceText(path, Interface) : null;

        public ReadOnlyMemory<byte>? OpenCode(SourceText from, string path) => code;
    }
}
