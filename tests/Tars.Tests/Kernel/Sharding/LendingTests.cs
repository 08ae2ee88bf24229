using Tars.Base;
using Tars.Kernel.Ports;
using Tars.Kernel.Sharding;
using Xunit;

namespace Tars.Tests.Kernel.Sharding;

/// <summary>What is lent to other shards where something is in the way: no room, no credit, a move.</summary>
public sealed class LendingTests
{
    private const string TooMuch = "too much goes to other shards at once";

    [Fact]
    public void A_use_that_could_not_leave_is_not_counted()
    {
        var all = New(shards: 2, seed: 1).Go("lend/0", 1);
        all.System.Kernels[1].ShardOutgoingBytesMax = 10;
        all.Go("go/1", 0);
        Assert.Contains($"refused send console: {TooMuch}", all.Said, StringComparison.Ordinal);
        all.System.Kernels[1].ShardOutgoingBytesMax = 1_000;
        all.Go("go/1", 0);
        Assert.Contains("tells out line 2", all.Said, StringComparison.Ordinal);
        all.Go("go/1", 0);
        Assert.DoesNotContain("line 3", all.Said, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_message_lends_counts_with_what_a_step_can_send()
    {
        var all = New(shards: 2, seed: 1);
        all.System.Kernels[0].ShardOutgoingBytesMax = 80; // The message, and not the capability as well.
        all.Go("lend/0", 1);
        Assert.Equal($"m0: refused publish loan/1: {TooMuch}", all.Said);
        all.System.Kernels[0].ShardOutgoingBytesMax = 150;
        all.Go("lend/0", 1).Go("go/1", 0);
        Assert.Contains("tells out line 1", all.Said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tree_of_more_octets_than_go_to_a_shard_at_once_does_not_move()
    {
        var all = New(shards: 2, seed: 1);
        all.System.Kernels[0].ShardOutgoingBytesMax = 1_000; // Memory alone is more.
        Assert.False(all.System.Move(0, 1));
        Assert.Equal("it is too much to go to another shard at once", all.System.WhyNotMoved);
        all.System.Kernels[0].ShardOutgoingBytesMax = 1 << 24;
        Assert.True(all.System.Move(0, 1));
    }

    [Fact]
    public void What_a_tell_was_refused_names_its_target_whatever_has_ended()
    {
        foreach (int seed in Enumerable.Range(1, 30))
        {
            var all = New(shards: 2, (ulong)seed).Go("lend/0", 100);
            all.Send("end/0", 0).Send("go/1", 0).Rest();
            Assert.DoesNotContain("refused send :", all.Said, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Tells_keep_their_order_when_the_maker_of_their_capability_comes()
    {
        int moved = 0;
        for (int seed = 1; seed <= 60; seed++)
        {
            var all = New(shards: 3, (ulong)seed).Go("lend/0", 100).Send("go/1", 300);
            for (int ticks = 0; ticks < seed % 12; ticks++)
            {
                all.System.Tick();
            }

            all.Send("go/1", 0).Send("go/1", 0);
            moved += all.System.Move(0, 1) ? 1 : 0;
            all.Rest();
            Assert.Contains("tells out line 1; tells out line 2; tells out line 3", all.Said, StringComparison.Ordinal);
        }

        Assert.Equal(60, moved);
    }

    [Fact]
    public void What_is_lent_under_a_number_that_is_yet_to_be_given_is_not_taken()
    {
        var all = New(shards: 2, seed: 1);
        var record = new ByteWriter();
        record.U8((byte)ShardTag.Capability);
        record.I64(1); // The next of this shard,
        record.I64(0);
        record.U32(0);
        record.I64(2); // made by somebody on the other.
        record.U8(0);
        var now = all.System.Now;
        all.System.Step(0, new KernelEvent.FromShard(now, Shard: 0, Sequence: 1, [.. record.Written]));
        Assert.Equal(0, all.System.Kernels[0].DerivationCount);
        all.Go("lend/0", 1).Go("go/1", 0);
        Assert.Contains("tells out line 1", all.Said, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_lent_in_mail_that_waits_for_a_process_that_ends_is_closed_and_that_is_audited()
    {
        var all = new Travellers(shards: 2, seed: 1, Lender, Leaver).Go("leave/1", 0).Go("lend/0", -5);
        Assert.Contains("m1: has one", all.Said, StringComparison.Ordinal);
        Assert.Equal(
            Enumerable.Repeat("capability console: it is closed with the message that held it", 4),
            all.Audits.Where(one => one.StartsWith("capability", StringComparison.Ordinal)));
    }

    // Two that wait for credit with each other: the wait that began last is refused, with the use that waits in it.
    [Fact]
    public void A_use_that_is_refused_since_waiting_would_close_a_cycle_names_its_kind_as_any_other_refused_use()
    {
        int refused = 0;
        for (int seed = 1; seed <= 40; seed++)
        {
            var all = New(shards: 3, (ulong)seed).Go("lend/0", 100).Send("back/2", 300);
            for (int ticks = 0; ticks < seed % 8; ticks++)
            {
                all.System.Tick();
            }

            all.Go("go/1", 300);
            string[] sends = [.. all.Audits.Where(one => one.StartsWith("send ", StringComparison.Ordinal))];
            Assert.All(sends, one => Assert.StartsWith("send console: waiting would close a cycle: ", one));
            refused += sends.Length;
        }

        Assert.InRange(refused, 1, 40);
    }

    private static Travellers New(int shards, ulong seed) => new(shards, seed, Lender, User, Slow);

    private const string Lender = """
        tars: 1
        module: m0
        version: 1.0.0
        summary: Lends its console and takes it back.

        capabilities:
          subscribe: { lend/0: int, end/0: int }
          publish: { loan/1: Loan, said: text }
          devices:
            out: console

        types:
          Loan: { paper: cap<console> }

        agentic:
          agents:
            keeper:
              role: Lends.
              on_trap: continue
              state:
                mine: list<Loan> = []
              handlers:
                message lend/0 as uses:
                  do: |
                    for i in 0..max(1, -uses) {
                      let paper = narrow(out, uses = max(1, uses))
                      let loan = Loan(paper = paper)
                      mine.push(loan)
                      publish("loan/1", loan)
                    }
                message end/0 as x:
                  do: |
                    for loan in mine { revoke(loan.paper) }
                    mine = []
                refused as what:
                  do: |
                    publish("said", "refused {what.effect} {what.target}: {what.reason}")
        """;

    private const string User = """
        tars: 1
        module: m1
        version: 1.0.0
        summary: Sends so many items and then prints with what it was lent.

        capabilities:
          subscribe: { loan/1: Loan, go/1: int, reply/1: int }
          publish: { item/2: int, said: text }

        types:
          Loan: { paper: cap<console> }

        agentic:
          agents:
            keeper:
              role: Prints.
              on_trap: continue
              mailbox: { length: 2, when_full: block }
              state:
                held: list<Loan> = []
                lines: int = 0
              handlers:
                message loan/1 as loan:
                  do: |
                    held.push(loan)
                message reply/1 as x:
                  do: |
                    lines += 0
                message go/1 as count:
                  do: |
                    for i in 0..count { publish("item/2", i) }
                    if held.len() > 0 {
                      let loan = held[held.len() - 1]
                      let paper = loan.paper
                      lines += 1
                      tell paper.print(line = "line {lines}")
                    }
                refused as what:
                  do: |
                    publish("said", "refused {what.effect} {what.target}: {what.reason}")
        """;

    private const string Slow = """
        tars: 1
        module: m2
        version: 1.0.0
        summary: Takes one item after the other.

        capabilities:
          subscribe: { item/2: int, back/2: int }
          publish: { reply/1: int }

        agentic:
          agents:
            keeper:
              role: Takes.
              mailbox: { length: 2, when_full: block }
              state:
                got: int = 0
              handlers:
                message item/2 as x:
                  do: |
                    got += 1
                message back/2 as count:
                  do: |
                    for i in 0..count { publish("reply/1", i) }
        """;

    private const string Leaver = """
        tars: 1
        module: m1
        version: 1.0.0
        summary: Ends with the first thing that it is lent.

        capabilities:
          subscribe: { loan/1: Loan, leave/1: int }
          publish: { said: text }

        types:
          Loan: { paper: cap<console> }

        agentic:
          agents:
            keeper:
              role: Leaves.
              mailbox: { length: 2, when_full: block }
              state: { leaves: bool = false }
              handlers:
                message leave/1 as x:
                  do: |
                    leaves = true
                message loan/1 as loan:
                  do: |
                    publish("said", "has one")
                    if leaves { exit() }
        """;
}
