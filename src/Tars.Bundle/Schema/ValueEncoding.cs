using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text.Unicode;
using Tars.Base;

namespace Tars.Bundle.Schema;

/// <summary>
/// Checks and walks values in the encoding of docs/abi.md. The bytes may be hostile; nothing here throws.
/// </summary>
/// <remarks>
/// Data plane: no allocation. Types are finite trees of bounded depth, so the recursion is bounded too.
/// </remarks>
public static class ValueEncoding
{
    /// <summary>The only NaN that decodes.</summary>
    public const long CanonicalNaN = 0x7FF8_0000_0000_0000;

    /// <summary>True when the bytes are exactly one value of the type.</summary>
    public static bool IsValid(SchemaType type, ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes);
        Skip(type, ref reader);
        return !reader.Failed && reader.AtEnd;
    }

    /// <summary>True when the bytes are exactly the values of the fields, in order.</summary>
    public static bool IsValid(ReadOnlySpan<SchemaField> fields, ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes);
        SkipFields(fields, ref reader);
        return !reader.Failed && reader.AtEnd;
    }

    /// <summary>The size of all values of the type, where any octets of that size are one; else null.</summary>
    public static int? PlainSizeOf(SchemaType type)
    {
        switch (type)
        {
            case SchemaType.Unit:
                return 0;
            case SchemaType.Int or SchemaType.Duration or SchemaType.Instant:
            case SchemaType.Ref or SchemaType.Cap or SchemaType.Blob:
                return 8;
            case SchemaType.Record record:
                int? size = 0;
                foreach (var field in record.Fields)
                {
                    size += PlainSizeOf(field.Type);
                }

                return size;
            default:
                return null;
        }
    }

    /// <summary>Reads past one value; the reader has failed when it was not one.</summary>
    public static void Skip(SchemaType type, ref ByteReader reader)
    {
        switch (type)
        {
            case SchemaType.Unit:
                break;
            case SchemaType.Bool:
                Require(reader.U8() <= 1, ref reader);
                break;
            case SchemaType.Int or SchemaType.Duration or SchemaType.Instant:
                reader.I64();
                break;
            case SchemaType.Ref or SchemaType.Cap or SchemaType.Blob:
                reader.I64();
                break;
            case SchemaType.Float:
                RequireFloat(reader.I64(), ref reader);
                break;
            case SchemaType.Text:
                Require(Utf8.IsValid(reader.Bytes(reader.U32())), ref reader);
                break;
            case SchemaType.Bytes:
                reader.Bytes(reader.U32());
                break;
            case SchemaType.List list:
                SkipList(list, ref reader);
                break;
            case SchemaType.Map map:
                SkipMap(map, ref reader);
                break;
            case SchemaType.Optional optional:
                SkipTagged(optional.Inner, whenZero: false, other: null, ref reader);
                break;
            case SchemaType.Fallible fallible:
                SkipTagged(fallible.Inner, whenZero: true, other: BuiltInTypes.Failure, ref reader);
                break;
            case SchemaType.Record record:
                SkipFields(record.Fields.AsSpan(), ref reader);
                break;
            case SchemaType.Variant variant:
                SkipVariant(variant, ref reader);
                break;
            default:
                throw new UnreachableException();
        }
    }

    /// <summary>Compares two valid keys of a map: negative, zero or positive.</summary>
    public static int Compare(SchemaType key, ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) => key switch
    {
        SchemaType.Bool => left[0].CompareTo(right[0]),
        SchemaType.Text or SchemaType.Bytes => left[4..].SequenceCompareTo(right[4..]),
        SchemaType.Variant =>
            BinaryPrimitives.ReadUInt16LittleEndian(left).CompareTo(BinaryPrimitives.ReadUInt16LittleEndian(right)),
        SchemaType.Int or SchemaType.Duration or SchemaType.Instant or SchemaType.Ref =>
            BinaryPrimitives.ReadInt64LittleEndian(left).CompareTo(BinaryPrimitives.ReadInt64LittleEndian(right)),
        _ => throw new UnreachableException(),
    };

    /// <summary>True for a type whose values have an order that maps can be walked in.</summary>
    public static bool MayBeKey(SchemaType type) => type switch
    {
        SchemaType.Bool or SchemaType.Int or SchemaType.Text or SchemaType.Bytes => true,
        SchemaType.Duration or SchemaType.Instant or SchemaType.Ref => true,
        SchemaType.Variant variant => variant.Cases.All(one => one.Fields.IsEmpty),
        _ => false,
    };

    // A count is never greater than the octets that are left, so four octets cannot stand for hours of work.
    private static uint Count(ref ByteReader reader)
    {
        uint count = reader.U32();
        Require(count <= reader.Remaining, ref reader);
        return count;
    }

    private static void SkipList(SchemaType.List list, ref ByteReader reader)
    {
        uint count = Count(ref reader);
        if (NumberOf(list.Element) is { } number)
        {
            SkipNumbers(count, number, ref reader);
            return;
        }

        if (list.Element is SchemaType.Record { Fields: { Length: > 0 } fields }
            && fields.All(field => NumberOf(field.Type) is not null))
        {
            SkipRows(count, fields, ref reader);
            return;
        }

        for (uint done = 0; done < count && !reader.Failed; done++)
        {
            Skip(list.Element, ref reader);
        }
    }

    // Long lists of numbers are walked without asking each for its type.
    private static bool? NumberOf(SchemaType type) => type switch
    {
        SchemaType.Float => true,
        SchemaType.Int or SchemaType.Duration or SchemaType.Instant or SchemaType.Ref => false,
        _ => null,
    };

    private static void SkipNumbers(uint count, bool areFloats, ref ByteReader reader)
    {
        var octets = reader.Bytes(8L * count);
        areFloats = areFloats && MayHoldNaN(octets);
        for (int at = 0; areFloats && at < octets.Length; at += 8)
        {
            RequireFloat(BinaryPrimitives.ReadInt64LittleEndian(octets[at..]), ref reader);
        }
    }

    private static void SkipRows(uint count, ImmutableArray<SchemaField> fields, ref ByteReader reader)
    {
        var octets = reader.Bytes(8L * fields.Length * count);
        bool mayHoldNaN = fields.Any(field => field.Type is SchemaType.Float) && MayHoldNaN(octets);
        for (int field = 0; mayHoldNaN && field < fields.Length; field++)
        {
            bool isFloat = fields[field].Type is SchemaType.Float;
            for (int at = 8 * field; isFloat && at < octets.Length; at += 8 * fields.Length)
            {
                RequireFloat(BinaryPrimitives.ReadInt64LittleEndian(octets[at..]), ref reader);
            }
        }
    }

    // Of words of eight octets: false when none of them is a NaN, whatever they stand for. Many words at once, and of
    // most lists it is all that there is to ask.
    private static bool MayHoldNaN(ReadOnlySpan<byte> octets)
    {
        var words = MemoryMarshal.Cast<byte, double>(octets);
        var vectors = MemoryMarshal.Cast<double, Vector<double>>(words);
        foreach (var vector in vectors)
        {
            if (!Vector.EqualsAll(vector, vector))
            {
                return true;
            }
        }

        foreach (double word in words[(vectors.Length * Vector<double>.Count)..])
        {
            if (double.IsNaN(word))
            {
                return true;
            }
        }

        return false;
    }

    private static void RequireFloat(long bits, ref ByteReader reader) =>
        Require(!double.IsNaN(BitConverter.Int64BitsToDouble(bits)) || bits == CanonicalNaN, ref reader);

    private static void SkipMap(SchemaType.Map map, ref ByteReader reader)
    {
        uint count = Count(ref reader);
        ReadOnlySpan<byte> previous = [];
        for (uint done = 0; done < count && !reader.Failed; done++)
        {
            var start = reader;
            Skip(map.Key, ref reader);
            if (reader.Failed)
            {
                return;
            }

            var key = start.Bytes(reader.Position - start.Position);
            Require(done == 0 || Compare(map.Key, previous, key) < 0, ref reader);
            previous = key;
            Skip(map.Value, ref reader);
        }
    }

    private static void SkipTagged(SchemaType inner, bool whenZero, SchemaType? other, ref ByteReader reader)
    {
        byte tag = reader.U8();
        Require(tag <= 1, ref reader);
        if (tag == 0 == whenZero)
        {
            Skip(inner, ref reader);
        }
        else if (other is not null)
        {
            Skip(other, ref reader);
        }
    }

    private static void SkipFields(ReadOnlySpan<SchemaField> fields, ref ByteReader reader)
    {
        foreach (var field in fields)
        {
            Skip(field.Type, ref reader);
        }
    }

    private static void SkipVariant(SchemaType.Variant variant, ref ByteReader reader)
    {
        int index = reader.U16();
        if (reader.Failed || variant.Cases.Length <= index)
        {
            reader.Fail();
            return;
        }

        SkipFields(variant.Cases[index].Fields.AsSpan(), ref reader);
    }

    private static void Require(bool condition, ref ByteReader reader)
    {
        if (!condition)
        {
            reader.Fail();
        }
    }
}
