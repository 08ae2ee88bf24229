using Tars.Bundle.Schema;

namespace Tars.Kernel.Linking;

/// <summary>Which types have places for processes, capabilities or blobs.</summary>
internal static class SlotPlaces
{
    public static bool AnyIn(SchemaType type) => type switch
    {
        SchemaType.Ref or SchemaType.Cap or SchemaType.Blob => true,
        SchemaType.List list => AnyIn(list.Element),
        SchemaType.Map map => AnyIn(map.Key) || AnyIn(map.Value),
        SchemaType.Optional optional => AnyIn(optional.Inner),
        SchemaType.Fallible fallible => AnyIn(fallible.Inner),
        SchemaType.Record record => record.Fields.Any(field => AnyIn(field.Type)),
        SchemaType.Variant variant => variant.Cases.Any(one => one.Fields.Any(field => AnyIn(field.Type))),
        _ => false,
    };
}
