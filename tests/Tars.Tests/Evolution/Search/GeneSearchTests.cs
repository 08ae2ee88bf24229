using System.Collections.Immutable;
using Tars.Base;
using Tars.Evolution.Gates;
using Tars.Evolution.Search;
using Tars.Host.Evolving;
using Tars.Host.Files;
using Tars.Lang.Checking;
using Tars.Lang.Diagnostics;
using Tars.Lang.Parsing;
using Tars.Lang.Text;
using Xunit;

namespace Tars.Tests.Evolution.Search;

/// <summary>The search: the same for every number of workers, and what it makes is code of metascripts.</summary>
public sealed class GeneSearchTests
{
    private static readonly ImmutableArray<string> _inputs = ["float(item)", "float(left)", "float(gap)"];
    private static readonly ImmutableArray<string> _names = ["item", "left", "gap"];

    [Fact]
    public void One_two_and_four_workers_find_the_same_octet_for_octet()
    {
        string found = Find(seed: 7, workers: 1);
        Assert.Equal(found, Find(seed: 7, workers: 2));
        Assert.Equal(found, Find(seed: 7, workers: 4));
        Assert.NotEqual(found, Find(seed: 8, workers: 2));
    }

    [Fact]
    public void A_search_that_ends_early_is_the_beginning_of_a_longer_one()
    {
        string[] shorter = Generations(evaluations: 240);
        Assert.Equal(2, shorter.Length);
        Assert.Equal(shorter, Generations(evaluations: 360).Take(shorter.Length));
    }

