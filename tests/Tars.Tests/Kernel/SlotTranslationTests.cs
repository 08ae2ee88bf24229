using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Kernel.Blobs;
using Tars.Kernel.Caps;
using Tars.Kernel.Ports;
using Tars.Tests.Bundle.Schema;
using Xunit;

namespace Tars.Tests.Kernel;

/// <summary>Octets whose type is a stranger's word are refused and never followed.</summary>
public sealed class SlotTranslationTests
{
    [Fact]
    public void A_value_of_one_type_that_is_said_to_be_of_another_never_throws()
    {
        var random = new Xoshiro256(20_261_122);
        for (int round = 0; round < 20_000; round++)
        {
            var said = Schemas.Type(random, depth: 4, slots: true);
            var value = Schemas.Value(Schemas.Type(random, depth: 4, slots: true), random, finite: false);
            bool isValid = ValueEncoding.IsValid(said, value);
            string? refusal = SlotTranslation.ToSlots(said, value, new CapTable(new Derivations(), new BlobStore()));
            Assert.True(isValid || refusal is not null);
        }
    }

    // Places that are known beforehand are rewritten as those that are looked for: in a list they are.
    [Fact]
    public void Processes_in_a_value_of_one_size_are_named_as_in_any_other()
    {
        var any = new SchemaType.Ref("any");
        var inner = new SchemaType.Record("Pair", [new("count", new SchemaType.Int()), new("second", any)]);
        var type = new SchemaType.Record(
            "All", [new("first", any), new("pair", inner), new("end", new SchemaType.Duration())]);
        var table = new CapTable(new Derivations(), new BlobStore());
        for (int id = 1; id <= 5; id++)
        {
            table.Grant(new Capability.OfProcess(new ProcessId(100 + id)));
        }

        byte[] plain = Words(101, 102, 105, 104);
        byte[] listed = [.. BitConverter.GetBytes(1), .. plain];
        Assert.Null(SlotTranslation.ToSlots(type, plain, table));
        Assert.Null(SlotTranslation.ToSlots(new SchemaType.List(type), listed, table));
        Assert.Equal(listed[4..], plain);
        Assert.Equal(Words(0, 102, 4, 104), plain);
        Assert.Null(SlotTranslation.ToIds(type, plain, table));
        Assert.Equal(Words(101, 102, 105, 104), plain);
        Assert.NotNull(SlotTranslation.ToSlots(type, plain.AsSpan(1), table));
        Assert.NotNull(SlotTranslation.ToSlots(type, new byte[40], table));
        Assert.NotNull(SlotTranslation.ToIds(type, Words(0, 0, 77, 0), table));
    }

    private static byte[] Words(params long[] words) => [.. words.SelectMany(BitConverter.GetBytes)];
}
