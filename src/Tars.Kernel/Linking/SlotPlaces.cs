using System.Runtime.CompilerServices;
using Tars.Bundle.Schema;

namespace Tars.Kernel.Linking;

/// <summary>Which types have places for processes, capabilities or blobs.</summary>
/// <remarks>Each element of a value asks this of its type, so what was found of a type is kept with it.</remarks>
internal static class SlotPlaces
{
    private static readonly ConditionalWeakTable<SchemaType, StrongBox<Places>> _known = [];

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

    private static Places Of(SchemaType type)
    {
        if (_known.TryGetValue(type, out var known))
        {
            return known.Value;
        }

        var found = Find(type);
        _known.AddOrUpdate(type, new StrongBox<Places>(found));
        return found;
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
}
