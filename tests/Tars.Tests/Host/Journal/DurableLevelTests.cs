using System.Text;
using Tars.Bundle.Schema;
using Tars.Host;
using Tars.Host.Journal.Durable;
using Tars.Host.Swapping;
using Tars.Kernel.Ports;
using Tars.Sim.Disks;
using Tars.Tests.Lang.Emitting;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Host.Journal;

/// <summary>What it means that an agent is durable, whatever becomes of the run and of its modules.</summary>
public sealed class DurableLevelTests : IDisposable
{
    private const string Plain = """
        tars: 1
        module: ledger
        version: 1.0.0
        summary: Adds up lines.
        capabilities:
          devices: { input: lines, out: console }
        agentic:
          agents:
            book:
              role: Adds up.
              journal: recent
              state: { total: int = 0 }
              handlers:
                device input as line:
                  do: |
                    let content = line else { return }
                    total += content.size()
                    tell out.print(line = "total {total}")
        """;

    private static readonly string _durable = Plain
        .Replace("1.0.0", "1.1.0", StringComparison.Ordinal)
        .Replace("journal: recent", "journal: durable", StringComparison.Ordinal);

    private readonly string _folder = Directory.CreateTempSubdirectory("tars-level-").FullName;
    private readonly string _input;

    public DurableLevelTests()
    {
        _input = Path.Combine(_folder, "lines");
        File.WriteAllLines(_input, ["a", "bb", "ccc"]);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_version_that_makes_an_agent_durable_is_not_swapped_in_where_nothing_is_kept()
    {
        var desk = new SwapDesk(new RunOptions(), new SwapTerms());
        Assert.Equal(
            ["ledger: agent book is `journal: durable`, and the run is kept nowhere; say where: --journal FOLDER"],
            desk.Offer(CompiledProcess.Compile(_durable).Bytes));
        var kept = new SwapDesk(new RunOptions { Journal = _folder }, new SwapTerms());
        Assert.Empty(kept.Offer(CompiledProcess.Compile(_durable).Bytes));
    }

    [Fact]
    public void From_the_swap_on_that_makes_an_agent_durable_its_effects_wait_for_the_disk()
    {
        var (before, after) = (System(Plain), System(_durable));
        var heard = new Heard();
        var hold = new EffectHold(heard, before) { Event = 1 };
        var process = new ProcessId(1);
        hold.Started(process, "ledger", "book");
        hold.Told(process, default, 0, [1]);
        Assert.False(hold.Holds);
        Assert.Equal(["started 1", "told 1"], heard.All);

        hold.Event = 2;
        hold.Swapped(new SwapReport("ledger", "1.0.0", "1.1.0", IsReturn: false, "", [], [], [], 1, after));
        hold.Event = 3;
        hold.Told(process, default, 0, [2]);
        Assert.True(hold.Holds);
        hold.Seal();
        hold.Release(2);
        Assert.DoesNotContain("told 2", heard.All);
        hold.Release(3);
        Assert.Contains("told 2", heard.All);
    }

    [Fact]
    public void What_ended_before_a_crash_is_forgotten_by_whoever_was_told_of_it_again()
    {
        var heard = new Heard();
        var hold = new EffectHold(heard, System(_durable));
        hold.BeginRepeat(leftBefore: 10);
        hold.Event = 5;
        hold.Started(new ProcessId(1), "ledger", "book");
        hold.Ended(new ProcessId(1), EndReason.Failed, "it failed long ago");
        Assert.Equal(["started 1", "ended 1 Stopped "], heard.All);
    }

    [Fact]
    public void What_a_durable_agent_may_tell_when_it_has_ended_waits_for_the_disk()
    {
        var heard = new Heard();
        var hold = new EffectHold(heard, System(_durable)) { Event = 1 };
        var process = new ProcessId(1);
        hold.Started(process, "ledger", "book");
        hold.Ended(process, EndReason.Done, "");
        hold.Seal();
        hold.Release(1);
        hold.Event = 2;
        hold.Told(process, default, 0, [7]);
        hold.Seal();
        Assert.DoesNotContain("told 7", heard.All);
        hold.Release(2);
        Assert.Contains("told 7", heard.All);
    }

    [Fact]
    public void A_run_with_a_policy_is_kept_and_goes_on_with_it()
    {
        var disk = new CutDisk();
        Run(disk, new RunOptions { Policy = PolicyKind.Fair }, out string first);
        Assert.Contains("total 6", first, StringComparison.Ordinal);
        Assert.IsType<RunOutcome.Ended>(Run(new CutDisk(disk.Files), new RunOptions(), out _));
        Assert.IsType<RunOutcome.Ended>(
            Run(new CutDisk(disk.Files), new RunOptions { Policy = PolicyKind.Fair }, out _));
        var refused = Assert.IsType<RunOutcome.Refused>(
            Run(new CutDisk(disk.Files), new RunOptions { Policy = PolicyKind.Deadline }, out _));
        Assert.Equal(
            "--policy: the journal was begun with another; leave --policy out and it goes on with that",
            Assert.Single(refused.Reasons));
    }

    [Fact]
    public void Segments_that_nobody_needs_go_by_size_and_by_age()
    {
        string[] names = [.. Enumerable.Range(1, 5).Select(number => Segment.NameOf(number))];
        string[] Left(long octets, TimeSpan? age)
        {
            var disk = new CutDisk(names.ToDictionary(name => name, _ => new byte[100]))
            {
                Age = name => TimeSpan.FromDays(5 - (Segment.NumberOf(name) ?? 0)),
            };
            JournalFolder.Tidy(disk, newest: 5, octets, age);
            return [.. disk.Files.Keys.Order(StringComparer.Ordinal)];
        }

        Assert.Equal(names, Left(1_000, age: null));
        Assert.Equal(names[2..], Left(200, age: null));
        Assert.Equal(names[1..], Left(1_000, TimeSpan.FromDays(3)));
        Assert.Equal(names[3..], Left(100, TimeSpan.FromDays(3)));
        Assert.Equal(names[4..], Left(0, TimeSpan.FromDays(30)));
    }

    [Fact]
    public void A_segment_that_cannot_be_deleted_stays_and_ends_nothing()
    {
        var files = new Dictionary<string, byte[]> { [Segment.NameOf(1)] = new byte[100] };
        var disk = new CutDisk(files) { FailsFrom = 0 };
        JournalFolder.Tidy(disk, newest: 2, octetsKept: 0, ageKept: null);
        Assert.Single(disk.Files);
    }

    private RunOutcome Run(CutDisk disk, RunOptions options, out string output)
    {
        using var printed = new MemoryStream();
        var outcome = SystemRun.Run(
            [CompiledProcess.Compile(_durable).Bytes],
            options with { Inputs = [new InputSpec("input", _input)], VirtualTime = true, JournalDisk = disk },
            new RunStreams(Stream.Null, printed, TextWriter.Null),
            CancellationToken.None);
        output = Encoding.UTF8.GetString(printed.ToArray());
        return outcome;
    }

    private static SystemImage System(string program) =>
        new SystemLoader(TestEngine.Here(), new RunOptions()).Load([CompiledProcess.Compile(program).Bytes])!;

    /// <summary>Writes down what it is told.</summary>
    private sealed class Heard : IBufferedOutside
    {
        public List<string> All { get; } = [];

        public void Started(ProcessId process, string module, string agent) => All.Add($"started {process.Value}");

        public void Ended(ProcessId process, EndReason reason, string detail) =>
            All.Add($"ended {process.Value} {reason} {detail}");

        public void Published(
            ProcessId from, ReadOnlySpan<byte> channel, SchemaType type, ReadOnlySpan<byte> value, bool taken) =>
            All.Add("published");

        public void Told(ProcessId from, DeviceId device, int operation, ReadOnlySpan<byte> arguments) =>
            All.Add($"told {arguments[0]}");

        public void Asked(ProcessId from, DeviceId device, long ask, DeviceAsk asked) => All.Add("asked");

        public void Answered(long number, bool failed, SchemaType type, ReadOnlySpan<byte> answer) =>
            All.Add("answered");

        public void Measured(ProcessId from, int metric, double value) => All.Add("measured");

        public void Logged(ProcessId from, ReadOnlySpan<byte> entry) => All.Add("logged");

        public void Audited(Audit entry) => All.Add("audited");

        public void Trapped(DeadLetter letter) => All.Add("trapped");

        public void InputTaken(LineBatch batch) => All.Add("taken");

        public void Committed(ProcessId process, int handler, int count, long arrived) => All.Add("committed");

        public void HandOn() => All.Add("handed on");
    }
}
