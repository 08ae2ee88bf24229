using System.Collections.Immutable;

namespace Tars.Evolution.Search;

/// <summary>What a candidate cost on the runs that it was tried on.</summary>
/// <param name="Costs">In the order of the scenarios and their seeds; less is better.</param>
/// <param name="IsWhole">Whether it was tried on all that were asked for.</param>
public sealed record CandidateScore(ImmutableArray<double> Costs, bool IsWhole)
{
    /// <summary>True for one that trapped or gave no number on the run after these.</summary>
    public bool IsVoid { get; init; }

    /// <summary>What each of its runs burnt; of one that is void the failed run too.</summary>
    public ImmutableArray<long> Fuels { get; init; } = [];

    /// <summary>What all its runs burnt.</summary>
    public long Fuel => SumOf(Fuels);

    public double Mean { get; } = IsWhole ? Costs.Average() : double.PositiveInfinity;

    /// <summary>Of amounts of fuel, none below 0; what is more than can be counted is the most that can.</summary>
    public static long SumOf(IEnumerable<long> fuels) =>
        fuels.Aggregate(0L, (sum, one) => sum < long.MaxValue - one ? sum + one : long.MaxValue);

    /// <summary>What a trial would have given; null when this ends before that can be told.</summary>
    internal CandidateScore? Under(CandidateTrial trial)
    {
        double sum = 0;
        for (int run = 0; run < Costs.Length; run++)
        {
            sum += Costs[run];
            bool isLast = run == trial.Runs - 1;
            bool isNew = trial.Begun is not { } begun || begun.Costs.Length <= run;
            if (isLast || (isNew && trial.IsGivenUp(Costs.AsSpan()[..(run + 1)], sum)))
            {
                return new CandidateScore(Costs[..(run + 1)], isLast) { Fuels = Fuels[..(run + 1)] };
            }
        }

        return IsVoid ? this : null;
    }
}
