using System.Text;
using Tars.Base;
using Tars.Host;
using Tars.Host.Granting;
using Tars.Host.Journal;
using Tars.Kernel.Ports;
using Tars.Sim.Disks;
using Tars.Tests.Lang.Emitting;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Host.Journal;

/// <summary>A run that is kept goes on after a crash as if there had been none, wherever the power was cut.</summary>
public sealed class DurableRunTests : IDisposable
{
    private const string Program = """
        tars: 1
        module: ledger
        version: 1.0.0
        summary: Adds up lines, and counts time with a little luck.

        capabilities:
          devices: { input: lines, out: console }
          publish: { half: int }
          subscribe: { half: int }
          timers: { shortest: 1ms }
          spawn: { clerk: 4 }

        agentic:
          agents:
            book:
              role: Adds up.
              journal: durable
              state:
                total: int = 0
                lines: int = 0
                ticks: int = 0
                luck: int = 0
              handlers:
                start:
                  do: |
                    every 10ms beat
                device input as line:
                  do: |
                    let content = line else { return }
                    lines += 1
                    if content.size() == 7 { fail "seven" }
                    total += content.size()
                    tell out.print(line = "line {lines} total {total}")
                timer beat:
                  do: |
                    ticks += 1
                    luck = (luck * 7 + random_int(0, 99)) % 1000
                    if ticks % 5 == 0 { spawn clerk(owner = self, number = ticks) }
                    publish("half", ticks)
                    tell out.print(line = "tick {ticks} luck {luck} lines {lines}")
                    if 22 <= ticks { cancel beat }
                ask note:
                  with: { number: int }
                  do: |
                    total += number
                    tell out.print(line = "noted {number} total {total}")
                exit clerk as ended:
                  do: |
                    tell out.print(line = "a clerk has gone")
                message half as number:
                  do: |
                    total += number
            clerk:
              role: Tells something and goes.
              starts: by_spawn
              journal: durable
              state:
                owner: ref<book>
                number: int
              handlers:
                start:
                  do: |
                    tell owner.note(number = number)
                    exit()
        """;

    private static readonly ReadOnlyMemory<byte> _bundle = CompiledProcess.Compile(Program).Bytes;

    private readonly string _folder = Directory.CreateTempSubdirectory("tars-durable-").FullName;
    private readonly string _input;
    private readonly string _expected;

