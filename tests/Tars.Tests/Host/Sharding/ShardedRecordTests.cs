using System.Collections.Immutable;
using Tars.Base;
using Tars.Host;
using Tars.Host.Journal;
using Tars.Tests.Lang.Emitting;
using Xunit;

namespace Tars.Tests.Host.Sharding;

/// <summary>A run on several shards is recorded in a folder, and replayed from it, together and shard by shard.
/// </summary>
public sealed class ShardedRecordTests : IDisposable
{
    private const int Rounds = 40;
    private const int Players = 4;

    private readonly string _folder = Directory.CreateTempSubdirectory("tars-srec-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static RunStreams Silent => new(Stream.Null, Stream.Null, TextWriter.Null);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    public void All_shards_replay_together_and_each_alone_to_the_same_state(int shards, bool moves)
    {
        string record = Record("record", shards, moves, out var report);
        CheckReplay(record, shards, report);
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public void A_run_in_which_a_module_decides_on_each_shard_replays(int shards, bool moves)
    {
        string record = Record("record", shards, moves, out var report, policy: """
            tars: 1
            module: chooser
            version: 1.0.0
            summary: Decides who is next.
            implements: scheduler
            state:
              count: int = 0
            handlers:
              ask pick:
                with: { ready: list<Ready> }
                returns: Choice
                do: |
                  count += 1
                  if count > 9 { fail "enough" }
                  return Choice(process = ready[count % ready.len()].process, fuel = 40_000)
            """);
        Assert.Contains(report.ShardPolicies, one => one.Module is { Failure: not null });
        CheckReplay(record, shards, report);
    }

    private static void CheckReplay(string record, int shards, RunReport report)
    {
        var whole = Replayed(record, new ReplayOptions { Verify = true, States = true });
        Assert.Equal((JournalEnd.Closed, null, null), (whole.End, whole.Damage, whole.Difference));
        Assert.Equal(shards, whole.Shards);
        Assert.True(shards <= whole.Points);
        Assert.True(report.Committed <= whole.Transactions);
        long events = 0;
        for (int shard = 0; shard < shards; shard++)
        {
            var alone = Replayed(record, new ReplayOptions { Verify = true, Shard = shard });
            Assert.Equal((JournalEnd.Closed, null, null), (alone.End, alone.Damage, alone.Difference));
            Assert.Equal(1, alone.Shards);
            events += alone.Events;
            var file = Replayed(RecordedShards.FileOf(record, shard), new ReplayOptions { Verify = true });
            Assert.Equal(alone.Events, file.Events);
        }

        Assert.Equal(whole.Events, events);
    }

    [Fact]
    public void Transactions_are_counted_over_all_shards_and_one_less_is_a_step_back()
    {
        string record = Record("record", shards: 3, moves: true, out _);
        long last = Replayed(record, new ReplayOptions()).Transactions;
        var before = Replayed(record, new ReplayOptions { Until = 0, States = true });
        Assert.Equal(0, before.Transactions);
        ReplayReport? earlier = null;
        for (long until = last; last - 5 < until; until--)
        {
            var report = Replayed(record, new ReplayOptions { Until = until, States = true });
            Assert.Equal(until, report.Transactions);
            Assert.Equal(until, Assert.IsType<TransactionView>(report.Last).Number);
            Assert.Null(report.End);

            // A process at a time: what the later transaction changed is its own process.
            var changed = earlier is null ? [] : earlier.States.Where(one => !report.States.Contains(one)).ToArray();
            Assert.All(changed, one => Assert.Equal(earlier!.Last!.Process, one.Process));
            earlier = report;
        }

        Assert.Equal(last, Replayed(record, new ReplayOptions { Until = last + 1 }).Transactions);
    }

    [Fact]
    public void A_shard_of_another_run_is_found_by_its_mail()
    {
        string record = Record("record", shards: 2, moves: false, out _);
        string other = Record("other", shards: 2, moves: false, out _, rounds: Rounds + 1);
        File.Copy(RecordedShards.FileOf(other, 1), RecordedShards.FileOf(record, 1), overwrite: true);
        var report = Replayed(record, new ReplayOptions());
        var difference = Assert.IsType<ReplayDifference>(report.Difference);
        Assert.StartsWith("the mail of shard", difference.What, StringComparison.Ordinal);
        Assert.NotNull(difference.Shard);
        Assert.Null(Replayed(record, new ReplayOptions { Shard = 1, Verify = true }).Difference);
    }

    [Fact]
    public void A_shard_whose_end_is_torn_is_left_out_from_there_and_the_others_are_replayed()
    {
        string record = Record("record", shards: 2, moves: true, out _);
        long events = Replayed(record, new ReplayOptions()).Events;
        string file = RecordedShards.FileOf(record, 1);
        byte[] octets = File.ReadAllBytes(file);
        File.WriteAllBytes(file, octets[..(octets.Length * 2 / 3)]);
        var report = Replayed(record, new ReplayOptions { Verify = true });
        Assert.Equal((JournalEnd.Torn, null, null), (report.End, report.Damage, report.Difference));
        Assert.True(report.Events < events);

        octets[octets.Length / 3] ^= 1;
        File.WriteAllBytes(file, octets);
        report = Replayed(record, new ReplayOptions { Verify = true });
        Assert.StartsWith("shard 1: record", report.Damage, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_about_one_kernel_says_so()
    {
        string record = Record("record", shards: 2, moves: false, out _);
        var again = SystemRun.Run(Bundles(Rounds), new RunOptions { Shards = 2, Record = record }, Silent, Stop);
        Assert.Equal(
            ["--record: it is there already, and a recording replaces nothing"],
            Assert.IsType<RunOutcome.Refused>(again).Reasons);
        string file = RecordedShards.FileOf(record, 0);
        Assert.Single(Assert.IsType<WhatIfOutcome.Refused>(WhatIf.Run(file, new WhatIfOptions(), Stop)).Reasons);
        Assert.Single(Refused(file, new ReplayOptions { Shard = 0 }));
        Assert.Equal(
            ["--shard: there are 2 shards, counted from zero"], Refused(record, new ReplayOptions { Shard = 2 }));
        string second = RecordedShards.FileOf(record, 1);
        byte[] octets = File.ReadAllBytes(second);
        File.Delete(second);
        Assert.Equal(
            ["it holds the journal of one shard, and those of the others are not there"],
            Refused(record, new ReplayOptions()));
        Assert.Null(Replayed(record, new ReplayOptions { Shard = 0 }).Difference);
        File.WriteAllBytes(second, octets);
        File.Delete(file);
        Assert.Single(Refused(record, new ReplayOptions()));
        File.Copy(RecordedShards.FileOf(record, 1), file);
        Assert.All(Refused(record, new ReplayOptions()), one => Assert.Contains("not a shard of this run", one,
            StringComparison.Ordinal));
    }

    private string Record(
        string name, int shards, bool moves, out RunReport report, int rounds = Rounds, string? policy = null)
    {
        string folder = Path.Combine(_folder, name);
        var random = new Xoshiro256(7);
        var options = new RunOptions
        {
            Shards = shards,
            Record = folder,
            PolicyModule = policy is null ? (ReadOnlyMemory<byte>?)null : CompiledProcess.Compile(policy).Bytes,
            PlacementEvery = moves ? 1_000_000 : 1_000_000_000_000,
            Placement = plan =>
            {
                int module = random.Next(Players);
                int shard = random.Next(shards);
                return plan.ShardOf(module) == shard ? null : (module, shard);
            },
        };
        report = Assert.IsType<RunOutcome.Ended>(SystemRun.Run(Bundles(rounds), options, Silent, Stop)).Report;
        Assert.Null(report.RecordError);
        return folder;
    }

    private static ReplayReport Replayed(string path, ReplayOptions options) =>
        Assert.IsType<ReplayOutcome.Ended>(Replay.Run(path, options, Silent, Stop)).Report;

    private static ImmutableArray<string> Refused(string path, ReplayOptions options) =>
        Assert.IsType<ReplayOutcome.Refused>(Replay.Run(path, options, Silent, Stop)).Reasons;

    private static ReadOnlyMemory<byte>[] Bundles(int rounds) =>
        [.. Enumerable.Range(0, Players).Select(one => CompiledProcess.Compile(Program(one, rounds)).Bytes)];

    // Hands balls round, and asks who comes next now and then.
    private static string Program(int index, int rounds) => $$"""
        tars: 1
        module: p{{index}}
        version: 1.0.0
        summary: Hands balls on.
        types:
          Ball: { number: int, left: int }
        capabilities:
          subscribe: { ball/{{index}}: Ball }
          publish: { ball/{{(index + 1) % Players}}: Ball, over: bool }
        agentic:
          agents:
            player:
              role: Hands balls on.
              mailbox: { length: 6, when_full: block }
              state:
                seen: int = 0
                last: map<int, int> = []
              handlers:
                start:
                  do: |
                    for i in 0..10 {
                      publish("ball/{{(index + 1) % Players}}", Ball(number = i, left = {{rounds}}))
                    }
                message ball/{{index}} as ball:
                  do: |
                    seen += random_int(1, 9)
                    last[ball.number] = ball.left
                    if ball.left > 0 {
                      publish("ball/{{(index + 1) % Players}}", Ball(number = ball.number, left = ball.left - 1))
                    } else { publish("over", true) }
        """;
}
