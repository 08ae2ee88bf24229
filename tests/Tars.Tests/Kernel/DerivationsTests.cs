using Tars.Base;
using Tars.Bundle.Interfaces;
using Tars.Host.Granting;
using Tars.Kernel;
using Tars.Kernel.Blobs;
using Tars.Kernel.Caps;
using Tars.Kernel.Ports;
using Xunit;

namespace Tars.Tests.Kernel;

/// <summary>What one of several shards keeps of narrowed capabilities and blobs, and what it reads of it.</summary>
public sealed class DerivationsTests
{
    private static readonly ProcessId _maker = new(1);
    private static readonly ProcessId _other = new(2);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_ends_together_is_told_of_in_the_order_that_a_checkpoint_keeps(bool isEndOfMaker)
    {
        var (first, told) = OfShard(99);
        Take(first, id: 2, above: 0, _other);
        Take(first, id: 1, above: 2, _maker);
        Take(first, id: 3, above: 0, _maker);
        var (second, toldAgain) = OfShard(99);
        Reload(first, second);
        foreach (var one in new[] { first, second })
        {
            if (isEndOfMaker)
            {
                one.EndOf(_maker);
            }
            else
            {
                one.RevokeWhere(node => node.By == _maker, "a test");
            }
        }

        Assert.Equal([1, 3], told.Order());
        Assert.Equal(told, toldAgain);
    }

    [Fact]
    public void Nobody_is_remembered_for_what_has_ended()
    {
        var (derivations, _) = OfShard(99);
        for (int maker = 1; maker <= 100; maker++)
        {
            var node = Take(derivations, id: 2 * maker, above: 0, new ProcessId(2 * maker));
            derivations.RevokeAll(node!, ProcessId.Outside);
        }

        Assert.Equal(0, derivations.MakerCount);
    }

    [Fact]
    public void A_number_that_is_yet_to_be_given_is_taken_of_nobody()
    {
        var (derivations, _) = OfShard(99);
        Assert.Null(Take(derivations, id: 101, above: 0, _other));
        Assert.NotNull(Take(derivations, id: 99, above: 0, _other));
        Assert.NotNull(Take(derivations, id: 102, above: 0, _other));

        var blobs = new BlobStore();
        blobs.CountFrom(99, 2);
        Assert.Null(blobs.Take(101, [1]));
        Assert.NotNull(blobs.Take(99, [1]));
        Assert.NotNull(blobs.Take(102, [1]));
    }

    // Its maker has let go of some, and the news is on its way; what it made in their place is here.
    [Fact]
    public void A_checkpoint_holds_more_of_a_maker_on_another_shard_than_that_one_may_have()
    {
        var (first, _) = OfShard(99);
        for (int each = 1; each <= Limits.DerivationsMax + 1; each++)
        {
            Take(first, id: 2 * each, above: 0, _other);
        }

        var (second, _) = OfShard(99);
        Reload(first, second);
        Assert.Equal(Limits.DerivationsMax + 1, second.Count);
    }

    [Fact]
    public void A_slot_of_what_was_revoked_misses_behind_a_checkpoint_too_where_it_was_told_of_again()
    {
        var (derivations, _) = OfShard(99);
        var table = new CapTable(derivations, new BlobStore());
        var node = Take(derivations, id: 2, above: 0, _other)!;
        var slot = table.Grant(new Capability.OfDerived(node))!.Value;
        derivations.RevokeAll(node, ProcessId.Outside);
        Take(derivations, id: 2, above: 0, _other);
        Assert.Null(table.Find(slot));

        var output = new ByteWriter();
        table.Save(output);
        var read = new CapTable(derivations, new BlobStore());
        var input = new ByteReader(output.Written);
        Assert.True(read.Load(ref input, devices: 1, channels: 0));
        Assert.Null(read.Find(slot));
    }

    // A console has no folders; whoever shows what it was narrowed to goes by the table of its kind.
    [Theory]
    [InlineData(RestrictionRule.Uses, true)]
    [InlineData(RestrictionRule.Folder, false)]
    public void What_another_shard_tells_of_has_the_bounds_of_its_kind(RestrictionRule rule, bool fits)
    {
        var output = new ByteWriter();
        var bound = new Bound(rule, 1, "");
        Derivations.Write(output, new Derivation(2, parent: null, new DeviceId(0), "console", _other, [bound]));
        var input = new ByteReader(output.Written);
        _ = Derivations.Read(ref input, _system);
        Assert.Equal(fits, !input.Failed);
    }

    [Fact]
    public void Of_what_ended_before_a_checkpoint_no_device_is_told()
    {
        var tally = new UseTally();
        var story = new CapabilityStory(tally);
        var hears = new UseCounter(_system, shard: null, tally, story);
        var derivations = new Derivations(hears);
        derivations.CountFrom(99, step: 2);
        derivations.Refused(derivations.Ended(2)!, _other, Derivations.Gone);
        derivations.Refused(Take(derivations, id: 4, above: 0, _other)!, _other, "a test");
        story.Over(shard: null, number: 1, new Tars.Kernel.Kernel(_system, hears));
        Assert.Equal(["", "device out of m0"], story.Acts.Select(one => one.Target));
    }

    private static (Derivations Derivations, List<long> Told) OfShard(long last)
    {
        var told = new List<long>();
        var derivations = new Derivations();
        derivations.CountFrom(last, step: 2);
        derivations.Revoked = (top, _) => told.Add(top.Id);
        return (derivations, told);
    }

    private static Derivation? Take(Derivations derivations, long id, long above, ProcessId by) =>
        derivations.Take(new DerivationRow(id, above, new DeviceId(0), by, []), _system);

    private static void Reload(Derivations from, Derivations into)
    {
        var octets = new ByteWriter();
        from.Save(octets);
        var input = new ByteReader(octets.Written);
        Assert.True(into.Load(ref input, _system));
    }

    private static readonly SystemImage _system = new Sharding.Travellers(shards: 1, seed: 1, Text).Image;

    private const string Text = """
        tars: 1
        module: m0
        version: 1.0.0
        summary: Has a console.

        capabilities:
          subscribe: { go: int }
          devices:
            out: console

        agentic:
          agents:
            keeper:
              role: Prints.
              handlers:
                message go as x:
                  do: |
                    tell out.print(line = "{x}")
        """;
}
