using Tars.Base;
using Xunit;

namespace Tars.Tests.Kernel.Sharding;

/// <summary>Blobs go from shard to shard, wait, are kept, move with their modules and are gone when nobody holds them.
/// </summary>
public sealed class ShardedBlobTests
{
    public static IEnumerable<TheoryDataRow<ulong>> Seeds =>
        Enumerable.Range(1, 20).Select(seed => new TheoryDataRow<ulong>((ulong)seed));

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Blobs_that_are_made_kept_passed_on_and_forgotten_are_the_same_on_any_number_of_shards(ulong seed)
    {
        string one = Play(1, seed, moves: false).Said;
        Assert.Contains("ends ", one, StringComparison.Ordinal);
        Assert.Equal(one, Play(2, seed, moves: false).Said);
        Assert.Equal(one, Play(4, seed, moves: false).Said);
        Assert.Equal(one, Play(3, seed, moves: true).Said);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Each_shard_repeats_blobs_from_its_journal_and_from_checkpoints(ulong seed)
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
    public void What_nobody_holds_any_more_is_gone_on_every_shard(int shards)
    {
        var all = Play(shards, seed: 5, moves: false);
        Assert.Contains(all.System.Kernels, one => 0 < one.BlobCount);
        for (int module = 0; module < Count; module++)
        {
            all.Go($"drop/{module}", 0);
        }

        // A state that names blobs is looked through when many have come, so an end shows it.
        all.System.Stop();
        all.Rest();
        Assert.All(all.System.Kernels, one => Assert.Equal(0, one.BlobCount));
    }

    [Fact]
    public void A_blob_that_waits_for_room_is_there_when_its_message_is()
    {
        foreach (int shards in new[] { 1, 2, 4 })
        {
            var all = New(shards, seed: 9);
            for (int each = 0; each < 40; each++)
            {
                all.Send("make/0", 1_000 + each); // Mailboxes have room for two.
            }

            all.Rest();
            Assert.Equal(40, all.Said.Split("has 0: ").Length - 1);
        }
    }

    private const int Count = 4;

    private static Travellers New(int shards, ulong seed) =>
        new(shards, seed, [.. Enumerable.Range(0, Count).Select(Text)]);

    private static Travellers Play(int shards, ulong seed, bool moves)
    {
        var all = New(shards, seed);
        var random = new Xoshiro256(seed);
        for (int round = 0; round < 30; round++)
        {
            string what = random.Next(5) switch { 0 or 1 => "make", 2 => "pass", 3 => "drop", _ => "fail" };
            int size = random.Next(3) == 0 ? 100_000 + random.Next(1_000) : random.Next(40);
            all.Go($"{what}/{random.Next(Count)}", size);
            var (module, to, some) = (random.Next(Count), random.Next(12), random.Next(3));
            if (moves && some == 0)
            {
                all.Move(module, to % shards);
            }
        }

        return all;
    }

    private static string Text(int one) => $$"""
        tars: 1
        module: m{{one}}
        version: 1.0.0
        summary: Makes blobs, keeps what comes, passes it on and forgets it.

        capabilities:
          subscribe:
            make/{{one}}: int
            pass/{{one}}: int
            drop/{{one}}: int
            fail/{{one}}: int
            item/{{one}}: Item
            all: Item
          publish: { item/{{(one + 1) % Count}}: Item, all: Item, said: text }

        types:
          Item: { by: int, octets: blob }

        agentic:
          agents:
            keeper:
              role: Keeps.
              on_trap: continue
              mailbox: { length: 2, when_full: block }
              state:
                kept: list<Item> = []
              handlers:
                message make/{{one}} as size:
                  do: |
                    var octets = bytes_of(size)
                    if size > 0 { octets[size - 1] = size % 256 }
                    publish("item/{{(one + 1) % Count}}", Item(by = {{one}}, octets = blob_of(octets)))
                message pass/{{one}} as x:
                  do: |
                    for some in kept {
                      publish("item/{{(one + 1) % Count}}", some)
                    }
                    if kept.len() > 0 { publish("all", kept[0]) }
                message drop/{{one}} as x:
                  do: |
                    kept = []
                message fail/{{one}} as x:
                  do: |
                    if kept.len() > 0 { publish("item/{{(one + 1) % Count}}", kept[0]) }
                    fail "so nothing goes"
                message item/{{one}} as item:
                  do: |
                    let size = item.octets.len()
                    var last = 0
                    if size > 0 { last = item.octets.read(size - 1, 1)[0] }
                    publish("said", "has {item.by}: {size} ends {last}")
                    if kept.len() < 8 { kept.push(item) }
                message all as item:
                  do: |
                    publish("said", "all of {item.by}: {item.octets.len()}")
        """;
}
