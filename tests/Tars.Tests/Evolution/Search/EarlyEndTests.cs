using Tars.Evolution.Planning;
using Tars.Evolution.Search;
using Tars.Tests.Evolution.Planning;
using Xunit;

namespace Tars.Tests.Evolution.Search;

/// <summary>A planner ends when its target is reached, or when nothing better came for long; at the same place each
/// time.</summary>
public sealed class EarlyEndTests
{
    private static readonly Lazy<SearchResult.Found> _whole = new(() => Find(EarlyEnd.None));

    [Fact]
    public void A_search_ends_with_the_generation_that_reaches_its_target()
    {
        double[] bests = [.. Costs(_whole.Value)];
        double target = bests[^1];
        int reached = Array.FindIndex(bests, one => one <= target);
        Assert.InRange(reached, 1, bests.Length - 1); // Neither at once nor never.
        var found = Find(new EarlyEnd(target));
        Assert.Equal(reached + 1, Generations(found).Length);
        Assert.Equal("it ended with the target reached", found.EndedBy);
        AssertRepeats(found, new EarlyEnd(target));
    }

    [Fact]
    public void A_search_ends_when_nothing_better_came_for_so_many_evaluations()
    {
        var found = Find(new EarlyEnd(Patience: 60));
        Assert.InRange(found.Evaluations, 61, _whole.Value.Evaluations - 1);
        Assert.StartsWith("it ended with no improvement in ", found.EndedBy, StringComparison.Ordinal);
        AssertRepeats(found, new EarlyEnd(Patience: 60));
    }

    [Fact]
    public void What_never_comes_about_changes_nothing()
    {
        var found = Find(new EarlyEnd(Target: -1, Patience: 100_000));
        Assert.Equal("", found.EndedBy);
        Assert.Equal(Told(_whole.Value), Told(found));
    }

    [Fact]
    public void Rules_end_with_the_batch_that_reaches_their_target()
    {
        var whole = SmallTuning.Run(new RulePlanner(), workers: 2, evaluations: 200, SmallTuning.Remembered);
        var first = SmallTuning.Run(
            new RulePlanner(), workers: 2, evaluations: 200, SmallTuning.Remembered, end: new EarlyEnd(Target: 3));
        Assert.InRange(first.Plan!.Evaluations, 1, whole.Plan!.Evaluations - 1);
        Assert.Contains("it ended with the target reached", first.Plan.Notes);
        Assert.True(first.Plan.Finalists[0].Train.Mean <= 3);
        Assert.Empty(whole.Plan.Notes);
    }

    [Fact]
    public void Rules_end_when_nothing_better_came()
    {
        var whole = SmallTuning.Run(new RulePlanner(), workers: 2, evaluations: 200, SmallTuning.Remembered);
        var short1 = SmallTuning.Run(
            new RulePlanner(), workers: 1, evaluations: 200, SmallTuning.Remembered, end: new EarlyEnd(Patience: 1));
        Assert.InRange(short1.Plan!.Evaluations, 1, whole.Plan!.Evaluations);
        Assert.Contains(short1.Plan.Notes, one => one.StartsWith(
            "it ended with no improvement in ", StringComparison.Ordinal));
    }

    [Fact]
    public void What_reaches_the_target_as_it_is_is_not_searched()
    {
        var result = SmallTuning.Run(
            new RulePlanner(), workers: 1, evaluations: 200, SmallTuning.Remembered, end: new EarlyEnd(Target: 99));
        Assert.Null(result.Plan);
        Assert.Equal("it reaches the target as it is, so nothing was tried", result.Why);
    }

    // The count that was told repeats it without the option; workers and what is remembered change nothing.
    private static void AssertRepeats(SearchResult.Found found, EarlyEnd end)
    {
        Assert.Equal(Told(found), Told(Find(EarlyEnd.None, evaluations: found.Evaluations)));
        Assert.Equal(Told(found), Told(Find(end, workers: 1)));
        Assert.Equal(Told(found), Told(Find(end, workers: 4)));
        string folder = Directory.CreateTempSubdirectory("tars-end-").FullName;
        try
        {
            var problem = SmallPacking.Problem();
            using (var memory = Tars.Host.Evolving.ScoreFile.Open(folder, problem.Judge, out _))
            {
                // Killed somewhere on the way.
                Find(EarlyEnd.None, evaluations: found.Evaluations / 2, memory: memory);
            }

            using var again = Tars.Host.Evolving.ScoreFile.Open(folder, problem.Judge, out _);
            var resumed = Find(end, memory: again);
            Assert.Equal(Told(found), Told(resumed));
            Assert.InRange(resumed.Remembered, 1, found.Evaluations - 1);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static SearchResult.Found Find(
        EarlyEnd end, int workers = 2, int evaluations = 480, IScoreMemory? memory = null)
    {
        var parts = new Tars.Host.Evolving.SearchParts(SmallPacking.Path, SmallPacking.Text, workers, memory);
        var options = new SearchOptions(Seed: 7, evaluations) { End = end };
        var result = GeneSearch.Run(SmallPacking.Problem(), parts, options, TestContext.Current.CancellationToken);
        return Assert.IsType<SearchResult.Found>(result);
    }

    private static string Told(SearchResult.Found found) => string.Join('\n', [
        .. found.Archive, $"{found.Evaluations} {found.GivenUp}",
        .. found.Finalists.Select(one => $"{one.Code} {one.Score.Mean} {one.Score.Fuel}"),
    ]);

    private static string[] Generations(SearchResult.Found found) =>
        [.. found.Archive.Where(one => one.StartsWith("{\"generation\":", StringComparison.Ordinal))];

    private static IEnumerable<double> Costs(SearchResult.Found found) => Generations(found).Select(line =>
        System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("cost").GetDouble());
}
