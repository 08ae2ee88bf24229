using Tars.Bundle.Manifest;
using Tars.Kernel.Ports;
using Xunit;

namespace Tars.Tests.Kernel.Sharding;

/// <summary>Processes of several shards that wait for each other, for answers and for room: who would do so for ever is
/// refused, and nobody else.</summary>
public sealed class ShardedWaitsTests
{
    private const int Count = Players.PlayersMax;

    public static IEnumerable<TheoryDataRow<int, ulong>> Seeds =>
        from shards in Enumerable.Range(2, 3)
        from seed in Enumerable.Range(1, 20)
        select new TheoryDataRow<int, ulong>(shards, (ulong)seed);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_cycle_of_an_ask_and_of_mail_that_waits_for_credit_is_found(int shards, ulong seed)
    {
        var players = new Players(Count, shards, seed, WhenFull.Block);
        players.Go(1, Players.Ask, to: 0, count: 0);
        Tell(players, to: 1, times: 70);
        Assert.True(256 <= players.Sent(0, 1).Length, "nobody waits for credit");
        players.Rest();
        AllAreIdle(players);
        Assert.Contains(players.Said, one => one.Text is "value 100"
            || one.Text.StartsWith("failure refused: waiting would close a cycle: player #", StringComparison.Ordinal));
        AllIsTakenOrTold(players);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Who_waits_for_credit_goes_on_as_long_as_one_of_its_receivers_does(int shards, ulong seed)
    {
        var players = new Players(Count, shards, seed, WhenFull.Block);
        players.Go(1, Players.Ask, to: 0, count: 0);
        Tell(players, to: 2, times: 40);
        Tell(players, to: 1, times: 30);
        players.Rest();
        AllAreIdle(players);
        if (players.System.Plan.ShardOf(0) != players.System.Plan.ShardOf(1))
        {
            Assert.DoesNotContain(players.Audits, one => one.Reason.Contains("cycle", StringComparison.Ordinal));
            Assert.Equal(players.Sent(0, 1), players.Got(0, 1));
            Assert.Contains(players.Said, one => one.Text == "value 100");
        }

        AllIsTakenOrTold(players);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_cycle_through_everybody_costs_one_wait(int shards, ulong seed)
    {
        var players = new Players(Count, shards, seed, WhenFull.Reject);
        for (int player = 0; player < Count; player++)
        {
            players.Go(player, Players.Ask, (player + 1) % Count, count: 0);
        }

        players.Rest();
        AllAreIdle(players);
        int refused = players.Said.Count(one => one.Text.Contains("failure refused", StringComparison.Ordinal));
        int answered = players.Said.Count(one => one.Text.StartsWith("value 10", StringComparison.Ordinal));
        Assert.Equal(Count, refused + answered);
        Assert.True(refused <= 1, $"{refused} were refused where one is enough");
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Whatever_they_do_all_come_to_rest(int shards, ulong seed)
    {
        var players = new Players(Count, shards, seed, WhenFull.Block, mailbox: 2, running: seed % 2 == 0);
        var random = new Tars.Base.Xoshiro256(seed);
        for (int round = 0; round < 60; round++)
        {
            int from = random.Next(Count);
            int to = (from + 1 + random.Next(Count - 1)) % Count;
            int act = random.Next(5) switch { 0 => Players.Storm, < 3 => Players.Ask, _ => Players.Tell };
            players.Go(from, act, to, act == Players.Ask ? random.Next(3) : 1 + random.Next(8));
            for (int ticks = random.Next(20); 0 < ticks && players.System.Tick(); ticks--)
            {
                // One thing after the other, as the seed says.
            }

            int module = random.Next(Count);
            if (round % 6 == 0)
            {
                players.System.Move(module, (players.System.Plan.ShardOf(module) + 1) % shards);
            }
        }

        players.Rest();
        AllAreIdle(players);
    }

    // Four at a time, as one event may send; what comes beyond the credit waits.
    private static void Tell(Players players, int to, int times)
    {
        for (int left = times; 0 < left; left--)
        {
            players.Go(0, Players.Tell, to, count: 4);
        }
    }

    private static void AllAreIdle(Players players) => Assert.All(
        players.System.Kernels.SelectMany(kernel => kernel.Status()),
        one => Assert.Equal((ProcessActivity.Idle, 0), (one.Activity, one.Waiting)));

    private static void AllIsTakenOrTold(Players players)
    {
        long missing = 0;
        for (int pair = 0; pair < Count * Count; pair++)
        {
            long[] sent = players.Sent(pair / Count, pair % Count);
            long[] got = players.Got(pair / Count, pair % Count);
            Assert.Equal(sent.Where(got.Contains), got);
            missing += sent.Length - got.Length;
        }

        Assert.Equal(missing, players.Audits.Where(one => one.Effect == "send").Sum(one => (long)one.Count));
    }
}
