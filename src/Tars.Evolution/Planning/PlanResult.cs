using System.Collections.Immutable;
using Tars.Evolution.Search;

namespace Tars.Evolution.Planning;

/// <summary>What a planner came to. The family is closed.</summary>
public abstract record PlanResult
{
    private PlanResult()
    {
    }

    /// <param name="Finalists">Best first by what the planner saw; each another text.</param>
    /// <param name="Archive">Lines of JSON: how it came to them. The same for the same seed and budget.</param>
    /// <param name="Evaluations">Candidates that it ran.</param>
    /// <param name="GivenUp">Of those, the ones that were not run to their end.</param>
    public sealed record Found(
        ImmutableArray<PlannedVersion> Finalists,
        ImmutableArray<string> Archive,
        int Evaluations,
        int GivenUp) : PlanResult
    {
        /// <summary>How many of the evaluations were remembered, from earlier runs or eras.</summary>
        public int Remembered { get; init; }

        /// <summary>Why nothing was run, when nothing was; empty where the planner knows no more than that.</summary>
        public string WhyNothing { get; init; } = "";

        /// <summary>What the user should know beside it; mostly empty.</summary>
        public ImmutableArray<string> Notes { get; init; } = [];
    }

    /// <param name="Reason">Why it could not go on; nothing of what it did counts.</param>
    public sealed record Stopped(string Reason) : PlanResult;
}

/// <summary>A proposal and what it costs on what there is to learn from.</summary>
/// <param name="Train">What the planner measured; the whole path has to say the same.</param>
public sealed record PlannedVersion(Proposal Proposal, CandidateScore Train);
