using System.Collections.Immutable;
using Tars.Evolution.Search;

namespace Tars.Evolution.Gates;

/// <summary>What is asked of a version at last, and of a finalist before it is chosen: each once for each text.
/// </summary>
/// <param name="stop">Ends what is on its way; what was not asked to its end is refused.</param>
internal sealed class LastChecks(EvolutionProblem problem, ISearchParts parts, CancellationToken stop)
{
    public CoveredCode Covered { get; } = new(problem, parts, stop);

    public OwnTests Tests { get; } = new(problem, parts, stop);

    public RecordedInputs Recorded { get; } = new(problem, parts, stop);

    /// <summary>The gate that a version would fail, and why; none when it may be chosen.</summary>
    /// <param name="after">What is known of the version.</param>
    public (string Gate, ImmutableArray<string> Reasons) Lost(string text, Evaluation before, Evaluation after)
    {
        if (Covered.Ask(text, before, after) is { Passed: false, Reason: var untried })
        {
            return (CoveredCode.Gate, [untried]);
        }

        if (SilentRuns.WhyNot(before, after, problem) is { Length: > 0 } silent)
        {
            return ("objective", [silent]);
        }

        var evolution = problem.Evolution;
        if (WorldTime.WhyNot(before, after, evolution) is { Length: > 0 } starved)
        {
            bool isObjective = WorldTime.WhyNot(before, after, evolution.Objective).Length != 0;
            return (isObjective ? "objective" : "regress", [starved]);
        }

        return Tests.Lost(text) is { IsEmpty: false } lost ? ("tests", lost)
            : Recorded.Ask(text) is { Passed: false, Reason: var reason } ? (RecordedInputs.Gate, [reason])
            : ("", []);
    }
}
