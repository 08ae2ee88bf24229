using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Tars.Base;
using Tars.Bundle.Schema;

namespace Tars.Host;

/// <summary>What a run tells the outside as JSON, one object a line, for programs that read it.</summary>
/// <remarks>A line is written at once: the output may be handed on between any two writes.</remarks>
internal sealed class JsonLineOutput(Stream output)
{
    private static readonly JsonWriterOptions _options =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly ByteWriter _value = new();
    private readonly ArrayBufferWriter<byte> _line = new();

    public void Published(ReadOnlySpan<byte> channel, SchemaType type, ReadOnlySpan<byte> value)
    {
        using var json = Begin("channel", channel);
        _value.Clear();
        if (ValueJson.Write(type, value, _value) is { } why)
        {
            json.WriteString("no_value", why);
        }
        else
        {
            json.WritePropertyName("value");
            json.WriteRawValue(_value.Written, skipInputValidation: true);
        }

        End(json);
    }

    public void Printed(string device, ReadOnlySpan<byte> line)
    {
        using var json = Begin("device", System.Text.Encoding.UTF8.GetBytes(device));
        json.WriteString("line", line);
        End(json);
    }

    /// <param name="handler">"" when no handler ran.</param>
    /// <param name="file">"" when the place is not known.</param>
    public void Trapped(string process, string handler, string file, LinePosition place, string reason)
    {
        using var json = Begin("trap", System.Text.Encoding.UTF8.GetBytes(reason));
        json.WriteString("process", process);
        json.WriteString("handler", handler);
        json.WriteString("file", file);
        json.WriteNumber("line", place.Line);
        json.WriteNumber("column", place.Column);
        End(json);
    }

    private Utf8JsonWriter Begin(string member, ReadOnlySpan<byte> text)
    {
        _line.ResetWrittenCount();
        var json = new Utf8JsonWriter(_line, _options);
        json.WriteStartObject();
        json.WriteString(member, text);
        return json;
    }

    private void End(Utf8JsonWriter json)
    {
        json.WriteEndObject();
        json.Flush();
        _line.Write("\n"u8);
        output.Write(_line.WrittenSpan);
    }
}
