using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Tars.Base;

namespace Tars.Bundle.Schema;

/// <summary>
/// JSON to encoded values, by their type. The JSON may be hostile: what does not fit is an answer with its path.
/// </summary>
/// <remarks>
/// Members that a record does not have are skipped; a missing one is filled in when it is a <c>T?</c> or its default
/// is known.
/// A member that stands twice is an error: no reader could say which one counts.
/// </remarks>
public sealed class ValueJsonReader
{
    private static readonly JsonDocumentOptions _options = new() { MaxDepth = BundleLimits.JsonDepthMax };

    private readonly ByteWriter _out;
    private string? _error;

    private ValueJsonReader(ByteWriter output) => _out = output;

    /// <summary>Appends the encoding of one value.</summary>
    /// <returns>Null, or what is wrong and where; then what was appended means nothing.</returns>
    public static string? Read(SchemaType type, ReadOnlyMemory<byte> json, ByteWriter output)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json, _options);
        }
        catch (JsonException)
        {
            return "$: not JSON";
        }

        using (document)
        {
            return Read(type, document.RootElement, output);
        }
    }

    /// <summary>The same for a value inside a document.</summary>
    public static string? Read(SchemaType type, JsonElement json, ByteWriter output)
    {
        var reader = new ValueJsonReader(output);
        reader.Value(type, json, "$");
        return reader._error;
    }

    private void Value(SchemaType type, JsonElement json, string path)
    {
        switch (type)
        {
            case SchemaType.Unit:
                Expect(json.ValueKind == JsonValueKind.Null, path, "null");
                break;
            case SchemaType.Bool:
                Expect(json.ValueKind is JsonValueKind.True or JsonValueKind.False, path, "true or false");
                _out.U8(json.ValueKind == JsonValueKind.True ? (byte)1 : (byte)0);
                break;
            case SchemaType.Int:
                _out.I64(Whole(json, path));
                break;
            case SchemaType.Float:
                _out.F64(Number(json, path));
                break;
            case SchemaType.Text or SchemaType.Bytes or SchemaType.Duration or SchemaType.Instant:
                Written(type, StringOf(json, path, "text"), path);
                break;
            case SchemaType.List list:
                List(list, json, path);
                break;
            case SchemaType.Map map:
                Map(map, json, path);
                break;
            case SchemaType.Optional optional:
                bool present = json.ValueKind != JsonValueKind.Null;
                _out.U8(present ? (byte)1 : (byte)0);
                if (present)
                {
                    Value(optional.Inner, json, path);
                }

                break;
            case SchemaType.Fallible fallible:
                Fallible(fallible, json, path);
                break;
            case SchemaType.Record record:
                Fields(record.Fields.AsSpan(), json, path);
                break;
            case SchemaType.Variant variant:
                Variant(variant, json, path);
                break;
            case SchemaType.Ref or SchemaType.Cap or SchemaType.Blob:
                Fail(path, "a process, capability or blob cannot be written as JSON");
                break;
            default:
                throw new UnreachableException();
        }
    }

    // Everything that JSON holds as a string: also how keys of maps are read.
    private void Written(SchemaType type, string text, string path)
    {
        switch (type)
        {
            case SchemaType.Text:
                _out.Text(text);
                break;
            case SchemaType.Bytes:
                byte[] bytes = new byte[text.Length];
                Expect(Convert.TryFromBase64String(text, bytes, out int count), path, "base64");
                _out.U32((uint)count);
                _out.Bytes(bytes.AsSpan(0, count));
                break;
            case SchemaType.Duration:
                Expect(DurationText.TryParse(text, out long duration), path, "a duration such as \"250ms\"");
                _out.I64(duration);
                break;
            case SchemaType.Instant:
                Expect(InstantText.TryParse(text, out long instant), path,
                    "an instant such as \"2000-01-01T00:00:00Z\"");
                _out.I64(instant);
                break;
            case SchemaType.Bool:
                Expect(text is "true" or "false", path, "true or false");
                _out.U8(text == "true" ? (byte)1 : (byte)0);
                break;
            case SchemaType.Int:
                bool whole = long.TryParse(
                    text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number);
                Expect(whole, path, "a whole number");
                _out.I64(number);
                break;
            case SchemaType.Variant variant:
                Case(variant, text, path);
                break;
            default:
                Fail(path, "a process cannot be written as JSON");
                break;
        }
    }

    private void List(SchemaType.List list, JsonElement json, string path)
    {
        if (!Expect(json.ValueKind == JsonValueKind.Array, path, "a list"))
        {
            return;
        }

        _out.U32((uint)json.GetArrayLength());
        int index = 0;
        foreach (var element in json.EnumerateArray())
        {
            if (_error is not null)
            {
                return;
            }

            Value(list.Element, element, string.Create(CultureInfo.InvariantCulture, $"{path}[{index++}]"));
        }
    }

    private void Map(SchemaType.Map map, JsonElement json, string path)
    {
        if (!Expect(json.ValueKind == JsonValueKind.Object, path, "an object"))
        {
            return;
        }

        var entries = new List<(byte[] Key, JsonElement Value, string Name)>();
        foreach (var member in json.EnumerateObject())
        {
            var key = new ByteWriter(16);
            var reader = new ValueJsonReader(key);
            var name = NameOf(member, path);
            reader.Written(map.Key, name, $"{path}.{name}");
            _error ??= reader._error;
            entries.Add((key.ToArray(), member.Value, name));
        }

        if (_error is not null)
        {
            return;
        }

        entries.Sort((left, right) => ValueEncoding.Compare(map.Key, left.Key, right.Key));
        _out.U32((uint)entries.Count);
        for (int index = 0; index < entries.Count && _error is null; index++)
        {
            var (key, value, name) = entries[index];
            bool fresh = index == 0 || ValueEncoding.Compare(map.Key, entries[index - 1].Key, key) != 0;
            Expect(fresh, $"{path}.{name}", "each key once");
            _out.Bytes(key);
            Value(map.Value, value, $"{path}.{name}");
        }
    }

    private void Fallible(SchemaType.Fallible fallible, JsonElement json, string path)
    {
        if (json.ValueKind == JsonValueKind.Object && json.TryGetProperty("value", out var value))
        {
            _out.U8(0);
            Value(fallible.Inner, value, $"{path}.value");
        }
        else if (json.ValueKind == JsonValueKind.Object && json.TryGetProperty("failure", out var failure))
        {
            _out.U8(1);
            Value(BuiltInTypes.Failure, failure, $"{path}.failure");
        }
        else
        {
            Fail(path, "an object with `value` or `failure` is expected");
        }
    }

    private void Fields(ReadOnlySpan<SchemaField> fields, JsonElement json, string path)
    {
        if (!Expect(json.ValueKind == JsonValueKind.Object, path, "an object"))
        {
            return;
        }

        var found = new JsonElement?[fields.Length];
        foreach (var member in json.EnumerateObject())
        {
            int index = IndexOf(fields, NameOf(member, path));
            if (0 <= index)
            {
                Expect(found[index] is null, $"{path}.{fields[index].Name}", "each member once");
                found[index] = member.Value;
            }
        }

        for (int index = 0; index < fields.Length && _error is null; index++)
        {
            Field(fields[index], found[index], path);
        }
    }

    private void Field(SchemaField field, JsonElement? found, string path)
    {
        if (found is { } value)
        {
            Value(field.Type, value, $"{path}.{field.Name}");
        }
        else if (field.Default is { } known)
        {
            _out.Bytes(known.AsSpan());
        }
        else if (field.Type is SchemaType.Optional)
        {
            _out.U8(0);
        }
        else
        {
            Fail(path, $"`{field.Name}` is missing");
        }
    }

    private void Variant(SchemaType.Variant variant, JsonElement json, string path)
    {
        if (json.ValueKind == JsonValueKind.String)
        {
            Case(variant, StringOf(json, path, "text"), path);
            return;
        }

        if (!Expect(json.ValueKind == JsonValueKind.Object, path, "a case"))
        {
            return;
        }

        int members = 0;
        foreach (var member in json.EnumerateObject())
        {
            var name = NameOf(member, path);
            int index = IndexOf(variant, name);
            if (!Expect(members++ == 0 && 0 <= index && !variant.Cases[index].Fields.IsEmpty, path, CasesOf(variant)))
            {
                return;
            }

            _out.U16((ushort)index);
            Fields(variant.Cases[index].Fields.AsSpan(), member.Value, $"{path}.{name}");
        }

        Expect(members == 1, path, CasesOf(variant));
    }

    private void Case(SchemaType.Variant variant, string name, string path)
    {
        int index = IndexOf(variant, name);
        Expect(0 <= index && variant.Cases[index].Fields.IsEmpty, path, CasesOf(variant));
        _out.U16((ushort)Math.Max(0, index));
    }

    private static int IndexOf(SchemaType.Variant variant, string name)
    {
        for (int index = 0; index < variant.Cases.Length; index++)
        {
            if (variant.Cases[index].Name == name)
            {
                return index;
            }
        }

        return -1;
    }

    private static int IndexOf(ReadOnlySpan<SchemaField> fields, string name)
    {
        for (int index = 0; index < fields.Length; index++)
        {
            if (fields[index].Name == name)
            {
                return index;
            }
        }

        return -1;
    }

    private static string CasesOf(SchemaType.Variant variant) =>
        $"one of {string.Join(", ", variant.Cases.Select(one => one.Name))}";

    private long Whole(JsonElement json, string path)
    {
        long value = 0;
        Expect(json.ValueKind == JsonValueKind.Number
            && json.TryGetInt64(out value), path, "a whole number of 64 bits");
        return value;
    }

    private double Number(JsonElement json, string path)
    {
        double value = 0;
        bool number = json.ValueKind == JsonValueKind.Number && json.TryGetDouble(out value) && double.IsFinite(value);
        Expect(number, path, "a number");
        return number ? value : 0;
    }

    // A string may hold half a surrogate pair, which has no UTF-8; the library says so with an exception.
    private string StringOf(JsonElement json, string path, string expected)
    {
        if (!Expect(json.ValueKind == JsonValueKind.String, path, expected))
        {
            return "";
        }

        try
        {
            return json.GetString() ?? "";
        }
        catch (InvalidOperationException)
        {
            Fail(path, "text that is not Unicode");
            return "";
        }
    }

    private string NameOf(JsonProperty member, string path)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            Fail(path, "a name that is not Unicode");
            return "";
        }
    }

    private bool Expect(bool condition, string path, string expected)
    {
        if (!condition)
        {
            Fail(path, $"{expected} expected");
        }

        return condition;
    }

    private void Fail(string path, string what) => _error ??= $"{path}: {what}";
}
