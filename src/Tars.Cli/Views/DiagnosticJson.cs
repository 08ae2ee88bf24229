using System.Text.Json;
using Tars.Base;

namespace Tars.Cli.Views;

/// <summary>Diagnostics as JSON; docs/cli.md lists the members.</summary>
internal static class DiagnosticJson
{
    public static void Write(Utf8JsonWriter json, IReadOnlyCollection<PlacedDiagnostic> diagnostics)
    {
        json.WriteNumber("errors", diagnostics.Count(one => one.IsError));
        json.WriteNumber("warnings", diagnostics.Count(one => !one.IsError));
        json.List("diagnostics", diagnostics, Write);
    }

    private static void Write(Utf8JsonWriter json, PlacedDiagnostic placed)
    {
        var diagnostic = placed.Diagnostic;
        json.WriteStartObject();
        json.WriteString("file", placed.File);
        WriteSpan(json, placed.Source, diagnostic.Span);
        json.WriteString("severity", placed.IsError ? "error" : "warning");
        json.WriteString("code", diagnostic.Code);
        json.WriteString("title", diagnostic.Title);
        json.WriteString("help", diagnostic.Hint);
        if (diagnostic.Related is { } related)
        {
            json.WriteStartObject("related");
            json.WriteString("file", placed.File);
            WriteSpan(json, placed.Source, related);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteSpan(Utf8JsonWriter json, SourceText source, TextSpan span)
    {
        var (start, end) = (source.PositionOf(span.Start), source.PositionOf(span.End));
        json.WriteNumber("line", start.Line);
        json.WriteNumber("column", start.Column);
        json.WriteNumber("end_line", end.Line);
        json.WriteNumber("end_column", end.Column);
    }
}
