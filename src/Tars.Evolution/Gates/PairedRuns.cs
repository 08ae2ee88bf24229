using System.Collections.Immutable;
using Tars.Base;

namespace Tars.Evolution.Gates;

/// <summary>Two versions on the same scenarios and seeds: whether one is better by more than chance.</summary>
/// <remarks>
/// Were the two alike, each difference could as well have the other sign. So all ways to give them signs are tried, and
/// a gain counts when at most one way in twenty gives as great a sum. With fewer than five runs that differ no gain
/// could ever count so; then none of them may be worse.
///
/// Invariants:
///   I1  Every sum of differences is finite, so each verdict is a comparison of numbers.
/// </remarks>
internal sealed class PairedRuns
{
    private const double ChanceMax = 0.05;
    private const int TestedRunsMin = 5;
    private const int ExactRunsMax = 16;
    private const int DrawnSigns = 20_000;

    // Costs come from code that is judged, so they may be as great as a float is.
    private const double SummedMax = 1e290;

    private readonly ImmutableArray<double> _gains;

    /// <param name="gains">By how much less each run costs; infinite for what no float can hold.</param>
    public PairedRuns(ImmutableArray<double> gains) => _gains = Summable(gains);

    /// <summary>Runs that were compared.</summary>
    public int Count => _gains.Length;

    /// <summary>Runs on which the new version costs less.</summary>
    public int Better => _gains.Count(one => 0 < one);

    /// <summary>Runs on which it costs more.</summary>
    public int Worse => _gains.Count(one => one < 0);

    /// <summary>Empty for a gain, and for what is the same on every run; else why it is none.</summary>
    public string WhyNoGain()
    {
        double[] differing = [.. _gains.Where(one => one != 0)];
        double sum = differing.Sum();
        return differing.Length == 0 ? ""
            : sum < 0 ? "is worse"
            : differing.Length < TestedRunsMin ? (differing.Any(one => one < 0) ? "is worse on some of few runs" : "")
            : ChanceMax < Chance(differing, sum) ? "is better by no more than chance"
            : "";
    }

    /// <summary>Whether the new version costs more on the whole: by more than chance, or of few runs at all, since of
    /// those nobody can say that it was chance.</summary>
    public bool IsLoss()
    {
        double[] losses = [.. _gains.Where(one => one != 0).Select(one => -one)];
        double sum = losses.Sum();
        return 0 < sum && (losses.Length < TestedRunsMin || Chance(losses, sum) <= ChanceMax);
    }

    // The signs and their ratios decide, and not how great the differences are. // I1
    private static ImmutableArray<double> Summable(ImmutableArray<double> gains)
    {
        double greatest = gains.Select(Math.Abs).DefaultIfEmpty().Max();
        return greatest <= SummedMax ? gains
            : [.. gains.Select(one => Math.Clamp(one, double.MinValue, double.MaxValue) / double.MaxValue)];
    }

    private static double Chance(double[] differing, double sum)
    {
        // A sum is compared with itself in another order, so a little less counts too.
        double reached = sum - (Math.Abs(sum) * 1e-9);
        return differing.Length <= ExactRunsMax ? Exact(differing, reached) : Drawn(differing, reached);
    }

    private static double Exact(double[] differing, double reached)
    {
        int ways = 1 << differing.Length;
        int great = 0;
        for (int signs = 0; signs < ways; signs++)
        {
            double sum = 0;
            for (int run = 0; run < differing.Length; run++)
            {
                sum += ((signs >> run) & 1) == 0 ? differing[run] : -differing[run];
            }

            great += reached <= sum ? 1 : 0;
        }

        return (double)great / ways;
    }

    // The same draws each time: the verdict on a version is a function of its runs.
    private static double Drawn(double[] differing, double reached)
    {
        var random = new Xoshiro256(1);
        int great = 1;
        for (int draw = 0; draw < DrawnSigns; draw++)
        {
            double sum = 0;
            foreach (double one in differing)
            {
                sum += random.Next(2) == 0 ? one : -one;
            }

            great += reached <= sum ? 1 : 0;
        }

        return great / (DrawnSigns + 1.0);
    }
}
