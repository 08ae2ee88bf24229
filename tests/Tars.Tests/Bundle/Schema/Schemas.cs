using Tars.Base;
using Tars.Bundle.Schema;

namespace Tars.Tests.Bundle.Schema;

/// <summary>Seeded types and valid values of them, for tests that must hold for every type.</summary>
internal static class Schemas
{
    /// <summary>A type of at most the given depth; those that cannot be written as JSON only when asked for.</summary>
    public static SchemaType Type(Xoshiro256 random, int depth, bool slots)
    {
        int kind = random.Next(depth == 0 ? 8 : 14);
        return kind switch
        {
            0 => new SchemaType.Bool(),
            1 => new SchemaType.Int(),
            2 => new SchemaType.Float(),
            3 => new SchemaType.Text(),
            4 => new SchemaType.Bytes(),
            5 => new SchemaType.Duration(),
            6 => new SchemaType.Instant(),
            7 => slots ? new SchemaType.Ref("other") : new SchemaType.Unit(),
            8 => new SchemaType.List(NotUnit(Type(random, depth - 1, slots))),
            9 => new SchemaType.Map(Key(random, slots), Type(random, depth - 1, slots)),
            10 => new SchemaType.Optional(NotOptional(Type(random, depth - 1, slots))),
            11 => new SchemaType.Record($"R{random.Next(100)}", Fields(random, depth - 1, slots)),
            _ => new SchemaType.Variant(
                $"V{random.Next(100)}",
                [.. Enumerable.Range(0, 1 + random.Next(4)).Select(index =>
                    new SchemaCase($"c{index}", random.Next(2) == 0 ? [] : Fields(random, depth - 1, slots)))]),
        };
    }

    /// <summary>A value in the encoding, with NaNs and infinities only when asked for.</summary>
    public static void Value(SchemaType type, Xoshiro256 random, ByteWriter output, bool finite)
    {
        switch (type)
        {
            case SchemaType.Unit:
                break;
            case SchemaType.Bool:
                output.U8((byte)random.Next(2));
                break;
            case SchemaType.Float:
                output.F64(Float(random, finite));
                break;
            case SchemaType.Text:
                output.Text(Text(random));
                break;
            case SchemaType.Bytes:
                output.Text(Text(random));
                break;
            case SchemaType.List list:
                int length = random.Next(4);
                output.U32((uint)length);
                for (int index = 0; index < length; index++)
                {
                    Value(list.Element, random, output, finite);
                }

                break;
            case SchemaType.Map map:
                Map(map, random, output, finite);
                break;
            case SchemaType.Optional optional:
                int present = random.Next(2);
                output.U8((byte)present);
                if (present == 1)
                {
                    Value(optional.Inner, random, output, finite);
                }

                break;
            case SchemaType.Record record:
                foreach (var field in record.Fields)
                {
                    Value(field.Type, random, output, finite);
                }

                break;
            case SchemaType.Variant variant:
                int chosen = random.Next(variant.Cases.Length);
                output.U16((ushort)chosen);
                foreach (var field in variant.Cases[chosen].Fields)
                {
                    Value(field.Type, random, output, finite);
                }

                break;
            default:
                output.I64(random.Next(3) == 0 ? (long)random.Next() : random.Next(1000) - 500);
                break;
        }
    }

    public static byte[] Value(SchemaType type, Xoshiro256 random, bool finite)
    {
        var output = new ByteWriter();
        Value(type, random, output, finite);
        return output.ToArray();
    }

    private static System.Collections.Immutable.ImmutableArray<SchemaField> Fields(
        Xoshiro256 random, int depth, bool slots) =>
        [.. Enumerable.Range(0, 1 + random.Next(3))
            .Select(index => new SchemaField($"f{index}", Type(random, depth, slots)))];

    private static SchemaType Key(Xoshiro256 random, bool slots) => random.Next(slots ? 7 : 6) switch
    {
        0 => new SchemaType.Bool(),
        1 => new SchemaType.Int(),
        2 => new SchemaType.Text(),
        3 => new SchemaType.Bytes(),
        4 => new SchemaType.Duration(),
        5 => new SchemaType.Variant("K", [new("a", []), new("b", []), new("c", [])]),
        _ => new SchemaType.Ref("other"),
    };

    // A list of values that take no octets decodes only by luck: a count is never greater than the octets that are
    // left.
    private static SchemaType NotUnit(SchemaType type) =>
        ValueEncoding.IsValid(type, []) ? new SchemaType.Int() : type;

    // `T??` and `unit?` have no JSON of their own: both none and some(none) would be null.
    private static SchemaType NotOptional(SchemaType type) =>
        type is SchemaType.Optional or SchemaType.Unit ? new SchemaType.Int() : type;

    private static void Map(SchemaType.Map map, Xoshiro256 random, ByteWriter output, bool finite)
    {
        var keys = new List<byte[]>();
        for (int tries = random.Next(4); 0 < tries; tries--)
        {
            var key = Value(map.Key, random, finite);
            if (keys.TrueForAll(other => ValueEncoding.Compare(map.Key, other, key) != 0))
            {
                keys.Add(key);
            }
        }

        keys.Sort((left, right) => ValueEncoding.Compare(map.Key, left, right));
        output.U32((uint)keys.Count);
        foreach (var key in keys)
        {
            output.Bytes(key);
            Value(map.Value, random, output, finite);
        }
    }

    private static double Float(Xoshiro256 random, bool finite)
    {
        double drawn = random.Next(3) switch
        {
            0 => BitConverter.UInt64BitsToDouble(random.Next()),
            1 => random.Next(2000) - 1000,
            _ => random.NextUnit(),
        };
        return finite && !double.IsFinite(drawn) ? 0.5
            : double.IsNaN(drawn) ? BitConverter.Int64BitsToDouble(ValueEncoding.CanonicalNaN) : drawn;
    }

    private static string Text(Xoshiro256 random)
    {
        string[] parts = ["a", "Z", "é", "\"", "\\", "\n", "\u0001", "𝄞", "/", " ", "日本"];
        return string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => parts[random.Next(parts.Length)]));
    }
}
