using System.Collections.Immutable;
using Tars.Evolution.Search;

namespace Tars.Evolution.Gates;

/// <summary>What is asked of a version at last, and of a finalist before it is chosen: each once for each text.
/// </summary>
/// <param name="stop">Ends what is on its way; what was not asked to its end is refused.</param>
internal sealed class LastChecks(EvolutionProblem problem, ISearchParts parts, CancellationToken stop)
{
    public OwnTests Tests { get; } = new(problem, parts, stop);

    public RecordedInputs Recorded { get; } = new(problem, parts, stop);

    /// <summary>Why a version should not be chosen; none when it may be.</summary>
    public ImmutableArray<string> Lost(string text) => Tests.Lost(text) is { IsEmpty: false } lost
        ? lost
        : Recorded.Ask(text) is { Passed: false, Reason: var reason } ? [reason] : [];
}
