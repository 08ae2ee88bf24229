using System.Collections.Immutable;

namespace Tars.Evolution.Trials;

/// <summary>What a trial of other code on recorded events came to.</summary>
/// <param name="Events">Events of the recording.</param>
/// <param name="Tried">Of those, the ones that the other code was given and that mean something to it.</param>
/// <param name="Inconclusive">Why it could not be carried on; null when it came to its end.</param>
/// <param name="Outputs">What the recorded code sent outside in the events that were tried.</param>
/// <param name="Differences">Of those how many the other code did not send, and what it sent besides.</param>
/// <param name="Shown">The first of the differences, in order.</param>
/// <param name="IsWhole">False when there were more outputs than are compared.</param>
public sealed record TrialReport(
    long Events,
    long Tried,
    string? Inconclusive,
    long Outputs,
    long Differences,
    ImmutableArray<TrialDifference> Shown,
    bool IsWhole)
{
    /// <summary>How often the other code trapped where the recorded code did not.</summary>
    public long Traps { get; init; }

    /// <summary>The first of those traps, in order.</summary>
    public ImmutableArray<TrialDifference> ShownTraps { get; init; } = [];

    /// <summary>Whether enough was tried to say anything: so many hundredths of the recorded events.</summary>
    public bool IsComparable(int percent) => (Int128)percent * Events <= (Int128)100 * Tried;
}

/// <summary>One output that the two do not have in common.</summary>
/// <param name="Event">The recorded event that it was made in, counted from one.</param>
/// <param name="IsNew">True when the other code alone has sent it, false when the recorded code alone has.</param>
public sealed record TrialDifference(long Event, bool IsNew, string Text);
