using System.Collections.Immutable;

namespace Tars.Host;

/// <summary>How a run ended, or why it could not begin.</summary>
public abstract record RunOutcome
{
    private RunOutcome()
    {
    }

    public sealed record Ended(RunReport Report) : RunOutcome;

    public sealed record Refused(ImmutableArray<string> Reasons) : RunOutcome;
}
