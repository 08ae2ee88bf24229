using System.Collections.Immutable;

namespace Tars.Evolution.Search;

/// <summary>What a candidate cost on the runs that it was tried on.</summary>
/// <param name="Costs">In the order of the scenarios and their seeds; less is better.</param>
/// <param name="IsWhole">Whether it was tried on all of them.</param>
public sealed record CandidateScore(ImmutableArray<double> Costs, bool IsWhole)
{
    /// <summary>Of a candidate that trapped, or gave no number.</summary>
    public static CandidateScore Void { get; } = new([], IsWhole: false);

    public double Mean { get; } = IsWhole ? Costs.Average() : double.PositiveInfinity;
}