    public DurableRunTests()
    {
        _input = Path.Combine(_folder, "lines");
        File.WriteAllLines(_input, Enumerable.Range(0, 12).Select(size => new string('x', size)));
        var whole = new CutDisk();
        (_expected, _) = Run(whole);
        Assert.Contains("tick 22", _expected, StringComparison.Ordinal);
        Assert.Contains("line 11", _expected, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Whenever_the_power_is_cut_what_was_acknowledged_is_there_once_and_the_run_goes_on()
    {
        var disk = new CutDisk();
        var acknowledged = new AckStream(disk);
        Run(disk, acknowledged);
        Assert.InRange(disk.Calls, 40, 2_000);
        int twice = 0;
        for (int calls = 0; calls <= disk.Calls; calls++)
        {
            foreach (var cut in Enum.GetValues<CutDisk.Cut>())
            {
                // Each cut at every fourth call, a kill and a loss at every one.
                if (cut is CutDisk.Cut.Torn or CutDisk.Cut.Scattered && calls % 2 == (cut == CutDisk.Cut.Torn ? 0 : 1))
                {
                    continue;
                }

                var random = new Xoshiro256((ulong)((calls * 4) + (int)cut));
                string seen = acknowledged.Before(calls);
                var (rest, log) = Run(new CutDisk(disk.After(calls, cut, random)));
                string why = $"cut {cut} after call {calls} of {disk.Calls}, seen {seen.Length}: {log}";
                Assert.True(_expected.EndsWith(rest, StringComparison.Ordinal), $"{why}\n{rest}");
                Assert.True(_expected.Length <= seen.Length + rest.Length, $"{why}: something is lost\n{rest}");
                twice += _expected.Length < seen.Length + rest.Length ? 1 : 0;
            }
        }

        // What had left and was not yet marked so leaves again: that is what `at least once` says.
        Assert.InRange(twice, 1, disk.Calls * 4);
    }

    [Fact]
    public void A_disk_that_fails_ends_the_run_and_nothing_leaves_that_is_not_kept()
    {
        var whole = new CutDisk();
        Run(whole);
        for (int calls = 4; calls < whole.Calls; calls += 7)
        {
            var disk = new CutDisk { FailsFrom = calls };
            var acknowledged = new AckStream(disk);
            var (seen, log) = Run(disk, acknowledged);
            Assert.Contains("the disk is full", log, StringComparison.Ordinal);
            var (rest, again) = Run(new CutDisk(disk.Files));
            Assert.True(_expected.EndsWith(rest, StringComparison.Ordinal), again);
            Assert.True(_expected.Length <= seen.Length + rest.Length, again);
        }
    }

    // Nor does it show anything whose event may still be lost with the power.
    [Fact]
    public void A_start_that_is_refused_shows_nothing()
    {
        var disk = new CutDisk();
        Run(disk, segmentOctets: 1 << 20);
        var killed = disk.After(disk.Calls / 2, CutDisk.Cut.Kept, new Xoshiro256(1));
        for (int calls = 0; calls < 3; calls++)
        {
            using var printed = new MemoryStream();
            var failing = new CutDisk(killed) { FailsFrom = calls };
            Assert.IsType<RunOutcome.Refused>(Outcome(failing, printed, out string log));
            Assert.Equal(("", ""), (Encoding.UTF8.GetString(printed.ToArray()), log));
        }

        using var shown = new MemoryStream();
        var other = CompiledProcess.Compile(Program.Replace("ledger", "other", StringComparison.Ordinal)).Bytes;
        var refused = Assert.IsType<RunOutcome.Refused>(Outcome(new CutDisk(killed), shown, out _, bundle: other));
        Assert.Contains("it is of another system", refused.Reasons[0], StringComparison.Ordinal);
        Assert.Equal(0, shown.Length);
    }

    // The last that a run does is to begin a segment, which costs nothing but the time of the next start.
    [Fact]
    public void A_disk_on_which_no_segment_can_be_begun_any_more_has_kept_all_that_was_done()
    {
        var whole = new CutDisk();
        Run(whole, segmentOctets: 1 << 20);
        int kept = 0;
        for (int calls = whole.Calls - 8; calls < whole.Calls; calls++)
        {
            var disk = new CutDisk { FailsFrom = calls };
            var (seen, log) = Run(disk, segmentOctets: 1 << 20);
            bool isKept = log.Contains("full; the run ends, and all that it did is kept", StringComparison.Ordinal);
            Assert.NotEqual(isKept, log.Contains("is as if it had not been", StringComparison.Ordinal));
            kept += isKept ? 1 : 0;
            if (isKept)
            {
                Assert.Equal(_expected, seen);
            }
        }

        Assert.InRange(kept, 1, 7);
    }

    [Fact]
    public void A_segment_that_no_checkpoint_ends_is_not_written_further_than_it_can_be_read()
    {
        var (whole, disk) = (new CutDisk(), new CutDisk());
        using var printed = new MemoryStream();
        using var told = new StringWriter();
        var options = Options with
        {
            JournalDisk = whole,
            JournalSegmentOctets = 1 << 10,
            JournalCheckpointOctetsMax = 1,
        };
        var nowhere = new RunStreams(Stream.Null, Stream.Null, TextWriter.Null);
        Assert.IsType<RunOutcome.Ended>(SystemRun.Run([_bundle], options, nowhere, CancellationToken.None));
        int length = Assert.Single(whole.Files).Value.Length;
        options = options with { JournalDisk = disk, JournalSegmentOctetsMax = length - 2_000 };
        var streams = new RunStreams(Stream.Null, printed, told);
        Assert.IsType<RunOutcome.Ended>(SystemRun.Run([_bundle], options, streams, CancellationToken.None));
        Assert.Contains("is as long as can be read again", told.ToString(), StringComparison.Ordinal);
        string seen = Encoding.UTF8.GetString(printed.ToArray());
        Assert.True(seen.Length < _expected.Length, "it went on to its end");
        var (rest, log) = Run(new CutDisk(disk.Files));
        Assert.True(_expected.EndsWith(rest, StringComparison.Ordinal), log);
        Assert.True(_expected.Length <= seen.Length + rest.Length, log);
    }

    [Fact]
    public void A_changed_octet_that_was_synced_ends_the_start_with_its_record()
    {
        var disk = new CutDisk();
        Run(disk, segmentOctets: 1 << 20);
        var (name, whole) = disk.After(disk.Calls / 2, CutDisk.Cut.Kept, new Xoshiro256(1)).Single();
        for (int at = 1; at < 20; at++)
        {
            byte[] changed = [.. whole];
            changed[whole.Length * at / 21] ^= 4;
            var outcome = Outcome(new CutDisk(new Dictionary<string, byte[]> { [name] = changed }), Stream.Null, out _);
            var refused = Assert.IsType<RunOutcome.Refused>(outcome);
            Assert.Contains("is damaged", refused.Reasons[0], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_segment_can_be_replayed_like_a_recording()
    {
        var disk = new CutDisk();
        Run(disk);
        Assert.True(1 < disk.Files.Count);
        foreach (var (name, octets) in disk.Files)
        {
            string path = Path.Combine(_folder, name);
            File.WriteAllBytes(path, octets);
            var streams = new RunStreams(Stream.Null, Stream.Null, TextWriter.Null);
            var outcome = Replay.Run(path, new ReplayOptions { Verify = true }, streams, CancellationToken.None);
            var report = Assert.IsType<ReplayOutcome.Ended>(outcome).Report;
            Assert.Equal((null, null), (report.Damage, report.Difference));
            var before = new ReplayOptions { Until = 0, States = true };
            outcome = Replay.Run(path, before, streams, CancellationToken.None);
            bool isFirst = name.EndsWith("0001.tarslog", StringComparison.Ordinal);
            Assert.Equal(isFirst, Assert.IsType<ReplayOutcome.Ended>(outcome).Report.States.IsEmpty);
            Assert.Equal(isFirst, report is { EventsBefore: 0, TransactionsBefore: 0 });

            // What stands before the checkpoint is in another segment.
            long earlier = Math.Max(1, report.TransactionsBefore - 1);
            outcome = Replay.Run(path, new ReplayOptions { Until = earlier }, streams, CancellationToken.None);
            Assert.Equal(isFirst, outcome is ReplayOutcome.Ended);
            var reasons = new List<string>();
            var audit = CapsAudit.Of(path, tellsActs: false, reasons, CancellationToken.None)!;
            Assert.Equal(isFirst, audit.BeginsBehind.IsEmpty);
        }
    }

    [Fact]
    public void A_durable_agent_runs_only_where_it_is_kept()
    {
        var options = new RunOptions { VirtualTime = true };
        var streams = new RunStreams(Stream.Null, Stream.Null, TextWriter.Null);
        var outcome = SystemRun.Run([_bundle], options, streams, CancellationToken.None);
        var refused = Assert.IsType<RunOutcome.Refused>(outcome);
        Assert.Contains("--journal FOLDER", refused.Reasons[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_in_a_folder_goes_on_where_it_was_left_and_takes_a_changed_script_as_a_swap()
    {
        string folder = Path.Combine(_folder, "kept");
        string first = RunIn(folder, Program, span: 55_000_000, out _);
        Assert.DoesNotContain("tick 22", first, StringComparison.Ordinal);
        string changed = Program.Replace("version: 1.0.0", "version: 1.1.0", StringComparison.Ordinal)
            .Replace("tick {ticks} luck", "tock {ticks} luck", StringComparison.Ordinal);
        string second = RunIn(folder, changed, span: null, out string log);
        Assert.Contains("swapped ledger 1.0.0 -> 1.1.0", log, StringComparison.Ordinal);
        string both = first + second;
        Assert.Equal(_expected, both.Replace("tock", "tick", StringComparison.Ordinal));
        Assert.StartsWith("tock", second.TrimStart(), StringComparison.Ordinal);
        Assert.Equal("", RunIn(folder, changed, span: null, out log));
        Assert.DoesNotContain("are not read", log, StringComparison.Ordinal);
        File.AppendAllText(_input, "more\n");
        Assert.Equal("", RunIn(folder, changed, span: null, out log));
        Assert.Contains("input has ended in this journal: 5 octets more in ", log, StringComparison.Ordinal);
    }

    [Fact]
    public void A_version_that_is_given_at_the_start_and_traps_gives_way_to_the_one_before()
    {
        string folder = Path.Combine(_folder, "given");
        string first = RunIn(folder, Program, span: 55_000_000, out _);
        string wrong = Program.Replace("version: 1.0.0", "version: 1.1.0", StringComparison.Ordinal)
            .Replace("ticks += 1", "assert ticks < 0\n                    ticks += 1", StringComparison.Ordinal);
        string second = RunIn(folder, wrong, span: null, out string log);
        Assert.Contains("returned ledger 1.1.0 -> 1.0.0", log, StringComparison.Ordinal);
        Assert.Equal(_expected, first + second);
    }

    // It was refused in another life, on terms of that one.
    [Fact]
    public void A_version_that_was_refused_before_a_crash_is_told_as_done_again()
    {
        var first = new CutDisk();
        Run(first);
        var disk = new CutDisk(first.After(first.Calls / 2, CutDisk.Cut.Kept, new Xoshiro256(1)));
        string other = Program.Replace("version: 1.0.0", "version: 1.1.0", StringComparison.Ordinal)
            .Replace("luck: int = 0", "luck: text = \"\"", StringComparison.Ordinal)
            .Replace("luck = (luck * 7 + random_int(0, 99)) % 1000", "luck = \"{ticks}\"", StringComparison.Ordinal);
        Outcome(disk, Stream.Null, out string log, bundle: CompiledProcess.Compile(other).Bytes);
        Assert.Contains("not swapped ledger 1.0.0 -> 1.1.0: book.luck: `int` before", log, StringComparison.Ordinal);
        int again = 0;
        for (int calls = 0; calls < disk.Calls; calls++)
        {
            (_, log) = Run(new CutDisk(disk.After(calls, CutDisk.Cut.Kept, new Xoshiro256(1))));
            Assert.DoesNotContain("-> 1.1.0:", log, StringComparison.Ordinal);
            again += log.Contains("-> 1.1.0, done again: book.luck:", StringComparison.Ordinal) ? 1 : 0;
        }

        Assert.InRange(again, 1, disk.Calls);
    }

    [Fact]
    public void An_input_is_read_on_under_either_of_its_names()
    {
        string folder = Path.Combine(_folder, "named");
        string first = RunIn(folder, Program, span: 1_000_000, out _, input: "ledger.input");
        Assert.Contains("line 11", first, StringComparison.Ordinal);
        string second = RunIn(folder, Program, span: 55_000_000, out string log);
        Assert.Contains("tick", second, StringComparison.Ordinal);
        Assert.DoesNotContain("line 1 ", second, StringComparison.Ordinal);
        Assert.Equal(_expected, first + second + RunIn(folder, Program, span: null, out log, input: "ledger.input"));
    }

    [Fact]
    public void An_input_that_has_less_than_was_read_of_it_is_refused()
    {
        File.WriteAllLines(_input, Enumerable.Repeat(new string('x', 1_000), 5_000));
        var disk = new CutDisk();
        Run(disk);
        var middle = disk.After(disk.Calls / 2, CutDisk.Cut.Kept, new Xoshiro256(1));
        File.WriteAllText(_input, "x\n");
        var refused = Assert.IsType<RunOutcome.Refused>(Outcome(new CutDisk(middle), Stream.Null, out _));
        Assert.Contains("has 2 octets, and ", refused.Reasons[0], StringComparison.Ordinal);
    }

    [Fact]
    public void An_input_that_grew_is_read_on_and_another_in_its_place_is_refused()
    {
        string[] lines = [.. Enumerable.Range(0, 5_000).Select(number => $"{number,1000}")];
        File.WriteAllLines(_input, lines);
        var disk = new CutDisk();
        Run(disk);
        var middle = disk.After(disk.Calls / 2, CutDisk.Cut.Kept, new Xoshiro256(1));
        File.AppendAllLines(_input, lines[..10]);
        var (rest, _) = Run(new CutDisk(middle));
        Assert.Contains("line 5010 ", rest, StringComparison.Ordinal);

        // As long as before and longer.
        foreach (int more in (int[])[0, 1_000])
        {
            File.WriteAllLines(_input, Enumerable.Range(0, 5_000 + more).Select(number => $"{number,-1000}"));
            var refused = Assert.IsType<RunOutcome.Refused>(Outcome(new CutDisk(middle), Stream.Null, out _));
            Assert.Contains("it was changed, or is another file", refused.Reasons[0], StringComparison.Ordinal);
        }
    }

    private string RunIn(string folder, string program, long? span, out string log, string input = "input")
    {
        using var output = new MemoryStream();
        using var told = new StringWriter();
        var options = Options with
        {
            Journal = folder,
            For = span,
            Terms = new SwapTerms { Probation = 1_000_000_000 },
            Inputs = [new InputSpec(input, _input)],
        };
        var outcome = SystemRun.Run(
            [CompiledProcess.Compile(program).Bytes],
            options,
            new RunStreams(Stream.Null, output, told),
            CancellationToken.None);
        log = told.ToString() + string.Join('\n', (outcome as RunOutcome.Refused)?.Reasons ?? []);
        Assert.True(outcome is RunOutcome.Ended, log);
        return Encoding.UTF8.GetString(output.ToArray());
    }

    private RunOptions Options => new()
    {
        Inputs = [new InputSpec("input", _input)],
        VirtualTime = true,
        Seed = 3,
    };

    private (string Output, string Log) Run(CutDisk disk, Stream? output = null, long segmentOctets = 1 << 14)
    {
        using var printed = new MemoryStream();
        var outcome = Outcome(disk, output ?? printed, out string log, segmentOctets);
        Assert.True(outcome is RunOutcome.Ended, string.Join('\n', (outcome as RunOutcome.Refused)?.Reasons ?? []));
        return (output is AckStream acks ? acks.All : Encoding.UTF8.GetString(printed.ToArray()), log);
    }

    private RunOutcome Outcome(
        CutDisk disk,
        Stream output,
        out string log,
        long segmentOctets = 1 << 14,
        ReadOnlyMemory<byte>? bundle = null)
    {
        using var told = new StringWriter();
        var options = Options with { JournalDisk = disk, JournalSegmentOctets = segmentOctets };
        var streams = new RunStreams(Stream.Null, output, told);
        var outcome = SystemRun.Run([bundle ?? _bundle], options, streams, CancellationToken.None);
        log = told.ToString();
        return outcome;
    }
}
