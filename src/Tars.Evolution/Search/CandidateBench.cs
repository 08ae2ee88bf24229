using System.Collections.Immutable;

namespace Tars.Evolution.Search;

/// <summary>Scores candidates, as many workers as there are, each with a nursery of its own.</summary>
/// <remarks>
/// Invariants:
///   I1  Which candidates share a nursery, and the order of the answers, do not depend on the workers.
///   I2  No code is run twice: what was scored once is remembered, with the bounds that it was scored under.
/// </remarks>
internal sealed class CandidateBench(SearchProblem problem, ISearchParts parts)
{
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    /// <summary>Candidates run so far.</summary>
    public int Evaluations { get; private set; }

    /// <summary>Of those, the ones that were given up early.</summary>
    public int GivenUp { get; private set; }

    /// <summary>Whether a code is new; from now on it is not.</summary>
    public bool IsNew(string code) => _seen.Add(code); // I2

    /// <param name="codes">New ones.</param>
    /// <param name="why">Why it cannot go on; empty when all were scored.</param>
    public ImmutableArray<CandidateScore> Score(
        ImmutableArray<string> codes, ImmutableArray<double> bounds, out string why)
    {
        int jobs = (codes.Length + Limits.NurseryMax - 1) / Limits.NurseryMax;
        var scores = new CandidateScore[codes.Length];
        string[] reasons = new string[jobs];
        parts.Run(jobs, job =>
        {
            int first = job * Limits.NurseryMax; // I1
            ImmutableArray<string> own = [.. codes.Skip(first).Take(Limits.NurseryMax)];
            using var nursery = Nursery.Open(problem, own, parts, out reasons[job]);
            for (int index = 0; nursery is not null && index < own.Length; index++)
            {
                scores[first + index] = nursery.Score(index, bounds);
            }
        });
        why = Array.Find(reasons, one => one.Length != 0) ?? "";
        if (why.Length != 0)
        {
            return [];
        }

        Evaluations += codes.Length;
        GivenUp += scores.Count(one => !one.IsWhole);
        return [.. scores];
    }
}
