using System.Globalization;
using Tars.Base;
using Tars.Cli.Commands;
using Tars.Evolution.Scenarios;

namespace Tars.Cli.Views;

/// <summary>What became of scenarios, for people: a row for each run, and under it what did not hold.</summary>
internal sealed class ScenarioText(TextWriter output, Paint paint)
{
    /// <summary>How many runs passed and failed.</summary>
    public static string Count(IReadOnlyCollection<ScenarioRuns.Ran> ran)
    {
        int failed = ran.Count(one => !one.Outcome.Passed);
        string none = ran.Count == 0 ? "no scenarios: " : "";
        return string.Create(CultureInfo.InvariantCulture, $"{none}{ran.Count - failed} passed, {failed} failed");
    }

    /// <summary>Nanoseconds as seconds, to the millisecond.</summary>
    public static string Seconds(long nanoseconds) =>
        string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1e9:0.###}s");

    public void WriteTable(IReadOnlyCollection<ScenarioRuns.Ran> ran)
    {
        if (ran.Count == 0)
        {
            return;
        }

        string file = Printable.Of(ran.First().File);
        int name = Math.Max(file.Length, ran.Max(one => Printable.Of(one.Scenario.Name).Length));
        int seed = Math.Max("seed".Length, ran.Max(one => Number(one.Outcome.Seed).Length));
        int events = Math.Max("events".Length, ran.Max(one => Number(one.Outcome.Events).Length));
        output.WriteLine(
            $"      {file.PadRight(name)}  {"seed".PadLeft(seed)}  held   {"events".PadLeft(events)}  traps");
        foreach (var one in ran)
        {
            var outcome = one.Outcome;
            string mark = outcome.Passed ? paint.Green("pass") : paint.Red("FAIL");
            string held = $"{Number(outcome.Checks.Count(check => check.Held))}/{Number(outcome.Checks.Length)}";
            output.WriteLine(
                $"{mark}  {Printable.Of(one.Scenario.Name).PadRight(name)}  {Number(outcome.Seed).PadLeft(seed)}  "
                + $"{held.PadRight(5)}  {Number(outcome.Events).PadLeft(events)}  "
                + Number(outcome.TrapCount).PadLeft(5));
            WriteFaults(one);
        }
    }

    /// <summary>The metrics of the runs: those of one scenario side by side, a column for each seed as far as they
    /// fit.</summary>
    public void WriteMetrics(IReadOnlyCollection<ScenarioRuns.Ran> ran)
    {
        foreach (var runs in ran.GroupBy(one => one.Scenario, ReferenceEqualityComparer.Instance))
        {
            var metrics = runs.SelectMany(one => one.Outcome.Metrics).GroupBy(one => (one.Module, one.Name)).ToList();
            if (metrics.Count == 0)
            {
                continue;
            }

            output.WriteLine();
            output.WriteLine(paint.Bold(Printable.Of(runs.First().Scenario.Name)));
            int width = metrics.Max(one => Label(one.Key).Length);
            foreach (var metric in metrics)
            {
                output.WriteLine($"  {Label(metric.Key).PadRight(width)}  {Summary([.. metric])}");
            }
        }

        if (ran.Count > 0)
        {
            output.WriteLine();
        }
    }

    private static string Label((string Module, string Name) metric) => $"{metric.Module}.{metric.Name}";

    private static string Summary(IReadOnlyList<MetricSeries> runs)
    {
        string unit = runs[0].Unit.Length == 0 ? "" : $" {Printable.Of(runs[0].Unit)}";
        double[] values = [.. runs.Select(one => one.Value).OfType<double>()];
        return values switch
        {
            [] => "was not reported",
            [var one] => $"{Rounded(one)}{unit}",
            _ => $"{Rounded(values.Average())}{unit} on average, {Rounded(values.Min())} to {Rounded(values.Max())} "
                + $"in {Number(values.Length)} runs",
        };
    }

    private static string Rounded(double value) => value.ToString("G6", CultureInfo.InvariantCulture);

    private void WriteFaults(ScenarioRuns.Ran ran)
    {
        foreach (string reason in ran.Outcome.Refused.Concat(ran.Outcome.Notes))
        {
            output.WriteLine($"      {Printable.Of(ran.File)}: {Printable.Of(reason)}");
        }

        foreach (var check in ran.Outcome.Checks.Where(one => !one.Held))
        {
            int line = ran.Source.PositionOf(check.Span.Start).Line;
            output.WriteLine($"      {Printable.Of(ran.File)}:{Number(line)}: {Printable.Of(check.Text)}");
            output.WriteLine($"        {Printable.Of(check.Detail)}");
        }

        if (!ran.Outcome.Passed)
        {
            foreach (string trap in ran.Outcome.Traps)
            {
                output.WriteLine($"      trap {Printable.Of(trap)}");
            }
        }
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
