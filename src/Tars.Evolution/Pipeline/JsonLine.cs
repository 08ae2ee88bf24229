using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Tars.Evolution.Pipeline;

/// <summary>One object of JSON on one line, as archives and traces are made of.</summary>
internal static class JsonLine
{
    private static readonly JsonWriterOptions _options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Of(Action<Utf8JsonWriter> members)
    {
        using var octets = new MemoryStream();
        using (var json = new Utf8JsonWriter(octets, _options))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(octets.GetBuffer(), 0, (int)octets.Length);
    }
}
