using System.Text.RegularExpressions;
using Tars.Base;
using Tars.Host;
using Tars.Sim.Disks;
using Tars.Tests.Lang.Emitting;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Host.Journal;

/// <summary>Who was killed has written what he had not synced, and goes on from it: what he says then is not taken back
/// by a power cut either.</summary>
public sealed partial class KeptTwiceTests
{
    private const int KillsMax = 20;

    private const string Program = """
        tars: 1
        module: clock
        version: 1.0.0
        summary: Says what no other life would say again.
        capabilities:
          devices: { out: console }
          timers: { shortest: 1ms }
        agentic:
          agents:
            hand:
              role: Says what it hears of the time.
              journal: durable
              state: { ticks: int = 0 }
              handlers:
                start:
                  do: |
                    every 1ms tick
                timer tick:
                  do: |
                    ticks += 1
                    tell out.print(line = "tick {ticks} at {now()}")
        """;

    private static readonly ReadOnlyMemory<byte> _bundle = CompiledProcess.Compile(Program).Bytes;

    [Fact]
    public void What_a_start_shows_of_a_killed_run_is_synced_before()
    {
        int shownAtOnce = 0;
        int kills = 0;
        var (first, _) = Run(new CutDisk(), milliseconds: 400);
        for (int calls = 4; calls <= first.Calls && kills < KillsMax; calls++)
        {
            var killed = new CutDisk(first.After(calls, CutDisk.Cut.Kept, new Xoshiro256(1)))
            {
                SyncedSizes = first.SyncedAfter(calls),
            };
            if (killed.SyncedSizes.Count == 0)
            {
                continue; // All of it was synced.
            }

            kills++;
            var (second, said) = Run(killed, milliseconds: 2);
            for (int cut = 0; cut <= 6; cut++)
            {
                string seen = said.Before(cut);
                shownAtOnce += seen.Length == 0 ? 0 : 1;
                var left = second.After(cut, CutDisk.Cut.Lost, new Xoshiro256(1));
                var (_, rest) = Run(new CutDisk(left), milliseconds: 6);
                var told = Ticks(rest.All).ToDictionary(one => one.Number, one => one.Line);
                foreach (var (number, line) in Ticks(seen))
                {
                    Assert.Equal(line, told.GetValueOrDefault(number, line));
                }
            }
        }

        Assert.NotEqual(0, shownAtOnce);
    }

    private static IEnumerable<(int Number, string Line)> Ticks(string text) =>
        Tick().Matches(text).Select(one => (int.Parse(one.Groups[1].ValueSpan, null), one.Value));

    private static (CutDisk Disk, AckStream Said) Run(CutDisk disk, int milliseconds)
    {
        var said = new AckStream(disk);
        var options = new RunOptions { JournalDisk = disk, For = milliseconds * 1_000_000L, Seed = 3 };
        var outcome = SystemRun.Run(
            [_bundle], options, new RunStreams(Stream.Null, said, TextWriter.Null), CancellationToken.None);
        Assert.True(outcome is RunOutcome.Ended, string.Join('\n', (outcome as RunOutcome.Refused)?.Reasons ?? []));
        return (disk, said);
    }

    [GeneratedRegex("tick ([0-9]+) at .*")]
    private static partial Regex Tick();
}
