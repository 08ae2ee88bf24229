using System.Collections.Immutable;
using Tars.Evolution.Loads;

namespace Tars.Host.Journal;

/// <summary>What came of running a recorded load again.</summary>
public abstract record WhatIfOutcome
{
    private WhatIfOutcome()
    {
    }

    public sealed record Compared(WhatIfReport Report) : WhatIfOutcome;

    /// <summary>It could not begin.</summary>
    public sealed record Refused(ImmutableArray<string> Reasons) : WhatIfOutcome;
}

/// <summary>One load under two policies.</summary>
/// <param name="NanosecondsPerFuel">What a unit of fuel took.</param>
/// <param name="Recorded">Events that processes handled when it was recorded.</param>
/// <param name="Before">Under the policy of the recorded run.</param>
/// <param name="After">Under the other one.</param>
public sealed record WhatIfReport(long NanosecondsPerFuel, long Recorded, LoadReport Before, LoadReport After)
{
    /// <summary>Why no conclusion can be drawn; null when it can.</summary>
    public string? Inconclusive => Before.Inconclusive ?? After.Inconclusive;
}
