using System.Globalization;

namespace Tars.Sim.Soak;

/// <summary>Says of each thing that is counted whether it grows: by the slope of a line through its samples.</summary>
/// <remarks>
/// The first third is left out: caches fill, and code that is used often is compiled once more. The slope is the median
/// of those between all pairs of samples (P. K. Sen, 1968), which a few high ones do not move.
/// </remarks>
internal static class SoakVerdict
{
    private static readonly (string What, Func<SoakSample, double> Of, double GrowthMax)[] _rows =
    [
        ("memory, MiB", one => one.Memory, 1.0),
        ("descriptors", one => one.Descriptors, 0.5),
        ("mappings", one => one.Mappings, 6.0),
        ("disk, MiB", one => one.Disk, 0.25),
    ];

    /// <summary>What grows by more than it may, with how much a minute.</summary>
    public static IReadOnlyList<string> Growing(IReadOnlyList<SoakSample> samples) =>
        [.. from row in Slopes(samples) where row.GrowthMax < row.Slope select Text(row.What, row.Slope)];

    /// <summary>A line for each thing that is counted.</summary>
    public static IEnumerable<string> Lines(IReadOnlyList<SoakSample> samples) =>
        from row in Slopes(samples)
        let most = row.GrowthMax.ToString(CultureInfo.InvariantCulture)
        select $"  {Text(row.What, row.Slope)}; at most {most} is flat";

    private static IEnumerable<(string What, double Slope, double GrowthMax)> Slopes(
        IReadOnlyList<SoakSample> samples)
    {
        SoakSample[] late = [.. samples.Skip(samples.Count / 3)];
        return _rows.Select(row => (row.What, SlopeOf(late, row.Of), row.GrowthMax));
    }

    private static double SlopeOf(SoakSample[] samples, Func<SoakSample, double> of)
    {
        var slopes = new List<double>();
        for (int first = 0; first < samples.Length; first++)
        {
            for (int second = first + 1; second < samples.Length; second++)
            {
                double minutes = (samples[second].Seconds - samples[first].Seconds) / 60;
                slopes.Add((of(samples[second]) - of(samples[first])) / minutes);
            }
        }

        slopes.Sort();
        return slopes.Count == 0 ? 0 : slopes[slopes.Count / 2];
    }

    private static string Text(string what, double slope) =>
        string.Create(CultureInfo.InvariantCulture, $"{what}: {slope:+0.00;-0.00;0.00} a minute");
}
