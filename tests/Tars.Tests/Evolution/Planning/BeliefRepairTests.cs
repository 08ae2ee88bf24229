using System.Text;
using Tars.Bundle.Beliefs;
using Tars.Evolution.Gates;
using Tars.Evolution.Pipeline;
using Tars.Evolution.Planning;
using Tars.Host.Evolving;
using Tars.Host.Files;
using Tars.Lang.Checking;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Evolution.Planning;

/// <summary>What `check` finds odd about beliefs is mended by the planner `rules`, through all gates, where it costs
/// nothing; and what costs something, or may not change, stays.</summary>
public sealed class BeliefRepairTests
{
    private static readonly string _circle = string.Concat(Enumerable.Range(0, 13).Select(one =>
        $"    b{one}: {{ claim: Some, prior: 0.3 }}\n"));

    public static TheoryData<string, string, string> Graphs => new()
    {
        {
            nameof(BeliefFinding.Frustrated),
            "    a: { claim: A, prior: 0.5 }\n    b: { claim: B, prior: 0.5 }\n    c: { claim: C, prior: 0.5 }\n",
            "    - { from: a, supports: b, weight: 0.5 }\n    - { from: b, supports: c, weight: 0.50 }\n"
                + "    - { from: a, attacks: c, weight: 0.5 }\n    - { from: c, supports: a, weight: 0.5 }\n"
        },
        {
            nameof(BeliefFinding.OddAttackCycle),
            "    a: { claim: A, prior: 0.5 }\n    b: { claim: B, prior: 0.5 }\n    c: { claim: C, prior: 0.5 }\n",
            "    - { from: a, attacks: b, weight: 0.5 }\n    - { from: b, attacks: c, weight: 0.5 }\n"
                + "    - { from: c, attacks: a, weight: 0.5 }\n"
        },
        {
            nameof(BeliefFinding.Contradiction),
            "    a: { claim: A, prior: 0.95 }\n    b: { claim: B, prior: 0.95 }\n",
            "    - { from: a, attacks: b, weight: 0.1 }\n    - { from: b, attacks: a, weight: 0.1 }\n"
        },
        {
            nameof(BeliefFinding.StrongWithoutEvidence),
            "    a: { claim: A, prior: 0.5 }\n    b: { claim: B, prior: 0.9 }\n",
            "    - { from: b, attacks: a, weight: 0.5 }\n"
        },
        {
            nameof(BeliefFinding.Orphan),
            "    a: { claim: A, prior: 0.5 }\n    b: { claim: B, prior: 0.5 }\n    c: { claim: C, prior: 0.5 }\n",
            "    - { from: b, attacks: a, weight: 0.5 }\n"
        },
        {
            nameof(BeliefFinding.LargeComponent),
            _circle,
            string.Concat(Enumerable.Range(0, 13).Select(one =>
                $"    - {{ from: b{one}, supports: b{(one + 1) % 13}, weight: 0.{1 + (one % 3)} }}\n"))
        },
    };

    [Theory]
    [MemberData(nameof(Graphs))]
    public void It_is_mended_through_the_gates(string finding, string beliefs, string relations)
    {
        string text = Text(beliefs, relations, "belief_graph");
        var (problem, check) = Module(text);
        Assert.Contains(check.BeliefFindings, one => one.GetType().Name == finding);
        var result = Run(problem, check);
        Assert.True(result.Passed && result.IsGain, SmallTuning.Told(result));
        Assert.Equal("repair-beliefs", result.Best!.Planned.Proposal.Rule);
        Assert.Equal(result.Before.Mean("validation"), result.Best.Evaluation.Mean("validation"));
        Assert.DoesNotContain(Module(result.Best.Text).Check.BeliefFindings, one => one.GetType().Name == finding);
        string other = SmallTuning.Told(Run(problem, check));
        Assert.Equal(other, SmallTuning.Told(result));
    }

