using Tars.Evolution.Scenarios;

namespace Tars.Evolution.Gates;

/// <summary>Whether a version looks better because its world hears nothing of it any more.</summary>
/// <remarks>
/// A sum of nothing is 0, and so is a count. Where a world reports only on what it is sent, nothing is better than to
/// say nothing. A world may also report nothing since all is well: then it was sent something (decision 269).
/// </remarks>
internal static class SilentRuns
{
    private const string Message = ": message ";

    /// <summary>Empty when the world was sent something in each run, or reports all the same; else where it was not.
    /// </summary>
    public static string WhyNot(Evaluation before, Evaluation after, EvolutionProblem problem) =>
        before.Runs.Zip(after.Runs)
            .Where(pair => Hears(pair.First.Outcome, problem) && !Hears(pair.Second.Outcome, problem))
            .Where(pair => 0 < Reports(pair.First.Outcome, problem) && Reports(pair.Second.Outcome, problem) == 0)
            .Select(pair => $"{pair.Second.Outcome.Name}: {problem.MetricModule} hears nothing any more, and reports "
                + $"no {problem.Metric}")
            .FirstOrDefault() ?? "";

    private static bool Hears(ScenarioOutcome outcome, EvolutionProblem problem) => outcome.HandledAround.Any(one =>
        one.StartsWith($"{problem.MetricModule}/", StringComparison.Ordinal)
        && one.Contains(Message, StringComparison.Ordinal));

    private static long Reports(ScenarioOutcome outcome, EvolutionProblem problem) => outcome.Metrics
        .FirstOrDefault(one => one.Module == problem.MetricModule && one.Name == problem.Metric)?.Count ?? 0;
}
