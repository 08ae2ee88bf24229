using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Tars.Bundle.Schema;

/// <summary>
/// Reads the canonical text of types. The text may be hostile: what is not exactly canonical is answered with false.
/// </summary>
public sealed class SchemaParser
{
    private static readonly Dictionary<string, SchemaType> _words = new(StringComparer.Ordinal)
    {
        ["unit"] = new SchemaType.Unit(),
        ["bool"] = new SchemaType.Bool(),
        ["int"] = new SchemaType.Int(),
        ["float"] = new SchemaType.Float(),
        ["text"] = new SchemaType.Text(),
        ["bytes"] = new SchemaType.Bytes(),
        ["duration"] = new SchemaType.Duration(),
        ["instant"] = new SchemaType.Instant(),
        ["blob"] = new SchemaType.Blob(),
    };

    private readonly string _text;
    private int _at;
    private int _depth;

    private SchemaParser(string text) => _text = text;

    public static bool TryParse(string text, [NotNullWhen(true)] out SchemaType? type)
    {
        var parser = new SchemaParser(text);
        type = text.Length <= BundleLimits.SchemaTextMax ? parser.Type() : null;
        if (parser._at != text.Length)
        {
            type = null;
        }

        return type is not null;
    }

    /// <summary>
    /// Reads fields between braces, as <see cref="SchemaText.Of(IEnumerable{SchemaField})"/> writes them.
    /// </summary>
    public static bool TryParseFields(string text, out ImmutableArray<SchemaField> fields)
    {
        var parser = new SchemaParser(text);
        var read = text.Length <= BundleLimits.SchemaTextMax ? parser.Fields() : null;
        bool whole = read is not null && parser._at == text.Length;
        fields = whole ? read!.Value : [];
        return whole;
    }

    private SchemaType? Type()
    {
        if (BundleLimits.SchemaDepthMax <= _depth)
        {
            return null;
        }

        _depth++;
        var type = Base();
        if (type is not null && Take('?'))
        {
            type = new SchemaType.Optional(type);
        }

        if (type is not null && Take('!'))
        {
            type = new SchemaType.Fallible(type);
        }

        _depth--;
        return type;
    }

    private SchemaType? Base()
    {
        var name = Name();
        if (Take('{'))
        {
            _at--;
            return Fields() is { } fields ? new SchemaType.Record(name, fields) : null;
        }

        if (Take('['))
        {
            return Cases() is { } cases ? new SchemaType.Variant(name, cases) : null;
        }

        if (!Take('<'))
        {
            return _words.GetValueOrDefault(name);
        }

        SchemaType? type = name switch
        {
            "list" => Type() is { } element ? new SchemaType.List(element) : null,
            "map" => Map(),
            "ref" => Name() is { Length: > 0 } agent ? new SchemaType.Ref(agent) : null,
            "cap" => Name() is { Length: > 0 } kind ? new SchemaType.Cap(kind) : null,
            _ => null,
        };
        return Take('>') ? type : null;
    }

    private SchemaType.Map? Map()
    {
        var key = Type();
        return key is not null && ValueEncoding.MayBeKey(key) && Take(", ") && Type() is { } value
            ? new SchemaType.Map(key, value)
            : null;
    }

    private ImmutableArray<SchemaField>? Fields()
    {
        if (!Take('{'))
        {
            return null;
        }

        var fields = ImmutableArray.CreateBuilder<SchemaField>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (!Take('}'))
        {
            if ((0 < fields.Count && !Take(", ")) || Field() is not { } field || !names.Add(field.Name))
            {
                return null;
            }

            fields.Add(field);
        }

        return fields.ToImmutable();
    }

    private SchemaField? Field()
    {
        var name = Name();
        if (name.Length == 0 || !Take(": ") || Type() is not { } type)
        {
            return null;
        }

        if (!Take(" ="))
        {
            return new SchemaField(name, type);
        }

        int start = _at;
        while (_at < _text.Length && char.IsAsciiHexDigitLower(_text[_at]))
        {
            _at++;
        }

        if (start == _at)
        {
            return new SchemaField(name, type, HasDefault: true);
        }

        var digits = _text.AsSpan(start, _at - start);
        if (digits.Length % 2 != 0)
        {
            return null;
        }

        byte[] value = Convert.FromHexString(digits);
        return ValueEncoding.IsValid(type, value)
            ? new SchemaField(name, type, HasDefault: true, Default: [.. value])
            : null;
    }

    private ImmutableArray<SchemaCase>? Cases()
    {
        var cases = ImmutableArray.CreateBuilder<SchemaCase>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (!Take(']'))
        {
            if ((0 < cases.Count && !Take(", ")) || Name() is not { Length: > 0 } name || !names.Add(name))
            {
                return null;
            }

            bool braced = _at < _text.Length && _text[_at] == '{';
            ImmutableArray<SchemaField>? fields = braced ? Fields() : [];
            if (fields is null || (braced && fields.Value.IsEmpty) || ushort.MaxValue <= cases.Count)
            {
                return null;
            }

            cases.Add(new SchemaCase(name, fields.Value));
        }

        return 0 < cases.Count ? cases.ToImmutable() : null;
    }

    private string Name()
    {
        int start = _at;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] is '_' or '.' or '-'))
        {
            _at++;
        }

        return _text[start.._at];
    }

    private bool Take(char expected)
    {
        if (_at < _text.Length && _text[_at] == expected)
        {
            _at++;
            return true;
        }

        return false;
    }

    private bool Take(string expected)
    {
        if (_text.AsSpan(_at).StartsWith(expected, StringComparison.Ordinal))
        {
            _at += expected.Length;
            return true;
        }

        return false;
    }
}
