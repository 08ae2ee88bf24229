using System.Collections.Immutable;
using Tars.Lang.Checking;

namespace Tars.Evolution.Search;

/// <summary>What candidates learn from, in the order of the text, in which they are tried (decision 181).</summary>
/// <param name="All">Places among the scenarios, and seeds.</param>
internal sealed record LearningRuns(ImmutableArray<(int Scenario, long Seed)> All)
{
    private const string Split = "train";

    /// <summary>How many of them all candidates learn from; the rest is for the best of them.</summary>
    public int FirstCount { get; } = Math.Max(All.Length / 2, Math.Min(All.Length, 1));

    /// <param name="scenarios">Of the module, in the order of the text.</param>
    public static LearningRuns Of(ImmutableArray<CheckedScenario> scenarios) => new(
    [
        .. from pair in scenarios.Index()
           where pair.Item.Split == Split
           from index in Enumerable.Range(0, pair.Item.Seeds.Count)
           select (pair.Index, pair.Item.Seeds.First + index),
    ]);
}
