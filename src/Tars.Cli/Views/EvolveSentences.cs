using System.Globalization;
using Tars.Base;
using Tars.Evolution.Changes;
using Tars.Evolution.Gates;
using Tars.Evolution.Pipeline;

namespace Tars.Cli.Views;

/// <summary>Why the next version of a module is as it is, in sentences: one for each change, and what they do.
/// </summary>
internal static class EvolveSentences
{
    private const int ValueMax = 120;
    private const string Split = "validation";

    /// <summary>What became of the run.</summary>
    public static string Outcome(EvolveStory story) =>
        story.Committed is { } version ? $"Version {version.Short} was committed."
        : story.Result.Best is null ? $"Nothing was chosen: {story.Why}."
        : $"Version {story.Result.Best.Id.Short} was chosen and not committed: {story.Why}.";

    /// <summary>A sentence for each change of a version.</summary>
    public static IEnumerable<string> Changes(TriedVersion version) => version.Changes.Select(Of);

    /// <summary>The steps that led to a version, where the planner went in steps; a sentence for each.</summary>
    public static IEnumerable<string> Steps(EvolveStory story, TriedVersion version)
    {
        double reached = version.Planned.Train.Mean;
        double? before = story.Result.Before.Mean("train");
        foreach (var step in ArchiveStep.Gains(ArchiveStep.Of(story.Result.Plan)))
        {
            if (step.Cost < reached || step.By.Length == 0)
            {
                continue;
            }

            string from = before is null ? "" : $" from {story.Value(before)}";
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"At evaluation {step.Evaluations} {step.By} brought {story.Problem.Metric} on train{from} to "
                    + $"{story.Value(step.Cost)}: {step.What}");
            before = step.Cost;
        }
    }

    /// <summary>What a version does to the objective, to its runs and to their fuel.</summary>
    public static string Effect(EvolveStory story, TriedVersion version)
    {
        var before = story.Result.Before;
        var after = version.Evaluation;
        if (before.Mean(Split) is not { } had || after.Mean(Split) is not { } has)
        {
            return $"On {Split} one of the two gave no number, so they cannot be compared.";
        }

        var pairs = before.Of(Split).Zip(after.Of(Split)).ToList();
        int better = pairs.Count(pair => pair.Second.Cost < pair.First.Cost);
        int worse = pairs.Count(pair => pair.First.Cost < pair.Second.Cost);
        string share = had == 0 ? "" : string.Create(
            CultureInfo.InvariantCulture, $" ({(has - had) / Math.Abs(had) * 100:+0.#;-0.#;0} % of the cost)");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{(version.Changes.Length == 1 ? "It takes" : "Together they take")} {story.Problem.Metric} on {Split} "
                + $"from {story.Value(had)} to {story.Value(has)}{share}: better on {better} of {pairs.Count} runs, "
                + $"worse on {worse}; a run needs {Fuel(after):0} fuel where it needed {Fuel(before):0}.");
    }

    private static double Fuel(Evaluation evaluation) =>
        evaluation.Of(Split).Select(one => (double)one.Outcome.Fuel).DefaultIfEmpty().Average();

    private static string Of(DocumentChange change) => change.Kind switch
    {
        ChangeKind.Added => $"{change.Path} is new{Value(change.After)}.",
        ChangeKind.Removed => $"{change.Path} is gone.",
        ChangeKind.Renamed => $"{change.Path} is called {change.After} now.",
        ChangeKind.Reordered => $"The keys of {change.Path} stand in another order.",
        ChangeKind.Tuned => $"The number {change.Path} went from {Short(change.Before)} to {Short(change.After)}.",
        ChangeKind.Changed => $"{change.Path} says {Short(change.After)} in the place of {Short(change.Before)}.",
        ChangeKind.Rewritten => $"The code of {change.Path} does something else{Rewritten(change)}.",
    };

    private static string Rewritten(DocumentChange change) => IsShort(change.Before) && IsShort(change.After)
        ? $": {change.After.Trim()} where it said {change.Before.Trim()}"
        : "";

    private static string Value(string text) => text.Length == 0 ? "" : $": {Short(text)}";

    private static bool IsShort(string text) =>
        text.Length <= ValueMax && !text.Trim().Contains('\n', StringComparison.Ordinal);

    private static string Short(string text)
    {
        string line = text.ReplaceLineEndings(" ").Trim();
        return Printable.Shortened(line, ValueMax);
    }
}
