using System.Collections.Immutable;

namespace Tars.Evolution.Search;

/// <summary>A candidate that is to be run, and how long that is worth it.</summary>
/// <param name="Bounds">For each run the highest sum of costs up to it with which it is worth going on; for those
/// that it does not name there is none.</param>
internal sealed record CandidateTrial(Candidate Candidate, ImmutableArray<double> Bounds)
{
    /// <summary>It is run to its end.</summary>
    public CandidateTrial(Candidate candidate)
        : this(candidate, [])
    {
    }
}
