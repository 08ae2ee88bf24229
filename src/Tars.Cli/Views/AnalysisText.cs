using System.Globalization;
using System.Text.Json;
using Tars.Base;
using Tars.Evolution.Analysis;

namespace Tars.Cli.Views;

/// <summary>What is known of a module, for people and as JSON.</summary>
internal static class AnalysisText
{
    public static void Write(TextWriter output, ModuleAnalysis analysis)
    {
        foreach (var finding in analysis.Findings)
        {
            string place = finding.Path.Length == 0 ? "" : $" {finding.Path}";
            string at = finding.At is { } position ? $" {position}" : "";
            string value = finding.Value is { } number
                ? $": {number.ToString("0.####", CultureInfo.InvariantCulture)}"
                : "";
            output.WriteLine(Printable.Of($"{finding.Name,-11}{place}{at} {finding.Text}{value}"));
        }
    }

    public static void Write(Utf8JsonWriter json, ModuleAnalysis analysis) =>
        json.List("findings", analysis.Findings, (_, finding) =>
        {
            json.WriteStartObject();
            json.WriteString("kind", finding.Name);
            json.WriteString("path", finding.Path);
            json.WriteString("text", finding.Text);
            if (finding.At is { } at)
            {
                json.WriteNumber("line", at.Line);
                json.WriteNumber("column", at.Column);
            }

            if (finding.Value is { } value && double.IsFinite(value))
            {
                json.WriteNumber("value", value);
            }
            else
            {
                json.WriteNull("value");
            }

            json.WriteEndObject();
        });
}
