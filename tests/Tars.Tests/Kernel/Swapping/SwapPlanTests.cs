using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;
using Tars.Kernel.Ports;
using Tars.Kernel.Swapping;
using Tars.Tests.Bundle.Schema;
using Xunit;
using static Tars.Tests.Kernel.TestModule;

namespace Tars.Tests.Kernel.Swapping;

/// <summary>What of two versions belongs together, by their manifests alone.</summary>
public sealed class SwapPlanTests
{
    private const int Edits = 200;

    // What JSON says of an old value, read as one of the new type, is the state that is to come out: names decide, what
    // is left out takes its default, what nobody knows is passed over.
    [Fact]
    public void A_state_that_new_fields_make_too_large_is_no_state()
    {
        const int Items = 20_000;
        var from = new ByteWriter();
        from.U32(Items);
        from.Bytes(new byte[Items]);
        var item = new Conversion.Steps(
            [new Conversion.Copy(new SchemaType.Bool(), 1), new Conversion.Put([.. new byte[30_000]])]);
        var to = new ByteWriter();
        Assert.False(Converter.Run(new Conversion.EachItem(item), from.Written, to));
        Assert.InRange(to.Length, 0, Tars.Kernel.Limits.ConvertedBytesMax + Items);
    }

    [Fact]
    public void Two_hundred_compatible_edits_are_accepted_and_every_state_becomes_what_it_should()
    {
        for (ulong seed = 1; seed <= Edits; seed++)
        {
            var random = new Xoshiro256(seed);
            var old = SchemaEdits.State(random);
            var now = new SchemaEdits(random).Compatible(old);
            var plan = SwapPlanner.Plan(Version("1.0.0", old), Version("1.1.0", now));
            Assert.True(plan.Reasons.IsEmpty, $"seed {seed}: {string.Join("; ", plan.Reasons)}");
            for (int value = 0; value < 10; value++)
            {
                byte[] octets = Schemas.Value(new SchemaType.Record("", old), random, finite: true);
                byte[] moved = Move(plan.Agents[0]!, old, octets);
                Assert.True(Expected(old, now, octets).AsSpan().SequenceEqual(moved), $"seed {seed}, value {value}");
            }
        }
    }

    [Fact]
    public void Two_hundred_incompatible_edits_are_refused_and_the_field_is_named()
    {
        for (ulong seed = 1; seed <= Edits; seed++)
        {
            var random = new Xoshiro256(seed);
            var old = SchemaEdits.State(random);
            var now = new SchemaEdits(random).Incompatible(old);
            var plan = SwapPlanner.Plan(Version("1.0.0", old), Version("2.0.0", now));
            string words = string.Join("; ", plan.Reasons);
            var broken = now.Where(field => !old.Contains(field)).Select(field => field.Name).ToArray();
            Assert.False(plan.Reasons.IsEmpty, $"seed {seed}: accepted");
            Assert.True(
                Array.Exists(broken, name => words.Contains(name, StringComparison.Ordinal)), $"seed {seed}: {words}");
        }
    }

    [Fact]
    public void A_migrate_that_assigns_what_changed_makes_up_for_it_and_one_that_does_not_is_named()
    {
        var old = Version("1.4.2", [new("limit", IntType, HasDefault: true, Int(80)), new("mean", IntType)]);
        SchemaField changed = new("limit", TextType, HasDefault: true, [0, 0, 0, 0]);
        var state = new SchemaType.Record("StateOf1", [new("limit", IntType)]);
        var migrate = new HandlerSpec(HandlerKind.Migrate, "1", [new("old", state)], UnitType, 1, Asks: false);
        var silent = Version("2.0.0", [changed], migrate);
        var right = Version("2.0.0", [changed], migrate with { Assigns = ["limit"] });
        var elsewhere = Version("2.0.0", [changed], migrate with { Assigns = ["limit"], Subject = "1.3" });

        Assert.Equal(
            "limit: `int` before, `text` now; `migrate 1` does not assign `limit` on every way",
            Assert.Single(SwapPlanner.Plan(old, silent).Reasons));
        Assert.Equal(
            "limit: `int` before, `text` now; `migrate 1 as old` can say how the one becomes the other",
            Assert.Single(SwapPlanner.Plan(old, elsewhere).Reasons));
        var plan = SwapPlanner.Plan(old, right);
        Assert.Empty(plan.Reasons);
        Assert.Equal(["limit migrated", "-field mean"], plan.Changes);
        Assert.Equal(["the state field `mean` is dropped"], plan.Warnings);
        Assert.Equal(0, plan.Agents[0]!.Migrate);
    }

