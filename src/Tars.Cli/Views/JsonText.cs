using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Tars.Cli.Views;

/// <summary>Answers as JSON, written member by member: what a member is called stands where it is written.</summary>
internal static class JsonText
{
    public static JsonWriterOptions IndentedOptions { get; } = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Indented = true,
        NewLine = "\n",
    };

    private static readonly JsonWriterOptions _line = IndentedOptions with { Indented = false };

    /// <summary>An object over several lines, without a line end behind it.</summary>
    public static string Indented(Action<Utf8JsonWriter> members) => Of(IndentedOptions, members);

    /// <summary>An object on one line.</summary>
    public static string Line(Action<Utf8JsonWriter> members) => Of(_line, members);

    /// <summary>A list, each item written by the same hand.</summary>
    public static void List<T>(
        this Utf8JsonWriter json, string name, IEnumerable<T> items, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            write(json, item);
        }

        json.WriteEndArray();
    }

    private static string Of(JsonWriterOptions options, Action<Utf8JsonWriter> members)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, options))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }
}
