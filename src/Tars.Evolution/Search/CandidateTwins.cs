using System.Runtime.InteropServices;

namespace Tars.Evolution.Search;

/// <summary>What candidates cost on the first runs, so that another one with the same costs need not be run further.
/// </summary>
/// <remarks>
/// What costs the same on the first runs does the same on the rest, as long as two were not seen to go apart there: on
/// an easy scenario all that is any good costs the same. Only a shorter one is worth running, since it takes the place
/// of the longer. It changes between generations alone, so the number of workers changes nothing.
/// </remarks>
/// <param name="runs">How many runs have to cost the same.</param>
internal sealed class CandidateTwins(int runs)
{
    private readonly Dictionary<string, Known> _known = new(StringComparer.Ordinal);

    /// <summary>Whether one that is no longer cost the same; false after other numbers of runs.</summary>
    public bool Has(ReadOnlySpan<double> costs, int count) => costs.Length == runs
        && _known.TryGetValue(KeyOf(costs), out var known) && !known.WentApart && known.Shortest <= count;

    /// <summary>Takes in one that was to be run further; what failed later is no good, and ends no other.</summary>
    public void Add(ScoredCandidate one)
    {
        var score = one.Score;
        if (score.IsVoid || score.Costs.Length < runs)
        {
            return;
        }

        string key = KeyOf(score.Costs.AsSpan()[..runs]);
        string? rest = score.IsWhole ? KeyOf(score.Costs.AsSpan()[runs..]) : null;
        int count = one.Candidate.Count;
        _known[key] = !_known.TryGetValue(key, out var known) ? new Known(count, rest, WentApart: false) : new Known(
            Math.Min(known.Shortest, count),
            known.Rest ?? rest,
            known.WentApart || (known.Rest is not null && rest is not null && known.Rest != rest));
    }

    private static string KeyOf(ReadOnlySpan<double> costs) => new(MemoryMarshal.Cast<double, char>(costs));

    /// <param name="Shortest">The length of the shortest.</param>
    /// <param name="Rest">What one of them cost on the runs after these; null when none was run to its end.</param>
    /// <param name="WentApart">Whether another cost something else there.</param>
    private readonly record struct Known(int Shortest, string? Rest, bool WentApart);
}
