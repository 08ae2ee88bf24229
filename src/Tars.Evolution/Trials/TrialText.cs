using System.Globalization;

namespace Tars.Evolution.Trials;

/// <summary>What came of a trial, in lines for a person.</summary>
public static class TrialText
{
    /// <summary>Hundredths of the recorded events that have to be tried where nobody says another number.</summary>
    public static int PercentDefault => Limits.GatePercentDefault;

    /// <param name="percent">How much of the recorded events has to be tried for it to say anything.</param>
    public static IEnumerable<string> Of(TrialOutcome outcome, int percent)
    {
        if (outcome is not TrialOutcome.Tried { Report: var report })
        {
            yield return $"not tried: {string.Join("; ", ((TrialOutcome.Refused)outcome).Reasons)}";
            yield break;
        }

        string events = Count(report.Events, "event");
        if (report.Inconclusive is { } why)
        {
            yield return $"inconclusive after event {Number(report.Tried)} of {Number(report.Events)}: {why}";
        }

        string outputs = Count(report.Outputs, "output");
        string what = report.Differences == 0 ? $"{outputs}, the same"
            : $"{outputs}, {Count(report.Differences, "difference")}";
        string part = report.IsWhole ? "" : " of those that are compared, the first ones";
        yield return report.Tried == report.Events
            ? $"tried on the last {events}: {what}{part}"
            : $"tried on {Number(report.Tried)} of {events}: {what}{part}";
        foreach (string line in TrialLines.Of(report.Shown))
        {
            yield return line;
        }

        if (report.Shown.Length < report.Differences)
        {
            yield return $"  and {Number(report.Differences - report.Shown.Length)} more";
        }

        if (!report.IsComparable(percent))
        {
            yield return NotComparable(report, percent);
        }
    }

    /// <summary>Why a gate that wants so much to be tried does not open; null when it does.</summary>
    public static string? WhyNot(TrialOutcome outcome, int percent) => outcome switch
    {
        TrialOutcome.Tried { Report: var report } when report.IsComparable(percent) => null,
        TrialOutcome.Tried { Report: var report } => NotComparable(report, percent),
        _ => "not comparable: it could not be tried",
    };

    private static string NotComparable(TrialReport report, int percent)
    {
        long tried = report.Events == 0 ? 0 : 100 * report.Tried / report.Events;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"not comparable: {tried} % of the events were tried, and {percent} % are needed");
    }

    private static string Count(long count, string what) => $"{Number(count)} {what}{(count == 1 ? "" : "s")}";

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
