using System.Collections.Immutable;
using Tars.Evolution.Gates;
using Tars.Evolution.Pipeline;
using Tars.Evolution.Store;

namespace Tars.Cli.Views;

/// <summary>All that the folder of a run tells: what was asked, what came of it, and what it grew from.</summary>
/// <remarks>No clock and no count of workers: the same run made again is the same story.</remarks>
/// <param name="Lineage">What is known of the versions before the one that was evolved, oldest first.</param>
/// <param name="Committed">The version that is in the store now, or null with why not.</param>
internal sealed record EvolveStory(
    PipelineResult Result,
    PipelineOrder Order,
    ImmutableArray<VersionEntry> Lineage,
    VersionId? Committed,
    string Why)
{
    /// <summary>Who looked at the test scenarios before the run, oldest first.</summary>
    public ImmutableArray<VersionEntry> Looks { get; init; } = [];

    public EvolutionProblem Problem => Order.Problem;

    public VersionId Base { get; } = VersionId.Of(Order.Problem.Source.Text);

    /// <summary>A cost as the metric's own value, for people.</summary>
    public string Value(double? cost) => Commands.EvolveRun.Text(cost, Problem);
}