    // What is kept of a list stays as its author wrote it.
    [Fact]
    public void Of_relations_only_the_odd_one_goes()
    {
        var rows = Graphs.First();
        var (problem, check) = Module(Text(rows.Data.Item2, rows.Data.Item3, "belief_graph"));
        string text = Run(problem, check).Best!.Text;
        Assert.DoesNotContain("attacks", text, StringComparison.Ordinal);
        Assert.Contains("- { from: b, supports: c, weight: 0.50 }", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_may_not_change_is_not_mended()
    {
        foreach (var row in Graphs)
        {
            const string Frozen = "belief_graph]\n  frozen: [belief_graph.beliefs, belief_graph.relations";
            var (problem, check) = Module(Text(row.Data.Item2, row.Data.Item3, Frozen));
            var request = new PlanRequest(problem, check.Module, new([]), Seed: 1, 10)
            {
                Beliefs = BeliefDoubts.Of(check),
            };
            Assert.DoesNotContain(RulePlanner.Proposals(request), one => one.Rule == "repair-beliefs");
        }
    }

    // Support of 0.7476 makes it strong with a prior of 0.01, and with none not quite.
    [Fact]
    public void A_prior_is_lowered_as_far_as_none_at_all()
    {
        var (problem, check) = Module(Text(
            "    a: { claim: A, prior: 0.9 }\n    b: { claim: B, prior: 0.5 }\n    c: { claim: C, prior: 1.0 }\n",
            "    - { from: a, attacks: b, weight: 0.0 }\n    - { from: c, supports: b, weight: 0.7476 }\n",
            "belief_graph.beliefs.b"));
        Assert.Contains(check.BeliefFindings, one => one is BeliefFinding.Contradiction);
        var request = new PlanRequest(problem, check.Module, new([]), Seed: 1, 10) { Beliefs = BeliefDoubts.Of(check) };
        var repair = RulePlanner.Proposals(request).First(one => one.Rule == "repair-beliefs");
        Assert.StartsWith("With a prior of 0.0 b is not strong any more.", repair.Why, StringComparison.Ordinal);
    }

    // A belief by whose strength a metric is reported: to lower its prior costs what it says.
    [Fact]
    public void A_repair_that_costs_something_is_none()
    {
        string text = Text(
            "    a: { claim: A, prior: 0.5 }\n    b: { claim: B, prior: 0.9 }\n",
            "    - { from: b, attacks: a, weight: 0.5 }\n",
            "belief_graph.beliefs.b").Replace("metric(cost, gain)", "metric(cost, gain - belief(b))");
        var (problem, check) = Module(text);
        Assert.Contains(check.BeliefFindings, one => one is BeliefFinding.StrongWithoutEvidence);
        var result = Run(problem, check);
        Assert.True(result.Best is null || 0.9 < Prior(result.Best.Text), SmallTuning.Told(result));
    }

    private static double Prior(string text) =>
        Module(text).Check.Module.Beliefs!.Beliefs.Single(one => one.Name == "b").Prior;

    private static PipelineResult Run(EvolutionProblem problem, CheckResult check) => EvolutionPipeline.Run(
        new PipelineOrder(problem, check, new RulePlanner(), Parent: null, Seed: 1, Evaluations: 200),
        new SearchParts(RepoRoot.File("samples/doubts.tars"), problem.Source.Text, workers: 2),
        TestContext.Current.CancellationToken);

    private static (EvolutionProblem Problem, CheckResult Check) Module(string text)
    {
        var files = ModuleFiles.Of(RepoRoot.File("samples/doubts.tars"), Encoding.UTF8.GetBytes(text));
        var check = ModuleChecker.Check(files.Source, files);
        Assert.False(check.HasErrors, string.Join('\n', check.Diagnostics));
        var problem = EvolutionProblem.Of(files.Source, check, out string why);
        Assert.True(problem is not null, why);
        return (problem, check);
    }

    private static string Text(string beliefs, string relations, string mayChange) => $$"""
        tars: 1
        module: doubts
        version: 1.0.0
        summary: Believes what does not fit together.
        params:
          gain: { type: float, value: 0.5, range: [0.5, 0.5], about: Nothing that can be tuned. }
        handlers:
          start:
            do: |
              metric(cost, gain)
        belief_graph:
          beliefs:
        {{beliefs}}  relations:
        {{relations}}metrics:
          cost: { kind: once, goal: minimize }
        scenarios:
          - name: one
            seed: 1
            split: train
            runs_for: 1s
            expect:
              - cost <= 1.0
          - name: two
            seed: 2
            split: validation
            runs_for: 1s
            expect:
              - cost <= 1.0
        evolution:
          objective: cost
          may_change: [{{mayChange}}]
          versions_per_session: 3
          approval: manual

        """;
}
