using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Tars.Host.Control;

/// <summary>Lines that a run sends to a client: the greeting, what was done, why it was not.</summary>
internal static class ControlAnswer
{
    private static readonly JsonWriterOptions _options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The first line of a connection.</summary>
    public static ReadOnlyMemory<byte> Hello(IEnumerable<string> modules) => Line(json =>
    {
        json.WriteString("tars", "control");
        json.WriteNumber("version", ControlLink.Version);
        json.WriteNumber("process", Environment.ProcessId);
        json.WriteStartArray("modules");
        foreach (string module in modules)
        {
            json.WriteStringValue(module);
        }

        json.WriteEndArray();
    });

    public static ReadOnlyMemory<byte> Refused(long id, string reason) => Line(json =>
    {
        json.WriteNumber("id", id);
        json.WriteBoolean("ok", value: false);
        json.WriteString("reason", reason);
    });

    public static ReadOnlyMemory<byte> Done(long id, Action<Utf8JsonWriter> members) => Line(json =>
    {
        json.WriteNumber("id", id);
        json.WriteBoolean("ok", value: true);
        members(json);
    });

    private static ReadOnlyMemory<byte> Line(Action<Utf8JsonWriter> members)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, _options))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        bytes.Write("\n"u8);
        return bytes.WrittenMemory;
    }
}
