using Tars.Bundle.Schema;

namespace Tars.Evolution.Search;

/// <summary>A candidate that was run to its end, and what it cost.</summary>
internal sealed record ScoredCandidate(Candidate Candidate, CandidateScore Score)
{
    /// <summary>The same for two that cost the same on every run.</summary>
    public string Behaviour { get; } = string.Join(' ', Score.Costs.Select(FloatText.Of));

    /// <summary>The cheaper first; of equals the shorter; then any order, as long as it is one.</summary>
    public static IComparer<ScoredCandidate> BestFirst { get; } = Comparer<ScoredCandidate>.Create((one, other) =>
    {
        int order = one.Score.Mean.CompareTo(other.Score.Mean);
        order = order != 0 ? order : one.Candidate.Count.CompareTo(other.Candidate.Count);
        return order != 0 ? order : string.CompareOrdinal(one.Candidate.Code, other.Candidate.Code);
    });

    /// <summary>The best of each behaviour, best first.</summary>
    public static IEnumerable<ScoredCandidate> Ranked(IEnumerable<ScoredCandidate> all) =>
        all.Order(BestFirst).DistinctBy(one => one.Behaviour);
}
