using System.Text.Json;
using Tars.Evolution.Trials;

namespace Tars.Cli.Views;

/// <summary>What a trial found, as JSON; docs/cli.md lists the members.</summary>
internal static class TrialJson
{
    public static void Write(Utf8JsonWriter json, TrialOutcome outcome, int percent)
    {
        if (outcome is not TrialOutcome.Tried { Report: var report })
        {
            json.List(
                "refused", ((TrialOutcome.Refused)outcome).Reasons, (_, reason) => json.WriteStringValue(reason));
            return;
        }

        json.WriteNumber("events", report.Events);
        json.WriteNumber("tried", report.Tried);
        if (report.Inconclusive is { } why)
        {
            json.WriteString("inconclusive", why);
        }

        json.WriteBoolean("comparable", report.IsComparable(percent));
        json.WriteNumber("outputs", report.Outputs);
        json.WriteNumber("differences", report.Differences);
        json.WriteBoolean("whole", report.IsWhole);
        json.List("shown", report.Shown, Write);
    }

    private static void Write(Utf8JsonWriter json, TrialDifference one)
    {
        json.WriteStartObject();
        json.WriteNumber("event", one.Event);
        json.WriteString("side", one.IsNew ? "new" : "recorded");
        json.WriteString("output", one.Text);
        json.WriteEndObject();
    }
}
