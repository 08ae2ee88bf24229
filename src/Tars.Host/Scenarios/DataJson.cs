using System.Text.Json;
using System.Text.Json.Nodes;
using Tars.Bundle.Schema;
using Tars.Lang.Checking;

namespace Tars.Host.Scenarios;

/// <summary>Writes data of a document as the JSON of a type that was not known when the document was read.</summary>
/// <remarks>What does not fit the type is written as it stands; the reader of the JSON says what is wrong.</remarks>
internal static class DataJson
{
    public static string Of(DataNode data, SchemaType type) => Node(data, type)?.ToJsonString() ?? "null";

    private static JsonNode? Node(DataNode data, SchemaType type) => (data, type) switch
    {
        (DataNode.Text { Value: "none" }, SchemaType.Optional) => null,
        (_, SchemaType.Optional optional) => Node(data, optional.Inner),
        (DataNode.List list, SchemaType.List of) => Array(list, of.Element),
        (DataNode.Record record, SchemaType.Record of) => Members(record, name =>
            of.Fields.FirstOrDefault(field => field.Name == name)?.Type),
        (DataNode.Record record, SchemaType.Map of) => Members(record, _ => of.Value),
        (DataNode.Text text, _) => Scalar(text.Value, type),
        (DataNode.List list, _) => Array(list, new SchemaType.Text()),
        (DataNode.Record record, _) => Members(record, _ => null),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static JsonArray Array(DataNode.List list, SchemaType element) =>
        new([.. list.Items.Select(item => Node(item, element))]);

    private static JsonObject Members(DataNode.Record record, Func<string, SchemaType?> typeOf) => new(
        record.Fields.Select(field =>
            KeyValuePair.Create(field.Key, Node(field.Value, typeOf(field.Key) ?? new SchemaType.Text()))));

    // Numbers and truth values stand bare in JSON; everything else is a string there.
    private static JsonNode? Scalar(string text, SchemaType type)
    {
        if (type is not (SchemaType.Int or SchemaType.Float or SchemaType.Bool))
        {
            return JsonValue.Create(text);
        }

        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }
}