    // What an earlier run remembers was given up elsewhere, and counts as what it would burn now.
    [Fact]
    public void Fuel_ends_a_search_at_the_same_generation_whatever_is_remembered()
    {
        string folder = Directory.CreateTempSubdirectory("tars-fuel-").FullName;
        var problem = SmallPacking.Problem();
        try
        {
            var all = Fuelled(problem, long.MaxValue, memory: null);
            var some = Fuelled(problem, 200_000_000, memory: null);
            Assert.InRange(some.Evaluations, 1, all.Evaluations - 1);
            using var memory = ScoreFile.Open(folder, problem.Judge, out _);
            Assert.Equal(0, Fuelled(problem, long.MaxValue, memory).Remembered);
            var again = Fuelled(problem, 200_000_000, memory);
            Assert.Equal(some.Evaluations, again.Evaluations);
            Assert.Equal(some.Evaluations, again.Remembered);
            Assert.Equal(some.Archive, again.Archive);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static SearchResult.Found Fuelled(SearchProblem problem, long fuel, IScoreMemory? memory) =>
        Assert.IsType<SearchResult.Found>(GeneSearch.Run(
            problem,
            new SearchParts(SmallPacking.Path, SmallPacking.Text, workers: 2, memory),
            new SearchOptions(5, 480) { Fuel = fuel, FinalistsMax = 3 },
            CancellationToken.None));

    // A candidate in the place of an open function is what it is alone in the module.
    [Fact]
    public void The_whole_path_gives_what_the_search_measured()
    {
        var problem = SmallPacking.Problem();
        var result = Assert.IsType<SearchResult.Found>(GeneSearch.Run(
            problem, SmallPacking.Parts(workers: 2), new SearchOptions(3, 240), CancellationToken.None));
        Assert.NotEmpty(result.Finalists);
        foreach (var finalist in result.Finalists)
        {
            var evaluation = Evaluation.Run(
                problem.Source.Text.Replace("return -float(gap)", $"return {finalist.Code}"),
                problem,
                SmallPacking.Parts(workers: 1),
                ["train"], TestContext.Current.CancellationToken);
            Assert.Equal(
                finalist.Score.Costs.Select(cost => (double?)cost), evaluation.Of("train").Select(run => run.Cost));
        }
    }

    [Fact]
    public void Beside_the_best_twelve_there_are_finalists_of_other_kinds()
    {
        var finalists = Search(SmallPacking.Parts(workers: 2), progress: null, CancellationToken.None).Finalists;
        Assert.InRange(finalists.Length, 13, 24);
        Assert.Equal(finalists.Select(one => one.Score.Mean).Order(), finalists.Select(one => one.Score.Mean));
        Assert.Equal(
            finalists.Length, finalists.DistinctBy(one => string.Join(' ', one.Score.Costs)).Count());
    }

    // Nothing is run: costs are made of the code.
    [Fact]
    public void The_best_of_each_era_is_a_finalist_and_an_era_begins_with_nothing()
    {
        var one = Made(evaluations: 170 * 120);
        var two = Made(evaluations: 2 * 170 * 120);
        Assert.Equal(one.Archive[..160], two.Archive[..160]);
        Assert.Contains(Told(one.Finalists[0]), two.Finalists.Select(Told));
        int later = two.Finalists.Count(finalist => one.Finalists.All(known => Told(known) != Told(finalist)));
        Assert.InRange(later, 8, 16);
    }

    // An easy scenario belongs first, and all that is any good may cost the same there.
    [Fact]
    public void A_first_half_on_which_all_cost_the_same_ends_nothing() =>
        Assert.InRange(Made(evaluations: 1_200, easy: 4).Finalists[0].Score.Mean, 1, 1.09);

    private static SearchResult.Found Made(int evaluations, int easy = 0) =>
        Assert.IsType<SearchResult.Found>(GeneSearch.Run(
            SmallPacking.Problem(),
            new SearchParts(SmallPacking.Path, SmallPacking.Text, workers: 1, new CostsOfCode(easy)),
            new SearchOptions(9, evaluations),
            CancellationToken.None));

    private static string Told(Finalist finalist) => string.Join(' ', finalist.Score.Costs);

    /// <summary>Claims to remember every code: what it costs is drawn by its own letters.</summary>
    /// <param name="easy">On so many of the first runs all cost the same.</param>
    private sealed class CostsOfCode(int easy) : IScoreMemory
    {
        public CandidateScore? Find(string code)
        {
            ulong seed = code.Aggregate(17UL, (sum, letter) => (sum * 31) + letter);
            var random = new Xoshiro256(seed);
            var costs = Enumerable.Range(0, 9).Select(run => 1 + (run < easy ? 0 : random.NextUnit()));
            return new CandidateScore([.. costs], IsWhole: true)
            {
                Fuels = [.. Enumerable.Repeat(1L, 9)],
            };
        }

        public void Add(IEnumerable<KeyValuePair<string, CandidateScore>> scores) => Assert.Empty(scores);
    }

    [Fact]
    public void However_many_are_kept_the_best_are_among_them()
    {
        var usual = Kept(new SearchOptions(3, 240));
        Assert.Equal(usual[0], Assert.Single(Kept(new SearchOptions(3, 240) { FinalistsMax = 1 })));
        Assert.Superset(usual.ToHashSet(), Kept(new SearchOptions(3, 240) { FinalistsMax = int.MaxValue }).ToHashSet());
    }

    private static ImmutableArray<string> Kept(SearchOptions options) =>
        [.. Assert.IsType<SearchResult.Found>(GeneSearch.Run(
            SmallPacking.Problem(), SmallPacking.Parts(workers: 2), options, CancellationToken.None))
            .Finalists.Select(one => string.Join(' ', one.Score.Costs))];

    [Fact]
    public void A_gene_is_read_back_from_its_text()
    {
        for (ulong seed = 0; seed < 300; seed++)
        {
            var maker = new GeneMaker(new Xoshiro256(seed), inputs: 3, countMax: 50);
            var gene = maker.Mutate(maker.Cross(maker.Draw(), maker.Draw()));
            string text = gene.Text(_inputs);
            var bag = new DiagnosticBag();
            var body = CodeParser.ParseBody(SourceSlice.Verbatim($"return {text}", fileOffset: 0), bag);
            Assert.False(bag.HasErrors, text);
            var read = GeneReader.Of(body, _names);
            Assert.True(read is not null, text);

            // A constant below zero comes back as the negation of one above, which has the same text.
            Assert.Equal(text, read.Text(_inputs));
            Assert.True(gene.Count <= 50, text);
        }
    }

    // A number that is nearly right is moved a little, and one that is not far.
    [Fact]
    public void Numbers_are_moved_by_wide_and_by_narrow_steps()
    {
        var maker = new GeneMaker(new Xoshiro256(11), inputs: 3, countMax: 50);
        double[] steps =
        [
            .. Enumerable.Range(0, 2_000).Select(_ => Math.Abs(maker.Tune(Gene.Constant(100)).Value - 100)),
        ];
        Assert.InRange(steps.Count(step => step is > 0 and <= 10), 1_000, 1_600);
        Assert.InRange(steps.Count(step => step is > 20), 200, 800);
        Assert.All(steps, step => Assert.InRange(step, 0, 130));
    }

    [Fact]
    public void Every_gene_is_in_its_place()
    {
        var maker = new GeneMaker(new Xoshiro256(5), inputs: 3, countMax: 50);
        for (int drawn = 0; drawn < 200; drawn++)
        {
            var gene = maker.Draw();
            for (int place = 0; place < gene.Count; place++)
            {
                Assert.Equal(gene.Text(_inputs), gene.With(place, gene.At(place)).Text(_inputs));
                Assert.Equal(
                    gene.Count - gene.At(place).Count + 1, gene.With(place, Gene.Constant(1)).Count);
            }
        }
    }

    [Theory]
    [InlineData("may_change: [functions.score.do]", "may_change: [params]", "the search changes functions and params")]
    [InlineData("    split: validation\n", "    split: test\n", "no scenario with `split: validation`")]
    public void What_cannot_be_searched_is_said(string old, string now, string part)
    {
        string text = SmallPacking.Text.Replace(old, now, StringComparison.Ordinal);
        var files = ModuleFiles.Of(SmallPacking.Path, System.Text.Encoding.UTF8.GetBytes(text));
        Assert.Null(SearchProblem.Of(files.Source, ModuleChecker.Check(files.Source, files), out string why));
        Assert.Contains(part, why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("params.value")]
    [InlineData("params.value.value")]
    [InlineData("functions.do")]
    [InlineData("functions.do.do")]
    public void What_is_called_like_the_end_of_a_path_is_found(string path) =>
        Assert.Single(Small($"[{path}]").Targets);

    [Fact]
    public void What_is_named_as_a_whole_and_by_its_part_is_one_target() => Assert.Equal(
        ["functions.do.do", "params.value.value"],
        Small("[functions.do, functions.do.do, params.value.value, params.value]").Targets.Select(one => one.Path));

    [Fact]
    public void A_range_is_searched_between_its_ends_however_narrow_it_is()
    {
        var maker = new CandidateMaker(Small("[params.value]"), new Xoshiro256(1));
        var values = Enumerable.Range(0, 50).Select(_ => maker.Draw().Genes[0].Value).ToHashSet();
        Assert.InRange(values.Count, 40, 50);
        Assert.All(values, value => Assert.InRange(value, 0.00001, 0.00009));
    }

    [Fact]
    public void What_is_told_of_a_second_run_adds_up()
    {
        var parts = new SearchParts(SmallPacking.Path, SmallPacking.Text, workers: 2, new Scores());
        _ = Search(parts, progress: null, CancellationToken.None);
        var again = Search(parts, progress: null, CancellationToken.None);
        Assert.Equal((240, 240, false), (again.Evaluations, again.Remembered, again.IsCutShort));
    }

    [Fact]
    public void A_stop_ends_shortening_too_and_is_told()
    {
        using var stop = new CancellationTokenSource();
        void Stop(SearchProgress told)
        {
            if (told.Evaluations == 240)
            {
                stop.Cancel();
            }
        }

        var found = Search(SmallPacking.Parts(workers: 2), Stop, stop.Token);
        Assert.Equal((240, true), (found.Evaluations, found.IsCutShort));
    }

    private static SearchResult.Found Search(
        SearchParts parts, Action<SearchProgress>? progress, CancellationToken stop) =>
        Assert.IsType<SearchResult.Found>(GeneSearch.Run(
            SmallPacking.Problem(), parts, new SearchOptions(3, 240) { Progress = progress }, stop));

    private static string[] Generations(int evaluations)
    {
        var found = Assert.IsType<SearchResult.Found>(GeneSearch.Run(
            SmallPacking.Problem(), SmallPacking.Parts(workers: 2), new SearchOptions(5, evaluations),
            CancellationToken.None));
        Assert.Contains(found.Archive, line => line.StartsWith("{\"elite\":", StringComparison.Ordinal));
        return [.. found.Archive.Where(line => line.StartsWith("{\"generation\":", StringComparison.Ordinal))];
    }

    private static SearchProblem Small(string mayChange)
    {
        string text = Narrow.Replace("MAY", mayChange, StringComparison.Ordinal);
        var files = ModuleFiles.Of("narrow.tars", System.Text.Encoding.UTF8.GetBytes(text));
        var check = ModuleChecker.Check(files.Source, files);
        Assert.DoesNotContain(check.Diagnostics, one => one.Severity == Severity.Error);
        var problem = SearchProblem.Of(files.Source, check, out string why);
        Assert.True(problem is not null, why);
        return problem;
    }

    private const string Narrow = """
        tars: 1
        module: narrow
        version: 1.0.0
        summary: Names that are those of keys, and a narrow range.

        params:
          value: { type: float, value: 0.00002, range: [0.00001, 0.00009], about: Narrow. }

        functions:
          do:
            with: { x: float }
            returns: float
            do: |
              return x

        handlers:
          start:
            do: |
              metric(miss, 1.0)

        metrics:
          miss: { kind: last, goal: minimize }

        scenarios:
          - { name: one, split: train, seed: 1, runs_for: 1s }
          - { name: two, split: validation, seed: 2, runs_for: 1s }

        evolution:
          objective: miss
          may_change: MAY
          versions_per_session: 1
          approval: manual
        """;

    /// <summary>What is remembered, until the test ends.</summary>
    private sealed class Scores : IScoreMemory
    {
        private readonly Dictionary<string, CandidateScore> _known = new(StringComparer.Ordinal);

        public CandidateScore? Find(string code) => _known.GetValueOrDefault(code);

        public void Add(IEnumerable<KeyValuePair<string, CandidateScore>> scores)
        {
            foreach (var (code, score) in scores)
            {
                _known[code] = score;
            }
        }
    }

    private static string Find(long seed, int workers)
    {
        var result = Assert.IsType<SearchResult.Found>(GeneSearch.Run(
            SmallPacking.Problem(),
            SmallPacking.Parts(workers),
            new SearchOptions(seed, 360),
            CancellationToken.None));
        return string.Join('\n', [
            .. result.Archive,
            .. result.Finalists.Select(one => $"{one.Code} {string.Join(' ', one.Score.Costs)}"),
            $"{result.Evaluations} {result.GivenUp}",
        ]);
    }
}
