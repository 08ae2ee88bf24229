using Tars.Evolution.Search;
using Xunit;

namespace Tars.Tests.Evolution.Search;

/// <summary>How far a candidate is run: what ends it, what goes on, and that remembering gives what running gives.
/// </summary>
public sealed class CandidateTrialTests
{
    private static readonly SearchProblem _problem = SmallPacking.Problem();
    private static readonly Candidate _item = new(_problem, [Gene.OfInput(0)]);
    private static readonly Candidate _longer =
        new(_problem, [Gene.Of(GeneKind.Add, Gene.OfInput(0), Gene.OfInput(0))]); // The same order of rooms.

    [Fact]
    public void The_first_half_of_the_runs_is_for_all()
    {
        Assert.Equal(9, _problem.Learning.All.Length);
        Assert.Equal(4, _problem.Learning.FirstCount);
        Assert.Equal((0, 1L), _problem.Learning.All[0]);
        Assert.Equal([0, 1, 1, 1, 2], Enumerable.Range(0, 5).Select(count => RunsOf(count).FirstCount));
    }

    [Fact]
    public void Of_two_that_cost_the_same_on_the_first_half_the_longer_is_not_run_further()
    {
        using var host = CandidateHost.Open(_problem, SmallPacking.Parts(1), out _);
        var twins = new CandidateTwins(_problem.Learning.FirstCount);
        var whole = Assert.Single(host!.Score([TrialOf(_item) with { Twins = twins }], out _));
        Assert.True(whole.IsWhole);
        twins.Add(new ScoredCandidate(_item, whole));
        var ended = Assert.Single(host.Score([TrialOf(_longer) with { Twins = twins }], out _));
        Assert.Equal((false, false), (ended.IsWhole, ended.IsVoid));
        Assert.Equal(whole.Costs.Take(_problem.Learning.FirstCount), ended.Costs);

        var other = new CandidateTwins(_problem.Learning.FirstCount);
        other.Add(new ScoredCandidate(_longer, whole));
        Assert.True(Assert.Single(host.Score([TrialOf(_item) with { Twins = other }], out _)).IsWhole);
    }

    // What failed later was no good, whatever it cost before.
    [Fact]
    public void What_is_void_ends_no_other()
    {
        var twins = new CandidateTwins(runs: 2);
        double[] costs = [1, 2, 3];
        twins.Add(new ScoredCandidate(_item, new CandidateScore([.. costs], IsWhole: false) { IsVoid = true }));
        Assert.False(twins.Has(costs.AsSpan()[..2], _longer.Count));
    }

    // An easy first half tells nothing of the rest.
    [Fact]
    public void Costs_with_which_two_went_apart_end_no_other()
    {
        var twins = new CandidateTwins(runs: 2);
        twins.Add(new ScoredCandidate(_item, new CandidateScore([1, 2, 3], IsWhole: true)));
        Assert.True(twins.Has([1, 2], _longer.Count));
        twins.Add(new ScoredCandidate(_longer, new CandidateScore([1, 2, 3], IsWhole: true)));
        Assert.True(twins.Has([1, 2], _longer.Count));
        twins.Add(new ScoredCandidate(_longer, new CandidateScore([1, 2, 4], IsWhole: true)));
        Assert.False(twins.Has([1, 2], _longer.Count));
    }

    [Fact]
    public void What_goes_on_comes_to_what_it_costs_when_it_is_run_at_once()
    {
        using var host = CandidateHost.Open(_problem, SmallPacking.Parts(1), out _);
        var half = Assert.Single(host!.Score([TrialOf(_item) with { Runs = 4 }], out _));
        Assert.Equal((4, true), (half.Costs.Length, half.IsWhole));
        var rest = Assert.Single(host.Score([TrialOf(_item) with { Begun = half }], out _));
        Assert.Equal(Told(Assert.Single(host.Score([TrialOf(_item)], out _))), Told(rest));
    }

    [Fact]
    public void What_is_remembered_gives_what_running_gives()
    {
        using var host = CandidateHost.Open(_problem, SmallPacking.Parts(1), out _);
        var whole = Assert.Single(host!.Score([TrialOf(_item)], out _));
        var half = Assert.Single(host.Score([TrialOf(_item) with { Runs = 4 }], out _));
        var twins = new CandidateTwins(4);
        twins.Add(new ScoredCandidate(_item, whole));
        CandidateTrial[] trials =
        [
            TrialOf(_item),
            TrialOf(_item) with { Runs = 4 },
            TrialOf(_item) with { Bounds = [double.MaxValue, whole.Costs[0]] },
            TrialOf(_item) with { Begun = half, Bounds = [0, 0, 0, 0, 0] },
            TrialOf(_longer) with { Twins = twins },
        ];
        foreach (var trial in trials)
        {
            Assert.Equal(Told(Assert.Single(host.Score([trial with { Candidate = _item }], out _))),
                Told(whole.Under(trial with { Candidate = _item })!));
        }

        Assert.Null(half.Under(TrialOf(_item)));
    }

    private static LearningRuns RunsOf(int count) => new([.. Enumerable.Repeat((0, 1L), count)]);

    private static CandidateTrial TrialOf(Candidate candidate) => new(candidate, _problem.Learning.All.Length, []);

    private static string Told(CandidateScore score) =>
        $"{string.Join(' ', score.Costs)} {string.Join(' ', score.Fuels)} {score.IsWhole} {score.IsVoid}";
}
