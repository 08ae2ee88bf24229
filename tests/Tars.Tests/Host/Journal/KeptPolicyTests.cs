using System.Text;
using Tars.Base;
using Tars.Host;
using Tars.Host.Journal;
using Tars.Sim.Disks;
using Tars.Sim.Swarm;
using Tars.Tests.Lang.Emitting;
using Xunit;

namespace Tars.Tests.Host.Journal;

/// <summary>A module that decides which process runs next does so in a run that is kept, and goes on where it was.
/// </summary>
public sealed class KeptPolicyTests
{
    private const int Beats = 30;

    private static readonly string _workers = string.Concat(((string[])["ada", "bob", "cid"]).Select(name => $$"""
            {{name}}:
              role: Says who comes when.
              journal: durable
              state: { heard: int = 0 }
              handlers:
                message work as number:
                  do: |
                    heard += 1
                    tell out.print(line = "{{name}} {number} {heard}")

        """));

    private static readonly string _program = $$"""
        tars: 1
        module: office
        version: 1.0.0
        summary: Gives work to three at a time.
        capabilities:
          devices: { out: console }
          publish: { work: int }
          subscribe: { work: int }
          timers: { shortest: 1ms }
        agentic:
          agents:
        {{_workers}}
            boss:
              role: Gives work.
              journal: durable
              state: { beats: int = 0 }
              handlers:
                start:
                  do: |
                    every 5ms beat
                timer beat:
                  do: |
                    beats += 1
                    publish("work", beats)
                    if {{Beats}} <= beats { cancel beat }
        """;

    private static readonly ReadOnlyMemory<byte> _bundle = CompiledProcess.Compile(_program).Bytes;
    private static readonly ReadOnlyMemory<byte> _sound = PolicyOf(1_000_000);

    [Theory]
    [InlineData(1_000_000)]
    [InlineData(40)]
    public void A_run_that_is_left_again_and_again_says_what_it_says_in_one_go(int limit)
    {
        var policy = PolicyOf(limit);
        string whole = Run(new CutDisk(), policy, span: null, out string log);
        Assert.Equal(3 * Beats, whole.Count(one => one == '\n'));
        Assert.Equal(limit == 40, log.Contains("it had enough", StringComparison.Ordinal));
        Assert.NotEqual(whole, Run(new CutDisk(), policy: null, span: null, out _)); // Else nobody could tell.

        var disk = new CutDisk();
        var parts = new StringBuilder();
        for (int life = 0; life < 12; life++)
        {
            // It goes on with the module without being told.
            ReadOnlyMemory<byte>? given = life % 3 == 0 ? policy : (ReadOnlyMemory<byte>?)null;
            parts.Append(Run(disk, given, span: 17_000_000, out log));
            disk = new CutDisk(disk.Files);
        }

        Assert.Equal(whole, parts.ToString());
    }

    [Fact]
    public void Whenever_the_power_is_cut_it_decides_as_it_did()
    {
        var disk = new CutDisk();
        string whole = Run(disk, _sound, span: null, out _);
        Assert.InRange(disk.Calls, 20, 2_000);
        for (int calls = 0; calls <= disk.Calls; calls += 3)
        {
            foreach (var cut in (CutDisk.Cut[])[CutDisk.Cut.Kept, CutDisk.Cut.Lost])
            {
                var random = new Xoshiro256((ulong)((calls * 4) + (int)cut));
                string rest = Run(new CutDisk(disk.After(calls, cut, random)), _sound, span: null, out string log);
                Assert.True(whole.EndsWith(rest, StringComparison.Ordinal), $"cut {cut} after {calls}: {log}\n{rest}");
            }
        }
    }

    [Fact]
    public void Each_segment_holds_it_and_replays_with_it()
    {
        var disk = new CutDisk();
        Run(disk, _sound, span: null, out _);
        Assert.InRange(disk.Files.Count, 2, 100);
        string folder = Directory.CreateTempSubdirectory("tars-policy-").FullName;
        try
        {
            foreach (var (name, octets) in disk.Files)
            {
                string path = Path.Combine(folder, name);
                File.WriteAllBytes(path, octets);
                var streams = new RunStreams(Stream.Null, Stream.Null, TextWriter.Null);
                var outcome = Replay.Run(path, new ReplayOptions { Verify = true }, streams, CancellationToken.None);
                var report = Assert.IsType<ReplayOutcome.Ended>(outcome).Report;
                Assert.Equal((null, null), (report.Damage, report.Difference));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_run_does_not_go_on_with_another_policy_than_it_was_begun_with(int shards)
    {
        const string Other =
            "--policy: the journal was begun with another; leave --policy out and it goes on with that";
        var disk = new CutDisk();
        string whole = Run(disk, _sound, span: null, out _, shards);
        Assert.Equal(3 * Beats, whole.Count(one => one == '\n'));
        Assert.Equal("", Run(new CutDisk(disk.Files), _sound, span: null, out _, shards));
        Assert.Equal("", Run(new CutDisk(disk.Files), policy: null, span: null, out _, shards));
        Assert.Equal([Other], Refused(new CutDisk(disk.Files), PolicyOf(7), shards));
        var plain = new CutDisk();
        Run(plain, policy: null, span: null, out _, shards);
        Assert.Equal([Other], Refused(new CutDisk(plain.Files), _sound, shards));

        // Also where the one that is named is the one that a run has where nothing is said.
        Assert.Equal([Other], Refused(new CutDisk(disk.Files), policy: null, shards));
    }

    private static string[] Refused(CutDisk disk, ReadOnlyMemory<byte>? policy, int shards)
    {
        var (outcome, _) = Outcome(disk, policy, span: null, TextWriter.Null, shards, isNamed: true);
        return [.. Assert.IsType<RunOutcome.Refused>(outcome).Reasons];
    }

    private static ReadOnlyMemory<byte> PolicyOf(int limit) => CompiledProcess.Compile(PolicyText.Of(limit)).Bytes;

    private static string Run(
        CutDisk disk, ReadOnlyMemory<byte>? policy, long? span, out string log, int shards = 1)
    {
        using var told = new StringWriter();
        var (outcome, printed) = Outcome(disk, policy, span, told, shards);
        log = told.ToString() + string.Join('\n', (outcome as RunOutcome.Refused)?.Reasons ?? []);
        Assert.True(outcome is RunOutcome.Ended, log);
        return printed;
    }

    private static (RunOutcome Outcome, string Printed) Outcome(
        CutDisk disk, ReadOnlyMemory<byte>? policy, long? span, TextWriter log, int shards, bool isNamed = false)
    {
        using var printed = new MemoryStream();
        var options = new RunOptions
        {
            JournalDisk = disk,
            JournalSegmentOctets = 1 << 13,
            PolicyModule = policy,
            NamesPolicy = isNamed,
            VirtualTime = shards == 1,
            Shards = shards,
            For = span,
            Seed = 3,
        };
        var outcome = SystemRun.Run(
            [_bundle], options, new RunStreams(Stream.Null, printed, log), TestContext.Current.CancellationToken);
        return (outcome, Encoding.UTF8.GetString(printed.ToArray()));
    }
}
