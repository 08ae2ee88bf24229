using System.Runtime.InteropServices;

namespace Tars.Evolution.Search;

/// <summary>What candidates cost on the first runs, so that another one with the same costs need not be run further.
/// </summary>
/// <remarks>
/// What costs the same on many runs does the same, nearly always; where it does not it is about as good. Only a shorter
/// one is worth running, since it takes the place of the longer. It changes between generations alone, so the number of
/// workers changes nothing.
/// </remarks>
/// <param name="runs">How many runs have to cost the same.</param>
internal sealed class CandidateTwins(int runs)
{
    private readonly Dictionary<string, int> _shortest = new(StringComparer.Ordinal);

    /// <summary>Whether one that is no longer cost the same; false after other numbers of runs.</summary>
    public bool Has(ReadOnlySpan<double> costs, int count) =>
        costs.Length == runs && _shortest.TryGetValue(KeyOf(costs), out int shortest) && shortest <= count;

    /// <summary>Takes in one that was to be run further.</summary>
    public void Add(ScoredCandidate one)
    {
        if (runs <= one.Score.Costs.Length)
        {
            string key = KeyOf(one.Score.Costs.AsSpan()[..runs]);
            int count = one.Candidate.Count;
            _shortest[key] = _shortest.TryGetValue(key, out int known) ? Math.Min(known, count) : count;
        }
    }

    private static string KeyOf(ReadOnlySpan<double> costs) => new(MemoryMarshal.Cast<double, char>(costs));
}
