using System.Collections.Immutable;

namespace Tars.Evolution.Trials;

/// <summary>What came of a trial.</summary>
public abstract record TrialOutcome
{
    private TrialOutcome()
    {
    }

    public sealed record Tried(TrialReport Report) : TrialOutcome;

    /// <summary>There was nothing to try it on.</summary>
    public sealed record Refused(ImmutableArray<string> Reasons) : TrialOutcome;
}
