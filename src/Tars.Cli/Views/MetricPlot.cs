using System.Globalization;
using System.Net;
using System.Text;
using Tars.Evolution.Scenarios;

namespace Tars.Cli.Views;

/// <summary>One metric as a small SVG: its reports over time, a line for each seed; or one dot for each seed.</summary>
internal static class MetricPlot
{
    private const double Width = 460;
    private const double Height = 120;
    private const double Margin = 8;
    private const int LinesMax = 24;

    /// <param name="runs">The same metric of several runs; at least one.</param>
    /// <param name="runsFor">The length of the time axis in nanoseconds.</param>
    public static string Of(IReadOnlyList<MetricSeries> runs, long runsFor)
    {
        double[] values = [.. runs.SelectMany(one => one.Points).Select(one => one.Value)];
        if (values.Length == 0)
        {
            return "<p>was not reported</p>";
        }

        double low = values.Min();
        double high = values.Max();
        var scale = new Scale(low, high);
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\">");
        svg.Append(CultureInfo.InvariantCulture, $"<rect width=\"{Width}\" height=\"{Height}\" class=\"paper\"/>");
        bool isOverTime = runs.Any(one => one.Points.Length > 1);
        foreach (var (place, run) in runs.Take(LinesMax).Index())
        {
            svg.Append(isOverTime ? Line(run, runsFor, scale) : Dot(run, place, runs.Count, scale));
        }

        string unit = WebUtility.HtmlEncode(runs[0].Unit);
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"4\" y=\"12\">{Short(high)} {unit}</text>");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"4\" y=\"{Height - 3}\">{Short(low)}</text></svg>");
        return svg.ToString();
    }

    private static string Line(MetricSeries run, long runsFor, Scale scale) =>
        $"<polyline points=\"{string.Join(' ', run.Points.Select(one => Point(one, runsFor, scale)))}\"/>";

    private static string Point(MetricPoint point, long runsFor, Scale scale) =>
        Pair(Margin + ((Width - (2 * Margin)) * point.At / Math.Max(1, runsFor)), scale.Of(point.Value));

    private static string Dot(MetricSeries run, int place, int count, Scale scale)
    {
        if (run.Points is not [var only, ..])
        {
            return "";
        }

        double x = Margin + ((Width - (2 * Margin)) * (place + 0.5) / count);
        return string.Create(
            CultureInfo.InvariantCulture, $"<circle cx=\"{x:0.#}\" cy=\"{scale.Of(only.Value):0.#}\" r=\"3\"/>");
    }

    private static string Pair(double x, double y) => string.Create(CultureInfo.InvariantCulture, $"{x:0.#},{y:0.#}");

    private static string Short(double value) => value.ToString("G5", CultureInfo.InvariantCulture);

    /// <summary>From values to heights: the lowest at the bottom.</summary>
    private readonly record struct Scale(double Low, double High)
    {
        public double Of(double value) => Height - Margin - ((Height - (2 * Margin)) * PartOf(value));

        // Half of each, since the way from the lowest to the highest may be more than a double holds.
        private double PartOf(double value) => High <= Low ? 0 : ((value / 2) - (Low / 2)) / ((High / 2) - (Low / 2));
    }
}
