using System.Text.Json;
using Tars.Cli.Commands;

namespace Tars.Cli.Views;

/// <summary>What became of scenarios as JSON; docs/cli.md lists the members.</summary>
internal static class ScenarioJson
{
    public static void Write(Utf8JsonWriter json, ScenarioRuns.Ran ran)
    {
        var outcome = ran.Outcome;
        json.WriteStartObject();
        json.WriteString("name", outcome.Scenario);
        json.WriteNumber("seed", outcome.Seed);
        json.WriteBoolean("passed", outcome.Passed);
        json.List("refused", outcome.Refused, (_, reason) => json.WriteStringValue(reason));
        json.List("notes", outcome.Notes, (_, note) => json.WriteStringValue(note));
        json.List("expectations", outcome.Checks, (_, check) =>
        {
            json.WriteStartObject();
            json.WriteString("text", check.Text);
            json.WriteNumber("line", ran.Source.PositionOf(check.Span.Start).Line);
            json.WriteBoolean("held", check.Held);
            if (!check.Held)
            {
                json.WriteString("seen", check.Detail);
            }

            json.WriteEndObject();
        });
        json.List("metrics", outcome.Metrics, (_, metric) =>
        {
            json.WriteStartObject();
            json.WriteString("module", metric.Module);
            json.WriteString("name", metric.Name);
            if (metric.Value is { } value)
            {
                json.WriteNumber("value", value);
            }
            else
            {
                json.WriteNull("value");
            }

            json.WriteNumber("reports", metric.Count);
            json.WriteEndObject();
        });
        json.WriteNumber("traps", outcome.TrapCount);
        json.WriteNumber("events", outcome.Events);
        json.WriteNumber("fuel", outcome.Fuel);
        json.WriteEndObject();
    }
}
