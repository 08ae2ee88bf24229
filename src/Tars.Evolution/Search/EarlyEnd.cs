using System.Globalization;

namespace Tars.Evolution.Search;

/// <summary>With what a planner ends before its budget is used up; mostly nothing.</summary>
/// <param name="Target">The mean cost on what is learnt from with which it is good enough; null for never.</param>
/// <param name="Patience">Candidates that are run without a better one until it ends; null for any number.</param>
public sealed record EarlyEnd(double? Target = null, int? Patience = null)
{
    public static EarlyEnd None { get; } = new();
}

/// <summary>Watches a planner for its early end.</summary>
/// <remarks>It looks at counts and costs between two rounds, and at nothing else: so the same search ends at the same
/// place, however many workers there are and whatever is remembered.</remarks>
internal sealed class EarlyEndWatch(EarlyEnd end)
{
    private double _best = double.PositiveInfinity;
    private int _bettered;

    /// <summary>Why it ends, for people; empty when it goes on.</summary>
    public string Why { get; private set; } = "";

    /// <summary>A round is over.</summary>
    /// <param name="evaluations">Candidates that were run so far.</param>
    /// <param name="best">The least mean cost so far; infinity for none.</param>
    public void See(int evaluations, double best)
    {
        if (best < _best)
        {
            _best = best;
            _bettered = evaluations;
        }

        Why = _best <= end.Target ? "it ended with the target reached"
            : end.Patience <= evaluations - _bettered ? string.Create(
                CultureInfo.InvariantCulture,
                $"it ended with no improvement in {evaluations - _bettered} evaluations")
            : "";
    }
}
