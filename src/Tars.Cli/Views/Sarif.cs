using System.Text.Json;
using Tars.Base;

namespace Tars.Cli.Views;

/// <summary>Diagnostics as SARIF 2.1.0, the form that code hosts and review tools read.</summary>
internal static class Sarif
{
    private const string Schema = "https://json.schemastore.org/sarif-2.1.0.json";

    public static string Of(IReadOnlyCollection<PlacedDiagnostic> diagnostics)
    {
        string[] rules =
        [
            .. diagnostics.Select(one => one.Diagnostic.Code)
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal),
        ];
        return JsonText.Indented(json =>
        {
            json.WriteString("$schema", Schema);
            json.WriteString("version", "2.1.0");
            json.WriteStartArray("runs");
            json.WriteStartObject();
            WriteTool(json, rules);
            json.WriteString("columnKind", "utf16CodeUnits");
            json.List("results", diagnostics, (_, placed) => WriteResult(json, placed, rules));
            json.WriteEndObject();
            json.WriteEndArray();
        });
    }

    private static void WriteTool(Utf8JsonWriter json, string[] rules)
    {
        json.WriteStartObject("tool");
        json.WriteStartObject("driver");
        json.WriteString("name", "tarscli");
        json.WriteString("version", CommandLine.Version);
        json.List("rules", rules, (_, code) =>
        {
            json.WriteStartObject();
            json.WriteString("id", code);
            json.WriteEndObject();
        });
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteResult(Utf8JsonWriter json, PlacedDiagnostic placed, string[] rules)
    {
        var diagnostic = placed.Diagnostic;
        json.WriteStartObject();
        json.WriteString("ruleId", diagnostic.Code);
        json.WriteNumber("ruleIndex", Array.BinarySearch(rules, diagnostic.Code, StringComparer.Ordinal));
        json.WriteString("level", placed.IsError ? "error" : "warning");
        WriteMessage(json, diagnostic.Hint == "" ? diagnostic.Title : $"{diagnostic.Title}. help: {diagnostic.Hint}");
        json.WriteStartArray("locations");
        WriteLocation(json, placed, diagnostic.Span, message: "");
        json.WriteEndArray();
        if (diagnostic.Related is { } related)
        {
            json.WriteStartArray("relatedLocations");
            WriteLocation(json, placed, related, message: "explains it");
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteLocation(Utf8JsonWriter json, PlacedDiagnostic placed, TextSpan span, string message)
    {
        var (start, end) = (placed.Source.PositionOf(span.Start), placed.Source.PositionOf(span.End));
        json.WriteStartObject();
        json.WriteStartObject("physicalLocation");
        json.WriteStartObject("artifactLocation");
        json.WriteString("uri", UriOf(placed.File));
        json.WriteEndObject();
        json.WriteStartObject("region");
        json.WriteNumber("startLine", start.Line);
        json.WriteNumber("startColumn", start.Column);
        json.WriteNumber("endLine", end.Line);
        json.WriteNumber("endColumn", end.Column);
        json.WriteEndObject();
        json.WriteEndObject();
        if (message != "")
        {
            WriteMessage(json, message);
        }

        json.WriteEndObject();
    }

    private static void WriteMessage(Utf8JsonWriter json, string text)
    {
        json.WriteStartObject("message");
        json.WriteString("text", text);
        json.WriteEndObject();
    }

    // Relative to where the tool was called, which is where code hosts resolve it; only a full path gets a scheme.
    private static string UriOf(string file) => Path.IsPathRooted(file)
        ? new Uri(file).AbsoluteUri
        : string.Join('/', file.Split('/', '\\').Select(Uri.EscapeDataString));
}
