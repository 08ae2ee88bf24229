using System.Diagnostics;
using System.Globalization;
using Tars.Base;

namespace Tars.Bundle.Schema;

/// <summary>
/// Encoded values as JSON, by their type (docs/language.md, JSON). <see cref="ValueJsonReader"/> is the way back.
/// </summary>
public static class ValueJson
{
    /// <summary>Appends the JSON of a valid value.</summary>
    /// <returns>
    /// Null, or why the value has no JSON: a NaN, an infinity, bytes that are not a value of the type.
    /// </returns>
    public static string? Write(SchemaType type, ReadOnlySpan<byte> encoded, ByteWriter output)
    {
        if (!ValueEncoding.IsValid(type, encoded))
        {
            return "the bytes are not a value of the type";
        }

        var reader = new ByteReader(encoded);
        bool finite = true;
        Value(type, ref reader, new JsonWriter(output), ref finite);
        return finite ? null : "a NaN or an infinity has no JSON";
    }

    private static void Value(SchemaType type, ref ByteReader reader, JsonWriter json, ref bool finite)
    {
        switch (type)
        {
            case SchemaType.Unit:
                json.Null();
                break;
            case SchemaType.Bool:
                json.Bool(reader.U8() == 1);
                break;
            case SchemaType.Int:
                json.Int(reader.I64());
                break;
            case SchemaType.Ref or SchemaType.Cap or SchemaType.Blob:
                json.Int(reader.I64());
                break;
            case SchemaType.Float:
                double number = reader.F64();
                finite &= double.IsFinite(number);
                json.Float(double.IsFinite(number) ? number : 0);
                break;
            case SchemaType.Text:
                json.Text(reader.Bytes(reader.U32()));
                break;
            case SchemaType.Bytes:
                json.Base64(reader.Bytes(reader.U32()));
                break;
            case SchemaType.Duration:
                json.Text(DurationText.Of(reader.I64()));
                break;
            case SchemaType.Instant:
                json.Text(InstantText.Of(reader.I64()));
                break;
            case SchemaType.List list:
                List(list, ref reader, json, ref finite);
                break;
            case SchemaType.Map map:
                Map(map, ref reader, json, ref finite);
                break;
            case SchemaType.Optional optional:
                Optional(optional, ref reader, json, ref finite);
                break;
            case SchemaType.Fallible fallible:
                Fallible(fallible, ref reader, json, ref finite);
                break;
            case SchemaType.Record record:
                Fields(record.Fields.AsSpan(), ref reader, json, ref finite);
                break;
            case SchemaType.Variant variant:
                Variant(variant, ref reader, json, ref finite);
                break;
            default:
                throw new UnreachableException();
        }
    }

    private static void List(SchemaType.List list, ref ByteReader reader, JsonWriter json, ref bool finite)
    {
        json.BeginArray();
        uint count = reader.U32();
        for (uint done = 0; done < count; done++)
        {
            Value(list.Element, ref reader, json, ref finite);
        }

        json.EndArray();
    }

    private static void Map(SchemaType.Map map, ref ByteReader reader, JsonWriter json, ref bool finite)
    {
        json.BeginObject();
        uint count = reader.U32();
        for (uint done = 0; done < count; done++)
        {
            Key(map.Key, ref reader, json);
            Value(map.Value, ref reader, json, ref finite);
        }

        json.EndObject();
    }

    private static void Key(SchemaType type, ref ByteReader reader, JsonWriter json)
    {
        switch (type)
        {
            case SchemaType.Text:
                json.Name(reader.Bytes(reader.U32()));
                break;
            case SchemaType.Bytes:
                json.Name(Convert.ToBase64String(reader.Bytes(reader.U32())));
                break;
            case SchemaType.Bool:
                json.Name(reader.U8() == 1 ? "true" : "false");
                break;
            case SchemaType.Int or SchemaType.Ref:
                json.Name(reader.I64().ToString(CultureInfo.InvariantCulture));
                break;
            case SchemaType.Duration:
                json.Name(DurationText.Of(reader.I64()));
                break;
            case SchemaType.Instant:
                json.Name(InstantText.Of(reader.I64()));
                break;
            case SchemaType.Variant variant:
                json.Name(variant.Cases[reader.U16()].Name);
                break;
            default:
                throw new UnreachableException();
        }
    }

    private static void Optional(SchemaType.Optional optional, ref ByteReader reader, JsonWriter json, ref bool finite)
    {
        if (reader.U8() == 0)
        {
            json.Null();
            return;
        }

        Value(optional.Inner, ref reader, json, ref finite);
    }

    private static void Fallible(SchemaType.Fallible fallible, ref ByteReader reader, JsonWriter json, ref bool finite)
    {
        json.BeginObject();
        if (reader.U8() == 0)
        {
            json.Name("value");
            Value(fallible.Inner, ref reader, json, ref finite);
        }
        else
        {
            json.Name("failure");
            Value(BuiltInTypes.Failure, ref reader, json, ref finite);
        }

        json.EndObject();
    }

    private static void Fields(
        ReadOnlySpan<SchemaField> fields, ref ByteReader reader, JsonWriter json, ref bool finite)
    {
        json.BeginObject();
        foreach (var field in fields)
        {
            json.Name(field.Name);
            Value(field.Type, ref reader, json, ref finite);
        }

        json.EndObject();
    }

    private static void Variant(SchemaType.Variant variant, ref ByteReader reader, JsonWriter json, ref bool finite)
    {
        var one = variant.Cases[reader.U16()];
        if (one.Fields.IsEmpty)
        {
            json.Text(one.Name);
            return;
        }

        json.BeginObject();
        json.Name(one.Name);
        Fields(one.Fields.AsSpan(), ref reader, json, ref finite);
        json.EndObject();
    }
}
