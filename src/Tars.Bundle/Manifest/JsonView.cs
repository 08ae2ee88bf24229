using System.Collections.Immutable;
using System.Text.Json;
using Tars.Bundle.Container;
using Tars.Bundle.Schema;

namespace Tars.Bundle.Manifest;

/// <summary>
/// Reads the members of one JSON object of a manifest; what does not fit is noted once, with its place, and read as
/// empty.
/// </summary>
internal readonly struct JsonView
{
    private readonly JsonElement _object;
    private readonly string _path;
    private readonly ManifestReader _owner;

    public JsonView(JsonElement json, string path, ManifestReader owner)
    {
        _object = json;
        _path = path;
        _owner = owner;
        if (json.ValueKind != JsonValueKind.Object)
        {
            owner.Fail(path, "an object is expected");
        }
    }

    public bool IsNull(string name) => Member(name).ValueKind == JsonValueKind.Null;

    public string Text(string name)
    {
        var member = Member(name);
        if (member.ValueKind == JsonValueKind.String)
        {
            return member.GetString() ?? "";
        }

        Fail(name, "text is expected");
        return "";
    }

    public long Int(string name)
    {
        var member = Member(name);
        if (member.ValueKind == JsonValueKind.Number && member.TryGetInt64(out long value))
        {
            return value;
        }

        Fail(name, "a whole number is expected");
        return 0;
    }

    public int Int32(string name)
    {
        long value = Int(name);
        if (value == (int)value)
        {
            return (int)value;
        }

        Fail(name, "the number is too large");
        return 0;
    }

    public double Float(string name)
    {
        var member = Member(name);
        if (member.ValueKind == JsonValueKind.Number && member.TryGetDouble(out double value) && double.IsFinite(value))
        {
            return value;
        }

        Fail(name, "a number is expected");
        return 0;
    }

    public bool Bool(string name)
    {
        var member = Member(name);
        if (member.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return member.ValueKind == JsonValueKind.True;
        }

        Fail(name, "true or false is expected");
        return false;
    }

    public long? OptionalInt(string name) => IsNull(name) ? null : Int(name);

    public T Word<T>(string name)
        where T : struct, Enum
    {
        if (EnumWords<T>.TryParse(Text(name), out var value))
        {
            return value;
        }

        Fail(name, "no such word");
        return default;
    }

    public SchemaType Type(string name)
    {
        if (SchemaParser.TryParse(Text(name), out var type))
        {
            return type;
        }

        Fail(name, "not the text of a type");
        return new SchemaType.Unit();
    }

    public ImmutableArray<SchemaField> Fields(string name)
    {
        if (SchemaParser.TryParseFields(Text(name), out var fields))
        {
            return fields;
        }

        Fail(name, "not the text of fields");
        return [];
    }

    /// <summary>Octets written as hexadecimal digits.</summary>
    public ImmutableArray<byte> Octets(string name)
    {
        var text = Text(name);
        if (text.Length % 2 == 0 && text.All(char.IsAsciiHexDigit))
        {
            return [.. Convert.FromHexString(text)];
        }

        Fail(name, "hexadecimal digits are expected");
        return [];
    }

    public BundleHash Hash(string name)
    {
        if (BundleHash.TryParse(Text(name), out var hash))
        {
            return hash;
        }

        Fail(name, "a hash of 64 hexadecimal digits is expected");
        return default;
    }

    public JsonView Object(string name) => new(Member(name), $"{_path}.{name}", _owner);

    public ImmutableArray<T> List<T>(string name, int countMax, Func<JsonView, T> read) =>
        _owner.List(Member(name), $"{_path}.{name}", countMax, read);

    public ImmutableArray<string> Texts(string name)
    {
        var member = Member(name);
        if (member.ValueKind != JsonValueKind.Array || BundleLimits.ManifestListMax < member.GetArrayLength()
            || member.EnumerateArray().Any(one => one.ValueKind != JsonValueKind.String))
        {
            Fail(name, "a list of texts is expected");
            return [];
        }

        return [.. member.EnumerateArray().Select(one => one.GetString() ?? "")];
    }

    private JsonElement Member(string name)
    {
        if (_object.ValueKind == JsonValueKind.Object && _object.TryGetProperty(name, out var member))
        {
            return member;
        }

        Fail(name, "missing");
        return default;
    }

    private void Fail(string name, string what) => _owner.Fail($"{_path}.{name}", what);
}
