using System.Collections.Immutable;
using Tars.Base;
using Tars.Evolution.Gates;
using Tars.Evolution.Search;
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
    private static readonly ImmutableArray<string> _inputs = ["float(item)", "float(left)", "float(capacity)"];
    private static readonly ImmutableArray<string> _names = ["item", "left", "capacity"];

    [Fact]
    public void One_two_and_four_workers_find_the_same_octet_for_octet()
    {
        string found = Find(seed: 7, workers: 1);
        Assert.Equal(found, Find(seed: 7, workers: 2));
        Assert.Equal(found, Find(seed: 7, workers: 4));
        Assert.NotEqual(found, Find(seed: 8, workers: 2));
    }

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
                problem.Source.Text.Replace("return -float(left - item)", $"return {finalist.Code}"),
                problem,
                SmallPacking.Parts(workers: 1),
                ["train"]);
            Assert.Equal(
                finalist.Score.Costs.Select(cost => (double?)cost), evaluation.Of("train").Select(run => run.Cost));
        }
    }

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