    [Fact]
    public void What_a_new_version_may_do_more_is_listed_for_a_person()
    {
        var old = Of("m", Agent("a", Message("in", IntType))) with
        {
            Subscribes = [new("in", IntType)],
            ShortestTimer = 1_000_000_000,
            Spawns = [new SpawnSpec("a", 4)],
        };
        var now = Of("m", Agent("a", Message("in", IntType), Message("more", IntType)) with
        {
            Slots = [new(SlotKind.Channel, "out"), new(SlotKind.Device, "screen")],
        }) with
        {
            Subscribes = [new("in", IntType), new("more", IntType)],
            Publishes = [new("out", IntType)],
            Devices = [new DeviceSpec("screen", "console", Value: null, [])],
            ShortestTimer = 1_000_000,
            Spawns = [new SpawnSpec("a", 5)],
        };

        Assert.Equal(
            [
                "a: publish out", "a: device screen (console)", "a: subscribe more", "spawn a: 5", "timers of 1ms",
            ],
            SwapPreview.Of(old, now).Rights);
        Assert.Empty(SwapPreview.Of(now, old).Rights);
    }

    [Fact]
    public void The_words_for_a_real_pair_of_versions_are_those()
    {
        var preview = SwapPreview.Of(Tank("v1"), Tank("v2"));

        Assert.Empty(preview.Refusals);
        Assert.Equal(["readings migrated", "+field limit_kelvin"], preview.Changes);
        Assert.Empty(preview.Warnings);
        Assert.Empty(preview.Rights);
        Assert.NotEmpty(preview.NoWayBack);
    }

    private static BundleManifest Tank(string version) =>
        CompiledModule.Of(SwapTests.Tank(version)).Manifest;

    private static ImmutableArray<byte> Int(long value) => [.. SystemRig.Int(value)];

    private static BundleManifest Version(
        string version, ImmutableArray<SchemaField> state, params HandlerSpec[] handlers) =>
        Of("m", Agent("m", handlers) with { State = state }) with { Version = version };

    private static byte[] Move(AgentMove move, ImmutableArray<SchemaField> old, byte[] octets)
    {
        var output = new ByteWriter();
        foreach (var source in move.Fields)
        {
            if (source is FieldSource.Initial initial)
            {
                output.Bytes(initial.Octets.AsSpan());
                continue;
            }

            var from = Assert.IsType<FieldSource.Old>(source);
            var reader = new ByteReader(octets);
            for (int field = 0; field < from.Index; field++)
            {
                ValueEncoding.Skip(old[field].Type, ref reader);
            }

            int start = reader.Position;
            ValueEncoding.Skip(old[from.Index].Type, ref reader);
            Assert.True(Converter.Run(from.How, octets.AsSpan(start..reader.Position), output));
        }

        return output.ToArray();
    }

    private static byte[] Expected(
        ImmutableArray<SchemaField> old, ImmutableArray<SchemaField> now, byte[] octets)
    {
        var json = new ByteWriter();
        Assert.Null(ValueJson.Write(new SchemaType.Record("", old), octets, json));
        var value = new ByteWriter();
        Assert.Null(ValueJsonReader.Read(new SchemaType.Record("", now), json.ToArray(), value));
        return value.ToArray();
    }
}
