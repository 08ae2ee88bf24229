using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Tars.Bundle.Schema;

namespace Tars.Kernel.Linking;

/// <summary>Which types have places for processes, capabilities or blobs.</summary>
/// <remarks>Each element of a value asks this of its type, so what was found of a type is kept with it.</remarks>
internal static class SlotPlaces
{
    private static readonly ConditionalWeakTable<SchemaType, Found> _known = [];

    [Flags]
    private enum Places
    {
        None = 0,
        Ref = 1,
        Cap = 2,
        Blob = 4,
    }

    public static bool AnyIn(SchemaType type) => Of(type) != Places.None;

    /// <summary>True where a value holds what is closed with the message that carries it.</summary>
    public static bool AnyOfOneMessage(SchemaType type) => (Of(type) & Places.Cap) != 0;

    /// <summary>True where a value holds what one kernel alone can look up.</summary>
    public static bool AnyOfOneKernel(SchemaType type) => (Of(type) & (Places.Cap | Places.Blob)) != 0;

    public static bool AnyBlobIn(SchemaType type) => (Of(type) & Places.Blob) != 0;

    /// <summary>
    /// Where the places are, when any octets of one size are a value and only processes have places in it; else null.
    /// </summary>
    public static PlainRefs? PlainRefsIn(SchemaType type) => Look(type).Refs;

    private static Places Of(SchemaType type) => Look(type).Places;

    private static Found Look(SchemaType type)
    {
        if (!_known.TryGetValue(type, out var found))
        {
            var places = Find(type);
            found = new Found(places, places == Places.Ref ? RefsOf(type) : null);
            _known.AddOrUpdate(type, found);
        }

        return found;
    }

    private static PlainRefs? RefsOf(SchemaType type)
    {
        if (ValueEncoding.PlainSizeOf(type) is not { } size)
        {
            return null;
        }

        var places = ImmutableArray.CreateBuilder<int>();
        Add(type, at: 0);
        return new PlainRefs(size, places.DrainToImmutable());

        // Of a plain value all parts are.
        int Add(SchemaType part, int at)
        {
            if (part is SchemaType.Record record)
            {
                return record.Fields.Aggregate(at, (next, field) => Add(field.Type, next));
            }

            if (part is SchemaType.Ref)
            {
                places.Add(at);
            }

            return at + ValueEncoding.PlainSizeOf(part)!.Value;
        }
    }

    private static Places Find(SchemaType type) => type switch
    {
        SchemaType.Ref => Places.Ref,
        SchemaType.Cap => Places.Cap,
        SchemaType.Blob => Places.Blob,
        SchemaType.List list => Of(list.Element),
        SchemaType.Map map => Of(map.Key) | Of(map.Value),
        SchemaType.Optional optional => Of(optional.Inner),
        SchemaType.Fallible fallible => Of(fallible.Inner),
        SchemaType.Record record => Of(record.Fields),
        SchemaType.Variant variant => variant.Cases.Aggregate(Places.None, (all, one) => all | Of(one.Fields)),
        _ => Places.None,
    };

    private static Places Of(IEnumerable<SchemaField> fields) =>
        fields.Aggregate(Places.None, (all, one) => all | Of(one.Type));

    private sealed record Found(Places Places, PlainRefs? Refs);
}

/// <summary>Where processes are named in a value.</summary>
/// <param name="Size">Octets of every value of the type.</param>
/// <param name="At">Where each place begins, ascending.</param>
internal sealed record PlainRefs(int Size, ImmutableArray<int> At);
