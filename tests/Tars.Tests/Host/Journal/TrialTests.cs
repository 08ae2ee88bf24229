using System.Text;
using Tars.Base;
using Tars.Evolution.Trials;
using Tars.Host;
using Tars.Host.Journal;
using Tars.Tests.Lang.Emitting;
using Xunit;

namespace Tars.Tests.Host.Journal;

/// <summary>Other code is given what was recorded, and is told apart by what it sends and by nothing else.</summary>
public sealed class TrialTests : IDisposable
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private const string Program = """
        tars: 1
        module: gauge
        version: 1.0.0
        summary: Weighs lines, draws lots and counts time.

        capabilities:
          devices: { input: lines, out: console, dice: random }
          publish: { grown: int }
          subscribe: { grown: int }
          timers: { shortest: 1ms }

        agentic:
          agents:
            reader:
              role: Reads.
              journal: LEVEL
              state:
                total: int = 0
                ticks: int = 0
              handlers:
                start:
                  do: |
                    every 7ms beat
                timer beat:
                  do: |
                    ticks += 1
                    if ticks % 4 == 0 { tell out.print(line = "tick {ticks}") }
                    if 40 <= ticks { cancel beat }
                device input as line:
                  do: |
                    let content = line else { return }
                    let size = content.size()
                    if size == 13 { fail "thirteen" }
                    total += size
                    publish("grown", size)
                    if size % 5 == 0 {
                      let lot = ask dice.octets(count = 2) within 1s else { return }
                      tell out.print(line = "lot {lot.len()} of {size}")
                    }
                    tell out.print(line = "line {size} total {total}")
            counter:
              role: Counts.
              state:
                seen: int = 0
              handlers:
                message grown as size:
                  do: |
                    seen += 1
                    if seen % 10 == 0 { log("ten more") }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("tars-trial-").FullName;
    private readonly string _input;

    public TrialTests()
    {
        _input = Path.Combine(_folder, "lines");
        File.WriteAllLines(_input, Enumerable.Range(0, 60).Select(number => new string('x', number * 7 % 23)));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_same_code_sends_the_same()
    {
        string log = Record(Of("recent"));
        var report = Tried(Trial.Run(log, [Bytes(Of("recent"))], Stop));
        Assert.Equal((report.Events, null, 0), (report.Tried, report.Inconclusive, report.Differences));
        Assert.True(80 < report.Outputs);
    }

    [Fact]
    public void Code_that_sends_something_else_is_told_by_what_it_sends_and_where()
    {
        string log = Record(Of("recent"));
        string edited = Of("recent").Replace(
            "if ticks % 4 == 0 {",
            "if ticks == 12 { tell out.print(line = \"tock 12\") } else { if ticks % 4 == 0 {",
            StringComparison.Ordinal).Replace("\"tick {ticks}\") }", "\"tick {ticks}\") } }", StringComparison.Ordinal);
        var outcome = Trial.Run(log, [Bytes(edited)], Stop);
        var report = Tried(outcome);
        Assert.Null(report.Inconclusive);
        Assert.Equal(
            [(false, "gauge.reader tells out.print {\"line\":\"tick 12\"}"),
                (true, "gauge.reader tells out.print {\"line\":\"tock 12\"}")],
            report.Shown.Select(one => (one.IsNew, one.Text)));
        Assert.Equal(report.Shown[0].Event, report.Shown[1].Event);
        string[] lines = [.. TrialText.Of(outcome, 95)];
        Assert.Equal(3, lines.Length);
        Assert.EndsWith(" outputs, 2 differences", lines[0], StringComparison.Ordinal);
        Assert.Null(TrialText.WhyNot(outcome, 95));
    }

    [Fact]
    public void Where_it_asks_what_was_not_asked_the_trial_ends_and_is_not_comparable()
    {
        string log = Record(Of("recent"));
        string edited = Of("recent").Replace("count = 2)", "count = 3)", StringComparison.Ordinal);
        var outcome = Trial.Run(log, [Bytes(edited)], Stop);
        var report = Tried(outcome);
        Assert.InRange(report.Tried, 1, report.Events / 2);
        Assert.Equal(
            "gauge.reader asks dice.octets {\"count\":3}, which the recorded run did not ask, or not so often",
            report.Inconclusive);
        Assert.False(report.IsComparable(95));
        string[] lines = [.. TrialText.Of(outcome, 95)];
        Assert.StartsWith(
            $"inconclusive after event {report.Tried} of {report.Events}: ", lines[0], StringComparison.Ordinal);
        Assert.Equal(lines[^1], TrialText.WhyNot(outcome, 95));
        Assert.StartsWith("not comparable: ", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_timer_that_is_new_ticks_between_the_recorded_events()
    {
        string log = Record(Of("recent"));
        string edited = Of("recent").Replace("every 7ms beat", "every 1ms beat", StringComparison.Ordinal)
            .Replace("ticks % 4 == 0", "ticks % 2 == 0", StringComparison.Ordinal);
        var report = Tried(Trial.Run(log, [Bytes(edited)], Stop));
        Assert.Equal((null, 10), (report.Inconclusive, report.Differences));
        Assert.All(report.Shown, one => Assert.True(one.IsNew));

        // Forty of them are over while seven times the old one ticked six times.
        Assert.InRange(report.Shown.Max(one => one.Event) - report.Shown.Min(one => one.Event), 4, 7);
    }

    [Fact]
    public void Where_a_journal_begins_with_a_checkpoint_the_version_is_swapped_in()
    {
        var segments = Kept(Of("durable"));
        string edited = Of("durable").Replace("1.0.0", "1.1.0", StringComparison.Ordinal)
            .Replace("ticks: int = 0", "ticks: int = 0\n        more: int = 5", StringComparison.Ordinal);
        foreach (string segment in segments)
        {
            var same = Tried(Trial.Run(segment, [Bytes(Of("durable"))], Stop));
            Assert.Equal((same.Events, null, 0), (same.Tried, same.Inconclusive, same.Differences));
            var report = Tried(Trial.Run(segment, [Bytes(edited)], Stop));
            Assert.Equal((report.Events, null, 0), (report.Tried, report.Inconclusive, report.Differences));
        }

        string unfit = Of("durable").Replace(
            "total: int = 0", "total: text = \"\"", StringComparison.Ordinal)
            .Replace("total += size", "total = \"{size}\"", StringComparison.Ordinal);
        var refused = Assert.IsType<TrialOutcome.Refused>(Trial.Run(segments[^1], [Bytes(unfit)], Stop));
        Assert.StartsWith(
            "the swap is refused: reader.total: `int` before, `text` now", Assert.Single(refused.Reasons),
            StringComparison.Ordinal);
    }

    // What was left to do at a checkpoint is done in the step in which the version takes over, before the first event.
    [Fact]
    public void A_trap_that_the_recorded_code_had_behind_a_checkpoint_is_no_new_one()
    {
        File.WriteAllLines(_input, Enumerable.Repeat("seven..", 20_000));
        string text = Of("durable")
            .Replace("grown: int }", "grown: int, hop: int }", StringComparison.Ordinal)
            .Replace("seen += 1", "seen += 1\n            if seen % 1_000 == 1 { publish(\"hop\", 0) }",
                StringComparison.Ordinal)
            + """

                message hop as left:
                  do: |
                    if left < 500 { publish("hop", left + 1) }
            judge:
              role: Traps now and then.
              handlers:
                message hop as left:
                  do: |
                    assert left % 17 != 0
        """;
        foreach (string segment in Kept(text))
        {
            var same = Tried(Trial.Run(segment, [Bytes(text)], Stop));
            Assert.Equal((null, 0), (same.Inconclusive, same.Differences));
            Assert.Empty(same.ShownTraps);
            Assert.Equal(0, same.Traps);
        }
    }

    [Fact]
    public void Modules_that_did_not_run_are_not_tried()
    {
        string log = Record(Of("recent"));
        string other = Of("recent").Replace("module: gauge", "module: other", StringComparison.Ordinal);
        var refused = Assert.IsType<TrialOutcome.Refused>(Trial.Run(log, [Bytes(other)], Stop));
        Assert.Equal("no module other runs in it", Assert.Single(refused.Reasons));
        byte[] bundle = Bytes(Of("recent"));
        refused = Assert.IsType<TrialOutcome.Refused>(Trial.Run(log, [bundle, bundle], Stop));
        Assert.Equal("a module is given twice", Assert.Single(refused.Reasons));
        Assert.IsType<TrialOutcome.Refused>(Trial.Run(_input, [bundle], Stop));
    }

    [Fact]
    public void A_changed_octet_of_the_recording_makes_nothing_throw()
    {
        byte[] whole = File.ReadAllBytes(Record(Of("recent")));
        byte[] bundle = Bytes(Of("recent"));
        var random = new Xoshiro256(7);
        for (int round = 0; round < 25; round++)
        {
            byte[] octets = [.. whole];
            octets[random.Next(octets.Length)] ^= (byte)(1 + random.Next(255));
            string path = Path.Combine(_folder, "damaged");
            File.WriteAllBytes(path, octets[..(octets.Length - random.Next(40))]);
            Assert.NotNull(Trial.Run(path, [bundle], Stop));
        }
    }

    [Fact]
    public void The_differences_are_as_few_as_there_can_be()
    {
        var random = new Xoshiro256(3);
        for (int round = 0; round < 400; round++)
        {
            var (old, now) = (Draw(random), Draw(random));
            var differences = OutputDiff.Of(old, now);
            Assert.Equal(old.Length + now.Length - (2 * Common(old, now)), differences.Count);
            var gone = differences.Where(one => !one.IsNew).Select(one => one.Event).ToHashSet();
            var added = differences.Where(one => one.IsNew).Select(one => one.Event).ToHashSet();
            Assert.Equal(
                old.Where(one => !gone.Contains(one.Event)).Select(one => one.Text),
                now.Where(one => !added.Contains(one.Event)).Select(one => one.Text));
        }
    }

    private static TrialOutput[] Draw(Xoshiro256 random) =>
        [.. Enumerable.Range(0, random.Next(25)).Select(place => new TrialOutput(place, $"{random.Next(4)}"))];

    private static int Common(TrialOutput[] old, TrialOutput[] now)
    {
        int[,] longest = new int[old.Length + 1, now.Length + 1];
        for (int left = 0; left < old.Length; left++)
        {
            for (int right = 0; right < now.Length; right++)
            {
                longest[left + 1, right + 1] = old[left].Text == now[right].Text
                    ? longest[left, right] + 1
                    : Math.Max(longest[left, right + 1], longest[left + 1, right]);
            }
        }

        return longest[old.Length, now.Length];
    }

    private static TrialReport Tried(TrialOutcome outcome)
    {
        string why = string.Join('\n', (outcome as TrialOutcome.Refused)?.Reasons ?? []);
        Assert.True(outcome is TrialOutcome.Tried, why);
        return ((TrialOutcome.Tried)outcome).Report;
    }

    private static string Of(string level) => Program.Replace("LEVEL", level, StringComparison.Ordinal);

    private static byte[] Bytes(string program) => [.. CompiledProcess.Compile(program).Bytes.Span];

    private string Record(string program)
    {
        string log = Path.Combine(_folder, "log");
        File.Delete(log);
        Run(program, new RunOptions { Record = log });
        return log;
    }

    // The segments that begin with a checkpoint.
    private string[] Kept(string program)
    {
        string folder = Path.Combine(_folder, "kept");
        Run(program, new RunOptions { Journal = folder, JournalSegmentOctets = 1 << 13 });
        string[] segments = [.. Directory.GetFiles(folder, "*.tarslog").Order(StringComparer.Ordinal)];
        Assert.True(2 < segments.Length);

        // The last was begun as the run was left, and holds no event.
        return segments[1..^1];
    }

    private void Run(string program, RunOptions options)
    {
        using var output = new MemoryStream();
        var outcome = SystemRun.Run(
            [Bytes(program)],
            options with { Inputs = [new InputSpec("input", _input)], VirtualTime = true, Seed = 5 },
            new RunStreams(Stream.Null, output, TextWriter.Null),
            Stop);
        Assert.True(outcome is RunOutcome.Ended, string.Join('\n', (outcome as RunOutcome.Refused)?.Reasons ?? []));
        Assert.Contains("tick 40", Encoding.UTF8.GetString(output.ToArray()), StringComparison.Ordinal);
    }
}
