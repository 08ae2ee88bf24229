using System.Collections.Immutable;

namespace Tars.Evolution.Search;

/// <summary>A candidate that is to be run, and how long that is worth it.</summary>
/// <param name="Runs">On so many of the first runs.</param>
/// <param name="Bounds">For each run the highest sum of costs up to it with which it is worth going on; for those
/// that it does not name there is none.</param>
internal sealed record CandidateTrial(Candidate Candidate, int Runs, ImmutableArray<double> Bounds)
{
    /// <summary>What it costs on runs that are behind it; null for one that is new.</summary>
    public CandidateScore? Begun { get; init; }

    /// <summary>Others that make its further runs needless; null for none.</summary>
    public CandidateTwins? Twins { get; init; }

    /// <summary>Whether it is given up after these runs, when more were to come.</summary>
    /// <param name="costs">Of all runs so far.</param>
    /// <param name="sum">Of the costs.</param>
    public bool IsGivenUp(ReadOnlySpan<double> costs, double sum) =>
        (costs.Length <= Bounds.Length && Bounds[costs.Length - 1] < sum)
        || Twins?.Has(costs, Candidate.Count) == true;
}
