using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Tars.Cli.Views;

/// <summary>The best cost over the evaluations of a run, as a small SVG: a stair that only goes down.</summary>
internal static class CostCurve
{
    private const double Width = 720;
    private const double Height = 220;
    private const double Left = 70;
    private const double Margin = 16;
    private const int StairsMax = 400;

    /// <param name="before">The cost of what the run began with, or null.</param>
    /// <param name="value">A cost as its reader knows it.</param>
    public static string Of(ImmutableArray<ArchiveStep> steps, double? before, Func<double?, string> value)
    {
        var gains = Thinned(ArchiveStep.Gains(steps));
        if (gains.IsEmpty)
        {
            return "<p>Nothing that was tried gave a number.</p>\n";
        }

        double[] costs = [.. gains.Select(one => one.Cost!.Value)]; // A gain has a cost.
        double low = costs.Min();
        double high = before is { } first && double.IsFinite(first) ? Math.Max(first, costs.Max()) : costs.Max();
        double last = Math.Max(1, steps[^1].Evaluations);
        double X(double evaluations) => Left + ((Width - Left - Margin) * evaluations / last);
        double Y(double cost) => Margin + ((Height - (2 * Margin)) * (high <= low ? 0 : (high - cost) / (high - low)));
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\">");
        svg.Append(CultureInfo.InvariantCulture, $"<rect width=\"{Width}\" height=\"{Height}\" class=\"paper\"/>");
        if (before is { } began && double.IsFinite(began))
        {
            svg.Append(CultureInfo.InvariantCulture,
                $"<path class=\"before\" d=\"M{Left:0.#} {Y(began):0.#} H{Width - Margin:0.#}\"/>");
        }

        svg.Append("<path class=\"curve\" d=\"").Append(Stairs(gains, costs, X, Y)).Append("\"/>");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"4\" y=\"{Margin + 4}\">{Text(value(high))}</text>");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"4\" y=\"{Height - Margin}\">{Text(value(low))}</text>");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"{Height - 3}\">0</text>");
        svg.Append(CultureInfo.InvariantCulture,
            $"<text x=\"{Width - Margin}\" y=\"{Height - 3}\" text-anchor=\"end\">{last} evaluations</text></svg>\n");
        return svg.ToString();
    }

    private static string Stairs(
        ImmutableArray<ArchiveStep> gains, double[] costs, Func<double, double> x, Func<double, double> y)
    {
        var path = new StringBuilder();
        for (int place = 0; place < gains.Length; place++)
        {
            string to = string.Create(CultureInfo.InvariantCulture, $"{x(gains[place].Evaluations):0.#}");
            path.Append(place == 0 ? $"M{to} " : $"H{to} V");
            path.Append(CultureInfo.InvariantCulture, $"{y(costs[place]):0.#} ");
        }

        return path.Append(CultureInfo.InvariantCulture, $"H{Width - Margin:0.#}").ToString();
    }

    // The first and the last stay.
    private static ImmutableArray<ArchiveStep> Thinned(ImmutableArray<ArchiveStep> gains)
    {
        int each = (gains.Length + StairsMax - 1) / StairsMax;
        return each < 2 ? gains
            : [.. gains.Where((_, place) => place % each == 0 || place == gains.Length - 1)];
    }

    private static string Text(string text) => System.Net.WebUtility.HtmlEncode(text);
}
