using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Kernel.Linking;

namespace Tars.Kernel.Blobs;

/// <summary>Finds the blobs that a value names by the kernel's ids.</summary>
internal static class BlobPlaces
{
    /// <summary>The blobs of a value, each as often as it is named, or null when there are none.</summary>
    public static BlobHold? HoldOf(SchemaType type, ReadOnlySpan<byte> value, BlobStore store)
    {
        if (!SlotPlaces.AnyBlobIn(type))
        {
            return null;
        }

        var found = new List<Blob>();
        foreach (long id in IdsIn(type, value))
        {
            if (store.Find(id) is { } blob)
            {
                found.Add(blob);
            }
        }

        return found.Count == 0 ? null : new BlobHold(found);
    }

    /// <summary>What stands in the places for blobs; nothing when the octets are not a value of the type.</summary>
    public static List<long> IdsIn(SchemaType type, ReadOnlySpan<byte> value)
    {
        var found = new List<long>();
        if (ValueEncoding.IsValid(type, value))
        {
            var reader = new ByteReader(value);
            Walk(type, ref reader, found);
        }

        return found;
    }

    private static void Walk(SchemaType type, ref ByteReader reader, List<long> found)
    {
        if (!SlotPlaces.AnyBlobIn(type))
        {
            ValueEncoding.Skip(type, ref reader);
            return;
        }

        switch (type)
        {
            case SchemaType.Blob:
                found.Add(reader.I64());
                break;
            case SchemaType.List list:
                for (uint left = reader.U32(); 0 < left; left--)
                {
                    Walk(list.Element, ref reader, found);
                }

                break;
            case SchemaType.Map map:
                for (uint left = reader.U32(); 0 < left; left--)
                {
                    ValueEncoding.Skip(map.Key, ref reader); // No key is a blob.
                    Walk(map.Value, ref reader, found);
                }

                break;
            case SchemaType.Optional optional when reader.U8() == 1:
                Walk(optional.Inner, ref reader, found);
                break;
            case SchemaType.Optional:
                break;
            case SchemaType.Fallible fallible:
                Walk(reader.U8() == 0 ? fallible.Inner : BuiltInTypes.Failure, ref reader, found);
                break;
            case SchemaType.Record record:
                Fields(record.Fields.AsSpan(), ref reader, found);
                break;
            case SchemaType.Variant variant:
                Fields(variant.Cases[reader.U16()].Fields.AsSpan(), ref reader, found);
                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private static void Fields(ReadOnlySpan<SchemaField> fields, ref ByteReader reader, List<long> found)
    {
        foreach (var field in fields)
        {
            Walk(field.Type, ref reader, found);
        }
    }
}
