using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Kernel.Linking;

namespace Tars.Kernel.Blobs;

/// <summary>Finds the blobs and narrowed capabilities that a value names by the kernel's ids.</summary>
internal static class BlobPlaces
{
    /// <summary>The blobs of a value, each as often as it is named, or null when there are none.</summary>
    public static BlobHold? HoldOf(SchemaType type, ReadOnlySpan<byte> value, BlobStore store)
    {
        if (!SlotPlaces.AnyBlobIn(type))
        {
            return null;
        }

        var found = Known(IdsIn(type, value), store.Find);
        return found.Count == 0 ? null : new BlobHold(found);
    }

    /// <summary>The same of a value for another shard, and the narrowed capabilities that it names.</summary>
    public static BlobHold? CargoOf(SchemaType type, ReadOnlySpan<byte> value, KernelState state)
    {
        if (!SlotPlaces.AnyOfOneKernel(type))
        {
            return null;
        }

        var capabilities = new List<long>();
        var blobs = Known(IdsIn(type, value, capabilities), state.Blobs.Find);
        var lent = Known(capabilities.Distinct(), state.Derivations.Find);
        return blobs.Count + lent.Count == 0 ? null : new BlobHold(blobs) { Lent = lent };
    }

    private static List<T> Known<T>(IEnumerable<long> ids, Func<long, T?> find)
        where T : class => [.. ids.Select(find).OfType<T>()];

    /// <summary>True when each blob that a value names is there.</summary>
    public static bool AreAllHere(SchemaType type, ReadOnlySpan<byte> value, BlobStore store) =>
        !SlotPlaces.AnyBlobIn(type) || IdsIn(type, value).TrueForAll(id => store.Find(id) is not null);

    /// <summary>What stands in the places for blobs; nothing when the octets are not a value of the type.</summary>
    /// <param name="capabilities">Takes what stands in the places for capabilities.</param>
    public static List<long> IdsIn(
        SchemaType type, ReadOnlySpan<byte> value, List<long>? capabilities = null)
    {
        var found = new Found([], capabilities ?? []);
        if (ValueEncoding.IsValid(type, value))
        {
            var reader = new ByteReader(value);
            Walk(type, ref reader, found);
        }

        return found.Blobs;
    }

    private static void Walk(SchemaType type, ref ByteReader reader, Found found)
    {
        if (!SlotPlaces.AnyOfOneKernel(type))
        {
            ValueEncoding.Skip(type, ref reader);
            return;
        }

        switch (type)
        {
            case SchemaType.Blob:
                found.Blobs.Add(reader.I64());
                break;
            case SchemaType.Cap:
                found.Capabilities.Add(reader.I64());
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
                    ValueEncoding.Skip(map.Key, ref reader); // No key is one of them.
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

    private static void Fields(ReadOnlySpan<SchemaField> fields, ref ByteReader reader, Found found)
    {
        foreach (var field in fields)
        {
            Walk(field.Type, ref reader, found);
        }
    }

    private readonly record struct Found(List<long> Blobs, List<long> Capabilities);
}
