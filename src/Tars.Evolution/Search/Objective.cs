using Tars.Evolution.Gates;
using Tars.Evolution.Scenarios;

namespace Tars.Evolution.Search;

/// <summary>What a run is worth to a search: a cost, of which less is better whatever the goal.</summary>
internal static class Objective
{
    /// <summary>Null for a run that counts for nothing: void, trapped, or without a number.</summary>
    public static double? CostOf(ScenarioOutcome outcome, EvolutionProblem problem)
    {
        var series = outcome.Metrics.FirstOrDefault(one =>
            one.Module == problem.MetricModule && one.Name == problem.Metric);
        return outcome.Passed && outcome.TrapCount == 0 && series?.Value is { } value && double.IsFinite(value)
            ? problem.Minimize ? value : -value
            : null;
    }
}
