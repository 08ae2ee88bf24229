using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Tars.Lang.Syntax;

namespace Tars.Lang.Schema;

/// <summary>
/// Prints the table of keys as a JSON Schema, for editors and models that know nothing else of the language.
/// </summary>
/// <remarks>
/// It says less than the checker: whatever is accepted by the checker is valid, not the other way round.
/// </remarks>
public static class JsonSchema
{
    private const string NamePattern = @"^([a-z][a-z0-9_]{0,63}\.)?[a-z][a-z0-9_]{0,63}$";
    private const string TypePattern = "^[A-Z][A-Za-z0-9]{0,63}$";

    /// <summary>The whole schema, indented, with a line end at its end; the same text each time.</summary>
    public static string Print()
    {
        using var stream = new MemoryStream();
        var options = new JsonWriterOptions
        {
            Indented = true,
            NewLine = "\n",
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        using (var json = new Utf8JsonWriter(stream, options))
        {
            json.WriteStartObject();
            json.WriteString("$schema", "https://json-schema.org/draft/2020-12/schema");
            json.WriteString("title", "TARS metascript");
            json.WriteString("$ref", $"#/$defs/{KeyTable.ModuleBlock}");
            json.WriteStartObject("$defs");
            foreach (KeyBlock block in KeyTable.Blocks)
            {
                WriteBlock(json, block);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private static void WriteBlock(Utf8JsonWriter json, KeyBlock block)
    {
        json.WriteStartObject(block.Name);
        json.WriteString("description", block.About);
        json.WriteString("type", "object");
        json.WriteBoolean("additionalProperties", value: false);
        json.WriteStartArray("required");
        foreach (KeyRow row in block.Rows.Where(row => row.IsRequired))
        {
            json.WriteStringValue(row.Key);
        }

        json.WriteEndArray();
        json.WriteStartObject("properties");
        foreach (KeyRow row in block.Rows)
        {
            json.WriteStartObject(row.Key);
            json.WriteString("description", row.About);
            WriteShape(json, row.Shape);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteShape(Utf8JsonWriter json, KeyShape shape)
    {
        switch (shape)
        {
            case KeyShape.Scalar scalar:
                WriteScalar(json, scalar);
                break;
            case KeyShape.Fixed block:
                json.WriteString("$ref", $"#/$defs/{block.Block}");
                break;
            case KeyShape.MapOf map:
                json.WriteString("type", "object");
                WriteKeyPattern(json, map.Key);
                json.WriteStartObject("additionalProperties");
                WriteShape(json, map.Value);
                json.WriteEndObject();
                break;
            case KeyShape.ListOf list:
                json.WriteString("type", "array");
                json.WriteStartObject("items");
                WriteShape(json, list.Item);
                json.WriteEndObject();
                break;
            case KeyShape.Either either:
                json.WriteStartArray("anyOf");
                foreach (KeyShape option in either.Options)
                {
                    json.WriteStartObject();
                    WriteShape(json, option);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                break;
            default:
                break; // A value of any type: no restriction.
        }
    }

    /// <summary>
    /// To us every scalar is text; other readers of YAML see numbers and truth values in some of them.
    /// </summary>
    private static void WriteScalar(Utf8JsonWriter json, KeyShape.Scalar scalar)
    {
        if (scalar.Words.IsEmpty)
        {
            json.WriteStartArray("type");
            json.WriteStringValue("string");
            if (scalar.Reading is not (Reading.Code or Reading.Template))
            {
                json.WriteStringValue("number");
                json.WriteStringValue("boolean");
                json.WriteStringValue("null");
            }

            json.WriteEndArray();
            return;
        }

        json.WriteStartArray("enum");
        foreach (string word in scalar.Words)
        {
            json.WriteStringValue(word);
        }

        json.WriteEndArray();
    }

    private static void WriteKeyPattern(Utf8JsonWriter json, Reading reading)
    {
        string? pattern = reading switch
        {
            Reading.Name => NamePattern,
            Reading.TypeName => TypePattern,
            _ => null,
        };
        if (pattern is not null)
        {
            json.WriteStartObject("propertyNames");
            json.WriteString("pattern", pattern);
            json.WriteEndObject();
        }
    }
}
