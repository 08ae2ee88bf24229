using System.Globalization;
using System.Text;

namespace Tars.Bench.Kernels;

/// <summary>Draws factors to V8 as bars, one group for each kernel, V8 itself as the line at 1.</summary>
internal static class EnginePlot
{
    private const int Left = 130;
    private const int Top = 50;
    private const int Unit = 260;
    private const int BarHeight = 7;
    private const int GroupHeight = 27;
    private const double FactorMax = 2;

    private static readonly (string Contestant, string Colour)[] _bars =
        [(Contestant.NoFuel, "#4c78a8"), (Contestant.Fuel, "#f58518"), (Contestant.Native, "#9aa0a6")];

    public static string Draw(IReadOnlyList<KernelResult> results)
    {
        int height = Top + (results.Count * GroupHeight) + 20;
        int width = Left + (int)(Unit * FactorMax) + 40;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif">
            <rect width="100%" height="100%" fill="white"/>
            <text x="{Left}" y="18" font-size="13">time by V8's; shorter is faster</text>

            """);
        for (int place = 0; place < _bars.Length; place++)
        {
            int x = Left + (place * 110);
            svg.Append(CultureInfo.InvariantCulture, $"""
                <rect x="{x}" y="28" width="10" height="10" fill="{_bars[place].Colour}"/>
                <text x="{x + 15}" y="37" font-size="11">{_bars[place].Contestant}</text>

                """);
        }

        for (int place = 0; place < results.Count; place++)
        {
            Group(svg, results[place], Top + (place * GroupHeight));
        }

        int line = Left + Unit;
        svg.Append(CultureInfo.InvariantCulture, $"""
            <line x1="{line}" y1="{Top - 8}" x2="{line}" y2="{height - 16}" stroke="black" stroke-dasharray="4 3"/>
            <text x="{line}" y="{height - 4}" font-size="10" text-anchor="middle">V8 = 1</text>
            </svg>

            """);
        return svg.ToString();
    }

    private static void Group(StringBuilder svg, KernelResult result, int y)
    {
        svg.Append(CultureInfo.InvariantCulture, $"""
            <text x="{Left - 8}" y="{y + 15}" font-size="11" text-anchor="end">{result.Title}</text>

            """);
        for (int place = 0; place < _bars.Length; place++)
        {
            if (result.Factor(_bars[place].Contestant) is not { } factor)
            {
                continue;
            }

            double length = Unit * Math.Min(factor, FactorMax);
            int top = y + (place * BarHeight);
            svg.Append(CultureInfo.InvariantCulture, $"""
                <rect x="{Left}" y="{top}" width="{length:0.0}" height="{BarHeight - 1}" fill="{_bars[place].Colour}"/>
                <text x="{Left + length + 3:0.0}" y="{top + 6}" font-size="7">{factor:0.00}</text>

                """);
        }
    }
}
