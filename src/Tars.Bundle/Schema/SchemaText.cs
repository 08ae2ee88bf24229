using System.Diagnostics;
using System.Text;
using Tars.Base;

namespace Tars.Bundle.Schema;

/// <summary>
/// The canonical text of a type: structure and names in one line, the form in which manifests keep types.
/// </summary>
/// <remarks>
/// A record is <c>Name{a: int, b: text =00000000}</c>, a variant <c>Name[one, two{a: int}]</c>. After a type,
/// <c>=</c> says that
/// the field has a default, and the hexadecimal digits behind it are the default in the value encoding, where it is
/// known.
/// <see cref="SchemaParser"/> reads it back: the text of what it read is the text that it was given.
/// </remarks>
public static class SchemaText
{
    public static string Of(SchemaType type)
    {
        var text = new StringBuilder();
        Write(type, text, shows: false);
        return text.ToString();
    }

    /// <summary>The fields between braces, without a name.</summary>
    public static string Of(IEnumerable<SchemaField> fields)
    {
        var text = new StringBuilder();
        WriteFields(fields, text, shows: false);
        return text.ToString();
    }

    /// <summary>The same for people: a default stands there as JSON, or as … where it is not known.</summary>
    public static string ForPeople(SchemaType type)
    {
        var text = new StringBuilder();
        Write(type, text, shows: true);
        return text.ToString();
    }

    /// <summary>The fields between braces, for people.</summary>
    public static string ForPeople(IEnumerable<SchemaField> fields)
    {
        var text = new StringBuilder();
        WriteFields(fields, text, shows: true);
        return text.ToString();
    }

    private static string Digits(SchemaField field) =>
        field.Default is { } value ? Convert.ToHexStringLower(value.AsSpan()) : "";

    private static string Shown(SchemaField field)
    {
        var json = new ByteWriter();
        return field.Default is { } value && ValueJson.Write(field.Type, value.AsSpan(), json) is null
            ? $" {Encoding.UTF8.GetString(json.Written)}"
            : " …";
    }

    private static void Write(SchemaType type, StringBuilder text, bool shows)
    {
        switch (type)
        {
            case SchemaType.List list:
                text.Append("list<");
                Write(list.Element, text, shows);
                text.Append('>');
                break;
            case SchemaType.Map map:
                text.Append("map<");
                Write(map.Key, text, shows);
                text.Append(", ");
                Write(map.Value, text, shows);
                text.Append('>');
                break;
            case SchemaType.Optional optional:
                Write(optional.Inner, text, shows);
                text.Append('?');
                break;
            case SchemaType.Fallible fallible:
                Write(fallible.Inner, text, shows);
                text.Append('!');
                break;
            case SchemaType.Record record:
                text.Append(record.Name);
                WriteFields(record.Fields, text, shows);
                break;
            case SchemaType.Variant variant:
                WriteVariant(variant, text, shows);
                break;
            default:
                text.Append(Word(type));
                break;
        }
    }

    private static string Word(SchemaType type) => type switch
    {
        SchemaType.Unit => "unit",
        SchemaType.Bool => "bool",
        SchemaType.Int => "int",
        SchemaType.Float => "float",
        SchemaType.Text => "text",
        SchemaType.Bytes => "bytes",
        SchemaType.Duration => "duration",
        SchemaType.Instant => "instant",
        SchemaType.Blob => "blob",
        SchemaType.Ref one => $"ref<{one.Agent}>",
        SchemaType.Cap one => $"cap<{one.Kind}>",
        _ => throw new UnreachableException(),
    };

    private static void WriteFields(IEnumerable<SchemaField> fields, StringBuilder text, bool shows)
    {
        text.Append('{');
        var separator = "";
        foreach (var field in fields)
        {
            text.Append(separator).Append(field.Name).Append(": ");
            Write(field.Type, text, shows);
            if (field.HasDefault)
            {
                text.Append(" =").Append(shows ? Shown(field) : Digits(field));
            }

            separator = ", ";
        }

        text.Append('}');
    }

    private static void WriteVariant(SchemaType.Variant variant, StringBuilder text, bool shows)
    {
        text.Append(variant.Name).Append('[');
        var separator = "";
        foreach (var one in variant.Cases)
        {
            text.Append(separator).Append(one.Name);
            if (!one.Fields.IsEmpty)
            {
                WriteFields(one.Fields, text, shows);
            }

            separator = ", ";
        }

        text.Append(']');
    }
}
