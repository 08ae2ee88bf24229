using System.Globalization;
using Tars.Evolution.Scenarios;
using Tars.Lang.Checking;

namespace Tars.Evolution.Gates;

/// <summary>Whether a version looks better because it leaves the world that measures it no time to measure.</summary>
/// <remarks>
/// One core runs all handlers of a scenario, so a module that computes without end keeps the timers of its world
/// waiting: less is reported, and a sum of it is less too. A world may also report less since there is less to report.
/// What tells the two apart is time: of the one, the core is busier by about the share of reports that are lost.
/// </remarks>
internal static class WorldTime
{
    // Who takes a report away has to keep the core busy from before it was due until after.
    private const double BusyForLost = 0.5;

    // What the core was busy for before counts up to here alone, or a version that loses nothing could burn the time
    // and the next one lose the reports.
    private const double BusyBeforeMax = 0.1;

    private const string Split = "validation";

    /// <summary>Empty when each world that a version is judged by had its time; else what the first lost.</summary>
    public static string WhyNot(Evaluation before, Evaluation after, CheckedEvolution evolution) =>
        evolution.MustNotRegress.Select(one => one.Key).Prepend(evolution.Objective)
            .Select(metric => WhyNot(before, after, metric)).FirstOrDefault(why => why.Length != 0) ?? "";

    /// <summary>The same of the world that reports a metric; empty where the module does so itself.</summary>
    public static string WhyNot(Evaluation before, Evaluation after, MetricName metric) =>
        metric.Environment is not { } world ? ""
        : before.Of(Split).Zip(after.Of(Split))
            .Select(pair => WhyNot(pair.First, pair.Second, world.Name, metric.Name))
            .FirstOrDefault(why => why.Length != 0) ?? "";

    private static string WhyNot(EvaluatedRun before, EvaluatedRun after, string world, string metric)
    {
        long had = Reports(before.Outcome, world, metric);
        long has = Reports(after.Outcome, world, metric);
        double lost = had == 0 ? 0 : 1 - ((double)has / had);
        bool isStarved = 0 < lost && BusyForLost * lost <= after.Busy - Math.Min(before.Busy, BusyBeforeMax);
        return !isStarved ? "" : string.Create(
            CultureInfo.InvariantCulture,
            $"{world} had no time to measure: {has} reports of {metric} in place of {had}, "
                + $"with the core busy for {after.Busy:0.#%} of the time in place of {before.Busy:0.#%}");
    }

    private static long Reports(ScenarioOutcome outcome, string world, string metric) =>
        outcome.Metrics.FirstOrDefault(one => one.Module == world && one.Name == metric)?.Count ?? 0;
}
