using System.Globalization;

namespace Tars.Sim.Robustness;

/// <summary>Counts of trials and the slowest of them.</summary>
internal sealed class Tally
{
    private readonly SortedDictionary<string, (int Tried, int Whole)> _counts = new(StringComparer.Ordinal);
    private TimeSpan _longest;
    private string _slowest = "none";

    public int Failed { get; private set; }

    public void Add(string kind, string name, Trial trial)
    {
        var (tried, whole) = _counts.GetValueOrDefault(kind);
        _counts[kind] = (tried + 1, whole + (trial.IsWhole ? 1 : 0));
        Failed += trial.Problem is null ? 0 : 1;
        if (_longest < trial.Time)
        {
            _longest = trial.Time;
            _slowest = name;
        }
    }

    public override string ToString()
    {
        var counts = _counts.Select(pair => $"{pair.Value.Tried} {pair.Key} ({pair.Value.Whole} whole)");
        string longest = _longest.TotalMilliseconds.ToString("F0", CultureInfo.InvariantCulture);
        return $"{string.Join(", ", counts)}; {Failed} failed; slowest {longest} ms: {_slowest}";
    }
}
