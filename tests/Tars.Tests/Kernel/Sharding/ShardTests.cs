using Tars.Base;
using Tars.Bundle.Manifest;
using Tars.Kernel.Ipc;
using Tars.Kernel.Ports;
using Tars.Kernel.Sharding;
using Xunit;

namespace Tars.Tests.Kernel.Sharding;

/// <summary>
/// A system on several shards behaves as on one: order, bounds, asks and ends, whatever the turns of the shards.
/// </summary>
public sealed class ShardTests
{
    private const int Count = Players.PlayersMax;

    public static IEnumerable<TheoryDataRow<WhenFull, int, ulong>> Seeds =>
        from whenFull in Enum.GetValues<WhenFull>()
        from shards in Enumerable.Range(2, 3)
        from seed in Enumerable.Range(1, 12)
        select new TheoryDataRow<WhenFull, int, ulong>(whenFull, shards, (ulong)seed);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Each_receiver_gets_what_each_sender_sent_in_its_order_and_once(
        WhenFull whenFull, int shards, ulong seed)
    {
        bool running = seed % 2 == 0;
        var players = new Players(Count, shards, seed, whenFull, running: running);
        var random = new Xoshiro256(seed);
        for (int round = 0; round < 60; round++)
        {
            int act = random.Next(8) switch { < 5 => Players.Tell, < 7 => Players.Say, _ => Players.TellAndTrap };
            players.Go(random.Next(Count), act, random.Next(Count), 1 + random.Next(4));
            for (int ticks = random.Next(12); 0 < ticks && players.System.Tick(); ticks--)
            {
                if (whenFull != WhenFull.DropOldest && !running)
                {
                    Assert.All(
                        players.System.Kernels.SelectMany(kernel => kernel.Status()),
                        one => Assert.True(one.Waiting <= 4, "a mailbox overflows"));
                }
            }
        }

        players.Rest();
        long missing = 0;
        for (int pair = 0; pair < Count * Count; pair++)
        {
            long[] sent = players.Sent(pair / Count, pair % Count);
            long[] got = players.Got(pair / Count, pair % Count);
            Assert.Equal(sent.Where(got.Contains), got);
            missing += sent.Length - got.Length;
        }

        int refused = players.Audits.Where(one => one.Effect is "send" or "drop_oldest" or "publish")
            .Sum(one => one.Count);
        Assert.True(missing == 0 || 0 < refused, "what was not taken was not told");
        if (whenFull == WhenFull.Block)
        {
            int cycles = players.Audits.Count(one => one.Reason.Contains("cycle", StringComparison.Ordinal));
            Assert.True(missing == 0 || 0 < cycles, "a message was lost");
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void An_ask_goes_over_all_shards_and_its_answer_comes_back(int shards)
    {
        var players = new Players(Count, shards, seed: 3, WhenFull.Reject);
        players.Go(0, Players.Ask, to: 1, count: 2);
        players.Rest();
        Assert.Contains(players.Said, one => one.Text == "value 103");
    }

    [Theory]
    [InlineData(2, 3)]
    [InlineData(3, 3)]
    [InlineData(4, 3)]
    [InlineData(4, 7)]
    public void Asks_that_close_a_circle_over_shards_are_refused_without_a_time_out(int shards, int length)
    {
        var players = new Players(Count, shards, seed: 5, WhenFull.Reject);
        players.Go(0, Players.Ask, to: 1, length);
        players.Rest();
        Assert.Contains(
            players.Said,
            one => one.Text.Contains("failure refused: waiting would close a cycle: ", StringComparison.Ordinal));
        Assert.Contains(players.Said, one => one.Text == "value -1");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Senders_that_block_each_other_over_shards_are_found(ulong seed)
    {
        var players = new Players(Count, shards: 2, seed, WhenFull.Block, mailbox: 2);
        players.Go(0, Players.Storm, to: 1, count: 12);
        players.Rest();
        Assert.All(
            players.System.Kernels.SelectMany(kernel => kernel.Status()),
            one => Assert.Equal(ProcessActivity.Idle, one.Activity));
        Assert.Contains(players.Audits, one => one.Reason.Contains("cycle", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_sent_to_a_process_that_has_ended_is_refused_and_an_ask_of_it_answered()
    {
        var players = new Players(Count, shards: 2, seed: 1, WhenFull.Block);
        players.Go(1, Players.Leave);
        players.Rest();
        players.Go(0, Players.Tell, to: 1, count: 2);
        players.Go(2, Players.Ask, to: 1);
        players.Rest();
        Assert.Equal(2, players.Audits.Count(one => one is { Effect: "send", Reason: "the process has ended" }));
        Assert.Contains(players.Said, one => one.Text == "failure gone: the process has ended");
    }

    [Fact]
    public void Equal_seeds_give_equal_runs_and_each_shard_repeats()
    {
        string First() => string.Join('\n', Played().Said.Select(one => $"{one.Process} {one.Text}"));
        Assert.Equal(First(), First());
    }

    [Fact]
    public void A_system_on_several_shards_stops()
    {
        var players = Played();
        players.System.Stop();
        players.Rest();
        Assert.All(players.System.Kernels, kernel => Assert.Empty(kernel.Status()));
    }

    [Fact]
    public void A_swap_of_a_module_that_lives_elsewhere_is_refused_and_nothing_changes()
    {
        var players = Played();
        int alive = players.System.Kernels[1].Status().Count();
        var now = players.System.Now;
        players.System.Step(1, KernelEvent.Swap.Of(now, players.Image.Modules[0], new SwapTerms()));
        players.Rest();
        Assert.Equal(["it lives on another shard"], players.Swaps.Single().Refusals);
        Assert.Equal(alive, players.System.Kernels[1].Status().Count());
    }

    [Fact]
    public void Mail_of_a_shard_that_comes_twice_or_is_no_mail_is_told_and_changes_nothing()
    {
        var players = Played();
        var before = players.System.Kernels[0].StateDigest().Value;
        int told = players.Audits.Count;
        var random = new Xoshiro256(11);
        var now = players.System.Now;
        players.System.Step(0, new KernelEvent.FromShard(now, Shard: 1, Sequence: 1, [1, 2, 3]));
        players.System.Step(0, new KernelEvent.FromShard(now, Shard: 9, Sequence: 1, []));
        Assert.Equal(told + 2, players.Audits.Count);
        Assert.Equal(before, players.System.Kernels[0].StateDigest().Value);
        for (int tries = 0; tries < 2_000; tries++)
        {
            // The link of a shard to itself has carried nothing yet, so its numbers can be told.
            byte[] records = [.. Enumerable.Range(0, 1 + random.Next(40)).Select(_ => (byte)random.Next(8))];
            players.System.Step(0, new KernelEvent.FromShard(now, Shard: 0, Sequence: tries + 1, [.. records]));
        }

        players.Rest();
        players.Go(0, Players.Tell, to: 1);
        players.Rest();
        Assert.Equal(players.Sent(0, 1)[^1], players.Got(0, 1)[^1]);
    }

    [Theory]
    [InlineData(1, 2, long.MaxValue)]
    [InlineData(1, 9_000, 1)]
    [InlineData(1_000_000, 0, 1)]
    public void A_probe_that_no_shard_would_send_is_told_and_followed_nowhere(int nodes, int edges, long number)
    {
        var players = Played();
        int told = players.Audits.Count;
        var record = new ByteWriter();
        record.U8((byte)ShardTag.Probe);
        record.U16(0); // Hops.
        record.U32(0); // Nothing is known of a first look.
        record.U32((uint)nodes);
        for (int node = 1; node <= Math.Min(nodes, 10_000); node++)
        {
            record.I64(node);
            record.U8(1); // It is known,
            record.U32(0);
            record.I64(1);
            record.I64(2); // and so many of its messages are on their way.
            record.U8(0);
            record.U32((uint)edges);
            for (int edge = 0; edge < edges; edge++)
            {
                record.U8((byte)WaitKind.Credit);
                record.I64(node + 1);
                record.I64(number);
                record.U8(1);
            }
        }

        var mail = new KernelEvent.FromShard(players.System.Now, Shard: 0, Sequence: 1, [.. record.Written]);
        players.System.Step(0, mail);
        Assert.Equal(told + 1, players.Audits.Count);
        players.Rest();
    }

    [Fact]
    public void What_a_step_cannot_send_to_other_shards_is_refused_and_the_rest_keeps_its_order()
    {
        var players = new Players(Count, shards: 2, seed: 1, WhenFull.Block);
        players.System.Kernels[0].ShardOutgoingBytesMax = 130; // Two records, and not three.
        players.Go(0, Players.Tell, to: 1, count: 4);
        players.Rest();
        long[] got = players.Got(0, 1);
        Assert.Equal(players.Sent(0, 1)[..2], got);
        var refused = players.Audits.Where(one => one.Reason == "too much goes to other shards at once");
        Assert.Equal(2, refused.Sum(one => one.Count));
    }

    [Fact]
    public void What_waits_for_credit_leaves_step_by_step_where_one_step_cannot_send_all()
    {
        var players = new Players(Count, shards: 2, seed: 1, WhenFull.Block);
        for (int messages = 0; messages < 256 + 4; messages += 4)
        {
            players.Go(0, Players.Tell, to: 1, count: 4);
        }

        players.System.Kernels[0].ShardOutgoingBytesMax = 70; // One record, and not two.
        players.Rest();
        Assert.Equal(260, players.Got(0, 1).Length);
        Assert.Equal(players.Sent(0, 1), players.Got(0, 1));
        Assert.Empty(players.Audits);
    }

    [Fact]
    public void What_still_waits_for_other_shards_when_its_sender_is_lost_is_told()
    {
        var players = new Players(Count, shards: 2, seed: 1, WhenFull.Block);
        for (int messages = 0; messages < 256 + 4; messages += 4)
        {
            players.Go(0, Players.Tell, to: 1, count: 4);
        }

        // As many are on their way as may be; the last four wait.
        players.System.Step(0, new KernelEvent.Crash(players.System.Now, "p0", "player"));
        var told = Assert.Single(players.Audits, one => one.Effect == "outbox");
        Assert.Equal(4, told.Count);
    }

    [Fact]
    public void Mail_of_a_shard_that_holds_what_one_kernel_alone_can_look_up_is_refused()
    {
        var players = Played();
        var record = new ByteWriter();
        record.U8(1); // A message: for process 1, of a stranger.
        record.I64(1);
        record.I64(99_999);
        record.U32(0);
        record.U16(Players.HoldHandler);
        record.I64(0);
        record.U32(8);
        record.I64(1);
        var kernel = players.System.Kernels[0];
        long before = kernel.Transactions;
        var now = players.System.Now;
        players.System.Step(0, new KernelEvent.FromShard(now, Shard: 0, Sequence: 1, [.. record.Written]));
        Assert.Equal(before, kernel.Transactions);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Modules_that_move_between_shards_lose_nothing_and_keep_the_order(
        WhenFull whenFull, int shards, ulong seed)
    {
        var players = new Players(Count, shards, seed, whenFull, running: seed % 2 == 0);
        var random = new Xoshiro256(seed);
        for (int round = 0; round < 80; round++)
        {
            int act = random.Next(8) switch { < 5 => Players.Tell, < 7 => Players.Say, _ => Players.TellAndTrap };
            players.Go(random.Next(Count), act, random.Next(Count), 1 + random.Next(4));
            for (int ticks = random.Next(8); 0 < ticks && players.System.Tick(); ticks--)
            {
                // One thing after the other, as the seed says.
            }

            int module = random.Next(Count);
            int to = random.Next(shards);
            players.System.BeforeGo = () => players.Go(random.Next(Count), Players.Tell, random.Next(Count), count: 4);
            if (round % 3 == 0 && players.System.Plan.ShardOf(module) != to)
            {
                players.System.Move(module, to);
            }
        }

        players.Rest();
        Assert.True(0 < players.System.Moves, "nobody has moved");
        long missing = 0;
        for (int pair = 0; pair < Count * Count; pair++)
        {
            long[] sent = players.Sent(pair / Count, pair % Count);
            long[] got = players.Got(pair / Count, pair % Count);
            Assert.Equal(sent.Where(got.Contains), got);
            missing += sent.Length - got.Length;
        }

        int refused = players.Audits.Where(one => one.Effect is "send" or "drop_oldest" or "publish")
            .Sum(one => one.Count);
        Assert.True(missing == 0 || 0 < refused, "what was not taken was not told");
        if (whenFull == WhenFull.Block)
        {
            int cycles = players.Audits.Count(one => one.Reason.Contains("cycle", StringComparison.Ordinal));
            Assert.True(missing == 0 || 0 < cycles, "a message was lost");
        }

        Assert.DoesNotContain(players.Audits, one => one.Effect is "shard" or "move");
    }

    [Theory]
    [InlineData(8)]
    [InlineData(20)]
    [InlineData(100)]
    [InlineData(200)]
    [InlineData(280)]
    public void Nothing_overtakes_when_a_receiver_comes_to_the_shard_of_its_sender(int first)
    {
        var players = new Players(Count, shards: 2, seed: 1, WhenFull.Block);
        int home = players.System.Plan.ShardOf(0);
        int other = Enumerable.Range(1, Count - 1).First(one => players.System.Plan.ShardOf(one) != home);
        for (int left = first; 0 < left; left -= 4)
        {
            players.Go(0, Players.Tell, other, count: 4);
        }

        players.System.BeforeGo = () => players.Go(0, Players.Tell, other, count: 4);
        Assert.True(players.System.Move(other, home), players.System.WhyNotMoved);
        players.Rest();
        Assert.NotEmpty(players.Sent(0, other));
        Assert.Equal(players.Sent(0, other), players.Got(0, other));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void An_answer_finds_an_asker_that_has_moved(int shards)
    {
        for (ulong seed = 1; seed <= 12; seed++)
        {
            var players = new Players(Count, shards, seed, WhenFull.Reject);
            players.Go(0, Players.Ask, to: 1, count: 2);
            for (int ticks = 0; ticks < (int)seed && players.System.Tick(); ticks++)
            {
                // The moves come somewhere on its way.
            }

            Assert.True(players.System.Move(module: 0, (players.System.Plan.ShardOf(0) + 1) % shards));
            Assert.True(players.System.Move(module: 2, (players.System.Plan.ShardOf(2) + 1) % shards));
            players.Rest();
            Assert.Contains(players.Said, one => one.Text == "value 103");
            players.Go(0, Players.Ask, to: 1, count: 2);
            players.Go(2, Players.Tell, to: 0, count: 3);
            players.Rest();
            Assert.Equal(2, players.Said.Count(one => one.Text == "value 103"));
            Assert.Equal(3, players.Got(2, 0).Length);
        }
    }

    [Fact]
    public void A_package_that_is_damaged_is_refused_and_the_module_stays()
    {
        var players = Played();
        var kernels = players.System.Kernels;
        var now = players.System.Now;
        foreach (int shard in Enumerable.Range(0, kernels.Length))
        {
            players.System.Step(shard, new KernelEvent.Pause(now, Stands: true));
        }

        players.System.Step(0, new KernelEvent.MoveOut(now, Module: 0));
        Assert.Equal("", players.System.WhyNotMoved);
        byte[] whole = [.. players.System.Package];
        ulong before = kernels[1].StateDigest().Value;
        var random = new Xoshiro256(3);
        for (int tries = 0; tries < 300; tries++)
        {
            // What a cut leaves is never whole; a changed octet may be a value that fits as well as the one before.
            int size = random.Next(whole.Length);
            players.System.Step(1, new KernelEvent.MoveIn(now, Module: 0, Shard: 1, [.. whole.AsSpan(0, size)]));
            Assert.Equal(before, kernels[1].StateDigest().Value);
        }

        Assert.Equal(300, players.Audits.Count(one => one.Effect == "move"));
        foreach (int shard in Enumerable.Range(0, kernels.Length))
        {
            players.System.Step(shard, new KernelEvent.Pause(now, Stands: false));
        }

        players.Go(1, Players.Tell, to: 0);
        players.Rest();
        Assert.Equal(players.Sent(1, 0)[^1], players.Got(1, 0)[^1]);
    }

    private static Players Played()
    {
        // Asks without a time-out, and so nobody who blocks: a circle of both kinds is ended by time alone.
        var players = new Players(Count, shards: 3, seed: 9, WhenFull.Reject);
        for (int round = 0; round < 40; round++)
        {
            players.Go(round % Count, 1 + (round % 3), (round + 1) % Count, 1);
        }

        players.Rest();
        return players;
    }
}
