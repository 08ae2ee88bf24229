using System.Text;
using System.Text.RegularExpressions;
using Tars.Base;
using Tars.Host;
using Tars.Sim.Disks;
using Tars.Tests.Lang.Emitting;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Host.Journal;

/// <summary>What a run prints and logs waits to be written out. Its journal says that it has left only when it has: who
/// is killed at any call of the disk has shown every line, or shows it when it goes on.</summary>
public sealed partial class LeftOutputTests
{
    private const int Beats = 300;
    private const int CutsMax = 12;
    private const long NanosecondsMax = 20_000_000_000;

    // It never rests: whoever rests has written out all that it has.
    private const string First = """
        tars: 1
        module: first
        version: 1.0.0
        summary: Counts, and tells another.
        capabilities:
          devices: { out: console }
          subscribe: { again: int }
          publish: { again: int, beat: int }
        agentic:
          agents:
            heart:
              role: Counts.
              journal: durable
              handlers:
                start:
                  do: |
                    publish("again", 1)
                message again as number:
                  do: |
                    tell out.print(line = "a {number}")
                    log("a {number}")
                    publish("beat", number)
                    if number < BEATS { publish("again", number + 1) }
        """;

    private const string Second = """
        tars: 1
        module: second
        version: 1.0.0
        summary: Hears what the other counts.
        capabilities:
          devices: { out: console }
          subscribe: { beat: int }
        agentic:
          agents:
            ear:
              role: Hears.
              mailbox: { length: 64, when_full: block }
              journal: durable
              state: { heard: int = 0 }
              handlers:
                message beat as number:
                  do: |
                    heard += 1
                    tell out.print(line = "b {number}")
                    log("b {number}")
        """;

    private static readonly Lazy<ReadOnlyMemory<byte>[]> _bundles = new(() =>
    [
        CompiledProcess.Compile(First.Replace("BEATS", $"{Beats}", StringComparison.Ordinal)).Bytes,
        CompiledProcess.Compile(Second).Bytes,
    ]);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Who_is_killed_has_shown_every_line_or_shows_it_when_he_goes_on(int shards)
    {
        var first = Run(new CutDisk(), shards);
        Assert.Null(Missing(first.All));
        int stride = 1 + (first.Disk.Calls / CutsMax);
        for (int calls = 0; calls <= first.Disk.Calls; calls += stride)
        {
            foreach (var cut in (CutDisk.Cut[])[CutDisk.Cut.Kept, CutDisk.Cut.Lost])
            {
                var random = new Xoshiro256((ulong)((calls * 4) + (int)cut));
                var second = Run(new CutDisk(first.Disk.After(calls, cut, random)), shards);
                Assert.Null(Missing(first.Before(calls), second.All));
            }
        }
    }

    // What was on the disk and had not left leaves as the run begins again; then that is marked.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Who_is_killed_as_he_goes_on_has_shown_every_line_or_shows_it_the_next_time(int shards)
    {
        var first = Run(new CutDisk(), shards);
        int stride = 1 + (first.Disk.Calls / (CutsMax / 2));
        for (int calls = stride; calls <= first.Disk.Calls; calls += stride)
        {
            var random = new Xoshiro256((ulong)calls);
            var second = Run(new CutDisk(first.Disk.After(calls, CutDisk.Cut.Kept, random)), shards);
            for (int again = 1; again <= Math.Min(second.Disk.Calls, 6); again++)
            {
                var third = Run(new CutDisk(second.Disk.After(again, CutDisk.Cut.Kept, random)), shards);
                Assert.Null(Missing(first.Before(calls), second.Before(again), third.All));
            }
        }
    }

    // Of all that was shown, in the output and in the log: the first line that is missing.
    private static string? Missing(params Shown[] lives) =>
        WhyNot("printed", string.Concat(lives.Select(one => one.Printed)))
        ?? WhyNot("logged", string.Concat(lives.Select(one => one.Logged)));

    private static string? WhyNot(string what, string text)
    {
        var lines = Said().Matches(text).Select(one => one.Value).ToHashSet(StringComparer.Ordinal);
        return "ab".SelectMany(_ => Enumerable.Range(1, Beats), (who, beat) => $"{who} {beat}")
            .Where(line => !lines.Contains(line)).Select(line => $"{what} is never: {line}").FirstOrDefault();
    }

    private static Life Run(CutDisk disk, int shards)
    {
        var printed = new AckStream(disk);
        var log = new AckStream(disk);
        using var logged = new StreamWriter(log, Encoding.UTF8, bufferSize: 1 << 16, leaveOpen: true);
        var options = new RunOptions
        {
            JournalDisk = disk,
            JournalSegmentOctets = 1 << 12,
            VirtualTime = shards == 1,
            Shards = shards,
            For = NanosecondsMax,
            Seed = 3,
        };
        var outcome = SystemRun.Run(
            _bundles.Value,
            options,
            new RunStreams(Stream.Null, printed, logged),
            TestContext.Current.CancellationToken);
        logged.Flush(); // As who has started the run does.
        string refused = string.Join('\n', (outcome as RunOutcome.Refused)?.Reasons ?? []);
        Assert.True(outcome is RunOutcome.Ended, refused + log.All);
        return new Life(disk, printed, log);
    }

    [GeneratedRegex("[ab] [0-9]+(?=\n)")]
    private static partial Regex Said();

    private sealed record Life(CutDisk Disk, AckStream Printed, AckStream Logged)
    {
        public Shown All => new(Printed.All, Logged.All);

        public Shown Before(int calls) => new(Printed.Before(calls), Logged.Before(calls));
    }

    private sealed record Shown(string Printed, string Logged);
}
