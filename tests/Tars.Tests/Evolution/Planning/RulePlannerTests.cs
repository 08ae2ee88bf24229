using Tars.Evolution.Analysis;
using Tars.Evolution.Edits;
using Tars.Evolution.Pipeline;
using Tars.Evolution.Planning;
using Tars.Host.Evolving;
using Xunit;

namespace Tars.Tests.Evolution.Planning;

/// <summary>The planner `rules`: the same for every number of workers, and better than what it began with.</summary>
public sealed class RulePlannerTests
{
    [Fact]
    public void Rules_make_a_module_better_and_its_gates_agree()
    {
        var result = SmallTuning.Run(new RulePlanner(), workers: 2, evaluations: 120);
        Assert.NotNull(result.Best);
        Assert.All(result.Verdicts, one => Assert.Equal("", one.Reason));
        Assert.True(result.IsGain);
        double before = result.Before.Mean("validation")!.Value;
        Assert.True(result.Best.Evaluation.Mean("validation") < before * 0.8, SmallTuning.Told(result));
        Assert.Contains("# A brake of a tenth of the speed is little.", result.Best.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void One_two_and_four_workers_come_to_the_same_octets()
    {
        string one = SmallTuning.Told(SmallTuning.Run(new RulePlanner(), workers: 1, evaluations: 60));
        Assert.Equal(one, SmallTuning.Told(SmallTuning.Run(new RulePlanner(), workers: 2, evaluations: 60)));
        Assert.Equal(one, SmallTuning.Told(SmallTuning.Run(new RulePlanner(), workers: 4, evaluations: 60)));
    }

    [Fact]
    public void No_more_candidates_are_run_than_the_budget_has()
    {
        foreach (int evaluations in new[] { 1, 7, 24, 31 })
        {
            var result = SmallTuning.Run(new RulePlanner(), workers: 2, evaluations);
            Assert.InRange(result.Plan!.Evaluations, 1, evaluations);
        }
    }

    // A round is done whole, so its candidates come on top.
    [Fact]
    public void Fuel_ends_the_climb_and_keep_bounds_the_finalists()
    {
        string text = SmallTuning.Text.Replace(
            "evolution:\n", "evolution:\n  keep: 1\n  budget: { fuel: 1 }\n", StringComparison.Ordinal);
        Assert.NotEqual(SmallTuning.Text, text);
        var (problem, check) = SmallTuning.Module(text);
        PipelineResult Run(long? fuel) => EvolutionPipeline.Run(
            new PipelineOrder(problem, check, new RulePlanner(), Parent: null, Seed: 1, 200) { Fuel = fuel },
            new SearchParts(SmallTuning.Path, problem.Source.Text, workers: 2),
            TestContext.Current.CancellationToken);
        Assert.InRange(Run(fuel: null).Plan!.Evaluations, 0, 24);
        var more = Run(long.MaxValue);
        Assert.InRange(more.Plan!.Evaluations, 25, 200);
        Assert.Single(more.Tried);
    }

    [Fact]
    public void What_the_author_suggests_is_proposed_first()
    {
        var (problem, check) = SmallTuning.Module(SmallTuning.Text);
        var parts = new SearchParts(SmallTuning.Path, problem.Source.Text, workers: 1);
        var findings = Analyzer.Run(problem, check, before: null, parts, TestContext.Current.CancellationToken);
        var proposals = RulePlanner.Proposals(new PlanRequest(problem, check.Module, findings, Seed: 1, 10));
        Assert.Equal("tune-suggested", proposals[0].Rule);
        Assert.StartsWith("It drives too weakly.", proposals[0].Why, StringComparison.Ordinal);
        Assert.Equal("params.gain.value", Assert.IsType<Edit.TuneNumber>(proposals[0].Edits[0]).Path);
        Assert.DoesNotContain(proposals, one => one.Edits.Any(edit => edit.Path == "params.limit.value"));
    }

    // What can be made is a document; what may be is asked later.
    [Fact]
    public void Every_proposal_can_be_made()
    {
        var (problem, check) = SmallTuning.Module(SmallTuning.Text);
        var request = new PlanRequest(problem, check.Module, new ModuleAnalysis([]), Seed: 1, 10);
        var proposals = RulePlanner.Proposals(request);
        Assert.True(10 < proposals.Length);
        Assert.All(proposals, one =>
            Assert.IsType<EditResult.Edited>(EditApplication.Apply(problem.Source, one.Edits)));
    }

    [Fact]
    public void The_analysis_tells_what_the_scenarios_show()
    {
        var (problem, check) = SmallTuning.Module(SmallTuning.Text);
        string before = SmallTuning.Text.Replace("value: 0.2", "value: 0.3", StringComparison.Ordinal);
        var parts = new SearchParts(SmallTuning.Path, problem.Source.Text, workers: 1);
        var findings = Analyzer.Run(problem, check, before, parts, TestContext.Current.CancellationToken);
        Assert.Contains(findings.Of(FindingKind.Change), one => one.Path == "params.gain.value");
        Assert.Contains(findings.Of(FindingKind.Reflection), one => one.Path == "params.gain" && one.Value == 1);
        Assert.Equal(2, findings.Of(FindingKind.Objective).Count());
        Assert.Empty(findings.Of(FindingKind.Uncovered));
        Assert.Empty(findings.Of(FindingKind.Trap));
    }

    [Fact]
    public void A_handler_that_no_scenario_runs_is_found()
    {
        string text = SmallTuning.Text.Replace(
            "\nmetrics:", "  timer tick:\n    do: |\n      log(\"tick\")\n\nmetrics:", StringComparison.Ordinal)
            .Replace("      let mark", "      after 1h tick\n      let mark", StringComparison.Ordinal)
            .Replace("\nparams:", "\ncapabilities:\n  timers: { shortest: 1h }\n\nparams:", StringComparison.Ordinal);
        var (problem, check) = SmallTuning.Module(text);
        var parts = new SearchParts(SmallTuning.Path, problem.Source.Text, workers: 1);
        var found = Assert.Single(
            Analyzer.Run(problem, check, before: null, parts,
                TestContext.Current.CancellationToken).Of(FindingKind.Uncovered));
        Assert.Equal("handlers.timer:tick", found.Path);
    }
}
