using Tars.Base;
using Tars.Kernel.Ports;
using Xunit;

namespace Tars.Tests.Kernel.Sharding;

/// <summary>Narrowed capabilities go from shard to shard: used, counted, narrowed again, handed on, revoked, and at
/// home again.</summary>
public sealed class ShardedCapabilityTests
{
    public static IEnumerable<TheoryDataRow<ulong>> Seeds =>
        Enumerable.Range(1, 24).Select(seed => new TheoryDataRow<ulong>((ulong)seed));

    [Theory]
    [MemberData(nameof(Seeds))]
    public void What_is_lent_used_narrowed_and_revoked_is_the_same_on_any_number_of_shards(ulong seed)
    {
        string one = Play(1, seed, moves: false).Said;
        Assert.Contains("asks shelf", one, StringComparison.Ordinal);
        Assert.Contains("tells out", one, StringComparison.Ordinal);
        Assert.Contains("revoked", one, StringComparison.Ordinal);
        Assert.Equal(one, Play(2, seed, moves: false).Said);
        Assert.Equal(one, Play(4, seed, moves: false).Said);
        Assert.Equal(one, Play(3, seed, moves: true).Said);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Each_shard_repeats_capabilities_from_its_journal_and_from_checkpoints(ulong seed)
    {
        var all = Play(3, seed, moves: true);
        Assert.Null(all.System.Repeat());
        Assert.True(0 < all.System.Moves, "nothing moved");
        Assert.True(0 < all.System.Checkpoints, "no checkpoint was taken");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Uses_are_counted_once_however_many_shards_use_them(int shards)
    {
        var all = New(shards, seed: 4).Go("lend/0", 5);
        for (int round = 0; round < 4; round++)
        {
            for (int module = 1; module < Count; module++)
            {
                all.Send($"use/{module}", round);
            }
        }

        all.Rest();
        Assert.Equal(5, all.Said.Split("asks shelf").Length - 1);
        Assert.Equal(7, all.Said.Split("no: it was used as often as it may be").Length - 1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void What_is_revoked_ends_for_those_who_have_it_of_others(int shards)
    {
        // Module 0 lends to 1, that a part of it to 2, that a part of it to 3, and that one has it back at 0.
        var all = New(shards, seed: 8).Go("lend/0", 100);
        for (int module = 1; module < Count; module++)
        {
            all.Go($"part/{module}", 50);
        }

        foreach (int module in new[] { 2, 3, 0 })
        {
            all.Go($"use/{module}", 1);
        }

        Assert.Equal(3, all.Said.Split("asks shelf").Length - 1);
        all.Go("end/1", 0); // It takes back what it lent to 2.
        foreach (int module in new[] { 2, 3, 0, 1 })
        {
            all.Go($"use/{module}", 2);
        }

        Assert.Equal(4, all.Said.Split("asks shelf").Length - 1);
        Assert.Equal(3, all.Said.Split("no: the capability was revoked").Length - 1);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Whoever_hears_of_a_revocation_cannot_use_what_was_revoked(ulong seed)
    {
        // The news goes over module 3, which lives elsewhere again, while the end is on its own way.
        foreach (int shards in new[] { 1, 2, 3, 4 })
        {
            var all = New(shards, seed).Go("lend/0", 1_000);
            all.Go("part/1", 100).Send("news/0", 0).Rest();
            Assert.DoesNotContain("asks shelf", all.Said, StringComparison.Ordinal);
            Assert.Contains("no: the capability was revoked", all.Said, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void What_has_ended_takes_no_place_on_any_shard(int shards)
    {
        var all = New(shards, seed: 3);
        for (int round = 0; round < 40; round++)
        {
            all.Go("lend/0", 10).Go("part/1", 5).Go("part/2", 3).Go("end/0", 0);
        }

        Assert.All(all.System.Kernels, one => Assert.Equal(0, one.DerivationCount));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void A_right_that_an_operator_takes_away_ends_what_was_lent_of_it_on_every_shard(int shards)
    {
        var all = New(shards, seed: 6).Go("lend/0", 10).Go("part/1", 5).Go("use/2", 0);
        Assert.Single(all.Said.Split("asks shelf")[1..]);
        for (int shard = 0; shard < shards; shard++)
        {
            var right = new Right(RightKind.Device, "shelf");
            all.System.Step(shard, new KernelEvent.Revoke(all.System.Now, ProcessId.Outside, "m0", right));
        }

        all.Rest().Go("use/2", 1).Go("use/1", 1);
        Assert.Single(all.Said.Split("asks shelf")[1..]);
        Assert.Equal(2, all.Said.Split("no: the capability was revoked").Length - 1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Tells_through_one_capability_keep_their_order_and_their_credit(int shards)
    {
        var all = New(shards, seed: 1).Go("lend/0", 1_000);
        for (int round = 0; round < 3; round++)
        {
            all.Send("print/1", 300);
        }

        all.Rest();
        string lines = string.Join("; ", Enumerable.Range(1, 900).Select(one => $"tells out m1 line {one}"));
        Assert.Equal($"m1's console: {lines}", all.Said);
    }

    private const int Count = 4;

    private static Travellers New(int shards, ulong seed) =>
        new(shards, seed, [.. Enumerable.Range(0, Count).Select(Text)]);

    private static Travellers Play(int shards, ulong seed, bool moves)
    {
        var all = New(shards, seed);
        var random = new Xoshiro256(seed);
        all.Go("lend/0", 6).Go("part/1", 4).Go("print/1", 1).Go("use/2", 0).Go("end/0", 0).Go("use/2", 0);
        for (int round = 0; round < 40; round++)
        {
            string what = random.Next(9) switch
            {
                0 or 1 => "lend", 2 or 3 => "part", 4 or 5 => "use", 6 => "print", 7 => "end", _ => "pass",
            };
            // What is refused on another shard is told by itself, and not with others of its event.
            int number = what == "print" ? 1 : random.Next(9);
            all.Go($"{what}/{random.Next(Count)}", number);
            var (module, to, some) = (random.Next(Count), random.Next(12), random.Next(3));
            if (moves && some == 0)
            {
                all.Move(module, to % shards);
            }
        }

        return all;
    }

    private static string Text(int one) => Head(one) + "\n" + Lends(one) + "\n" + Uses(one);

    private static string Head(int one) => $$"""
        tars: 1
        module: m{{one}}
        version: 1.0.0
        summary: Lends its devices, uses what it was lent, lends parts of it, takes it back.

        capabilities:
          subscribe:
            lend/{{one}}: int
            part/{{one}}: int
            pass/{{one}}: int
            use/{{one}}: int
            print/{{one}}: int
            end/{{one}}: int
            news/{{one}}: int
            heard/{{one}}: int
            loan/{{one}}: Loan
            loan/all: Loan
          publish: { loan/{{(one + 1) % Count}}: Loan, loan/all: Loan, heard/2: int, heard/3: int, said: text }
          devices:
            shelf: { kind: store, value: text }
            out: console

        types:
          Loan: { by: int, corner: cap<store>, paper: cap<console> }

        agentic:
          agents:
            keeper:
              role: Keeps.
              on_trap: continue
              mailbox: { length: 4, when_full: block }
              state:
                mine: list<Loan> = []
                held: list<Loan> = []
                lines: int = 0
              handlers:
        """;

    private static string Lends(int one) => $$"""
                message lend/{{one}} as uses:
                  do: |
                    let corner = narrow(shelf, uses = uses)
                    let paper = narrow(out, uses = uses)
                    let loan = Loan(by = {{one}}, corner = corner, paper = paper)
                    mine.push(loan)
                    publish("loan/{{(one + 1) % Count}}", loan)
                    if uses == 5 or uses == 1000 { publish("loan/all", loan) }
                message part/{{one}} as uses:
                  do: |
                    if held.len() > 0 {
                      let whole = held[held.len() - 1]
                      let corner = narrow(whole.corner, uses = uses)
                      let paper = narrow(whole.paper, uses = uses)
                      let loan = Loan(by = {{one}}, corner = corner, paper = paper)
                      mine.push(loan)
                      publish("loan/{{(one + 1) % Count}}", loan)
                    }
                message pass/{{one}} as x:
                  do: |
                    if held.len() > 0 { publish("loan/all", held[0]) }
        """;

    private static string Uses(int one) => $$"""
                message use/{{one}} as number:
                  do: |
                    if held.len() > 0 {
                      let loan = held[held.len() - 1]
                      let corner = loan.corner
                      ask corner.put(key = "m{{one}} {number}", value = "x") within 1s else why {
                        publish("said", "no: {why.detail}")
                        return
                      }
                      publish("said", "yes")
                    }
                message print/{{one}} as count:
                  do: |
                    if held.len() > 0 {
                      let loan = held[held.len() - 1]
                      let paper = loan.paper
                      for i in 0..count {
                        lines += 1
                        tell paper.print(line = "m{{one}} line {lines}")
                      }
                    }
                message end/{{one}} as x:
                  do: |
                    for loan in mine {
                      revoke(loan.corner)
                      revoke(loan.paper)
                    }
                    mine = []
                message news/{{one}} as x:
                  do: |
                    for loan in mine { revoke(loan.corner) }
                    publish("heard/3", 0)
                message heard/{{one}} as x:
                  do: |
                    if {{one}} == 3 { publish("heard/2", 0) }
                    if {{one}} == 2 and held.len() > 0 {
                      let loan = held[held.len() - 1]
                      let corner = loan.corner
                      ask corner.put(key = "m{{one}} heard", value = "x") within 1s else why {
                        publish("said", "no: {why.detail}")
                        return
                      }
                    }
                message loan/{{one}} as loan:
                  do: |
                    held.push(loan)
                message loan/all as loan:
                  do: |
                    held.push(loan)
                refused as what:
                  do: |
                    publish("said", "refused {what.effect}: {what.reason}")
        """;
}
