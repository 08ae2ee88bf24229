using System.Collections.Immutable;
using Tars.Base;
using Tars.Evolution.Search;
using Xunit;

namespace Tars.Tests.Evolution.Search;

/// <summary>What the islands of a search and its archive of elites keep.</summary>
public sealed class EliteArchiveTests
{
    private static readonly SearchProblem _problem = SmallPacking.Problem();
    private static readonly Gene _item = Gene.OfInput(0);
    private static readonly Gene _left = Gene.OfInput(1);

    [Fact]
    public void Of_each_kind_the_cheapest_stays_and_of_equals_the_shorter()
    {
        var archive = new EliteArchive();
        var plain = Scored(_item, 5);
        var longer = Scored(Gene.Of(GeneKind.Absolute, _item), 5);
        var choice = Scored(Gene.Of(GeneKind.Least, _item, _left), 9);
        var cheaper = Scored(Gene.Of(GeneKind.Negate, _item), 4);
        archive.Take(longer);
        archive.Take(plain);
        archive.Take(choice);
        Assert.Equal((ScoredCandidate[])[plain, choice], archive.Elites);
        archive.Take(cheaper);
        archive.Take(plain);
        Assert.Equal((ScoredCandidate[])[cheaper, choice], archive.Elites);
        const string Negated =
            """{"elite":{"size":0,"choices":0,"inputs":1},"cost":4.0,"code":"(-float(item))"}""";
        const string Chosen =
            """{"elite":{"size":0,"choices":1,"inputs":2},"cost":9.0,"code":"min(float(item), float(left))"}""";
        Assert.Equal($"{Negated}\n{Chosen}", string.Join('\n', archive.Lines()));
    }

    [Fact]
    public void Every_elite_becomes_a_parent()
    {
        var archive = new EliteArchive();
        archive.Take(Scored(_item, 1));
        archive.Take(Scored(Gene.Of(GeneKind.Least, _item, _left), 100));
        var random = new Xoshiro256(1);
        Assert.Equal(2, Enumerable.Range(0, 50).Select(_ => archive.Parent(random)).Distinct().Count());
    }

    [Fact]
    public void An_island_keeps_one_of_those_that_do_the_same_and_tells_for_how_long_it_is_stuck()
    {
        var island = new Island(born: 12, runs: 2);
        island.Take([Scored(_item, 3), Scored(Gene.Of(GeneKind.Absolute, _item), 3), Scored(_left, 4)]);
        Assert.Equal("float(item) float(left)", string.Join(' ', island.Members.Select(one => one.Candidate.Code)));
        island.Take([Scored(Gene.Constant(1), 5)]);
        island.Take([]);
        Assert.Equal(2, island.Stuck);
        island.Take([Scored(Gene.Constant(2), 2)]);
        Assert.Equal(0, island.Stuck);
        island.Clear();
        Assert.Empty(island.Members);
    }

    // Of fifteen that cost 1 to 15 on each of two runs, the better half are eight. Two runs are believed more than one.
    [Fact]
    public void A_candidate_is_measured_by_the_better_half_of_its_own_island()
    {
        var island = new Island(born: 12, runs: 2);
        island.Take(Enumerable.Range(1, 15).Select(cost => Scored(Gene.Constant(cost), cost, cost)));
        Assert.Equal(2, island.Bounds().Length);
        Assert.Equal(8 * 1.1, island.Bounds()[0], 1e-9);
        Assert.Equal(16 * 1.05, island.Bounds()[1], 1e-9);
        var small = new Island(born: 12, runs: 2);
        small.Take(Enumerable.Range(1, 5).Select(cost => Scored(Gene.Constant(cost), cost, cost)));
        Assert.Empty(small.Bounds());
    }

    private static ScoredCandidate Scored(Gene gene, params ImmutableArray<double> costs) =>
        new(new Candidate(_problem, [gene]), new CandidateScore(costs, IsWhole: true));
}
