using Tars.Bundle.Schema;

namespace Tars.Kernel.Linking;

/// <summary>Which types have places for processes, capabilities or blobs.</summary>
internal static class SlotPlaces
{
    public static bool AnyIn(SchemaType type) =>
        Any(type, one => one is SchemaType.Ref or SchemaType.Cap or SchemaType.Blob);

    /// <summary>True where a value holds what is closed with the message that carries it.</summary>
    public static bool AnyOfOneMessage(SchemaType type) => Any(type, one => one is SchemaType.Cap);

    /// <summary>True where a value holds what one kernel alone can look up.</summary>
    public static bool AnyOfOneKernel(SchemaType type) =>
        Any(type, one => one is SchemaType.Cap or SchemaType.Blob);

    public static bool AnyBlobIn(SchemaType type) => Any(type, one => one is SchemaType.Blob);

    private static bool Any(SchemaType type, Predicate<SchemaType> isOne) => isOne(type) || type switch
    {
        SchemaType.List list => Any(list.Element, isOne),
        SchemaType.Map map => Any(map.Key, isOne) || Any(map.Value, isOne),
        SchemaType.Optional optional => Any(optional.Inner, isOne),
        SchemaType.Fallible fallible => Any(fallible.Inner, isOne),
        SchemaType.Record record => record.Fields.Any(field => Any(field.Type, isOne)),
        SchemaType.Variant variant => variant.Cases.Any(one => one.Fields.Any(field => Any(field.Type, isOne))),
        _ => false,
    };
}
