using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Tars.Base;

namespace Tars.Bundle.Schema;

/// <summary>Writes JSON without blanks, in one canonical form: only what must be escaped is escaped.</summary>
public sealed class JsonWriter
{
    private readonly ByteWriter _out;
    private bool _separate;

    public JsonWriter(ByteWriter output) => _out = output;

    public void BeginObject() => Open((byte)'{');

    public void EndObject() => Close((byte)'}');

    public void BeginArray() => Open((byte)'[');

    public void EndArray() => Close((byte)']');

    /// <summary>The name of the next member.</summary>
    public void Name(string name)
    {
        Text(name);
        _out.U8((byte)':');
        _separate = false;
    }

    public void Name(ReadOnlySpan<byte> utf8)
    {
        Text(utf8);
        _out.U8((byte)':');
        _separate = false;
    }

    public void Text(string text) => Text(Encoding.UTF8.GetBytes(text));

    /// <summary>A string of valid UTF-8.</summary>
    public void Text(ReadOnlySpan<byte> utf8)
    {
        Separate();
        _out.U8((byte)'"');
        int start = 0;
        for (int at = 0; at < utf8.Length; at++)
        {
            if (utf8[at] is >= 0x20 and not (byte)'"' and not (byte)'\\')
            {
                continue;
            }

            _out.Bytes(utf8[start..at]);
            Escape(utf8[at]);
            start = at + 1;
        }

        _out.Bytes(utf8[start..]);
        _out.U8((byte)'"');
    }

    /// <summary>Octets as base64.</summary>
    public void Base64(ReadOnlySpan<byte> bytes) => Text(Convert.ToBase64String(bytes));

    public void Int(long value)
    {
        Separate();
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(value, digits, out int count);
        _out.Bytes(digits[..count]);
    }

    /// <summary>A finite number.</summary>
    public void Float(double value)
    {
        Invariant.Holds(double.IsFinite(value));
        Raw(FloatText.Of(value));
    }

    public void Bool(bool value) => Raw(value ? "true" : "false");

    public void Null() => Raw("null");

    private void Raw(string ascii)
    {
        Separate();
        foreach (char one in ascii)
        {
            _out.U8((byte)one);
        }
    }

    private void Escape(byte octet)
    {
        var escaped = octet switch
        {
            (byte)'"' => "\\\"",
            (byte)'\\' => "\\\\",
            (byte)'\n' => "\\n",
            (byte)'\r' => "\\r",
            (byte)'\t' => "\\t",
            _ => string.Create(CultureInfo.InvariantCulture, $"\\u{octet:x4}"),
        };
        foreach (char one in escaped)
        {
            _out.U8((byte)one);
        }
    }

    private void Open(byte bracket)
    {
        Separate();
        _out.U8(bracket);
        _separate = false;
    }

    private void Close(byte bracket)
    {
        _out.U8(bracket);
        _separate = true;
    }

    private void Separate()
    {
        if (_separate)
        {
            _out.U8((byte)',');
        }

        _separate = true;
    }
}
