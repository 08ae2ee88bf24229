using Tars.Evolution.Gates;
using Tars.Host.Evolving;
using Tars.Tests.Evolution.Planning;
using Xunit;

namespace Tars.Tests.Evolution.Gates;

/// <summary>A belief that judges a module cannot be made surer of itself.</summary>
public sealed class JudgingBeliefTests
{
    private const string Odd = "odd bears on doubt, which judges it";

    private const string Text =
        """
        tars: 1
        module: doubts
        version: 1.0.0
        summary: Is judged by what it believes.
        capabilities: { timers: { shortest: 1s } }
        handlers:
          start:
            do: |
              observe(odd, 0.25)
              every 1s look
          timer look:
            do: |
              metric(doubt, 1.0 - belief(fine))
        belief_graph:
          beliefs:
            fine: { claim: All is fine., prior: 0.4 }
            odd: { claim: Something is odd., prior: 0.3 }
            late: { claim: It is late., prior: 0.3 }
            dark: { claim: It is dark., prior: 0.3 }
          relations:
            - { from: odd, attacks: fine, weight: 0.5 }
            - { from: late, supports: dark, weight: 0.5 }
        metrics:
          doubt: { kind: mean, goal: minimize }
        scenarios:
          - { name: learn, split: train, seed: 1, runs_for: 5s }
          - { name: choose, split: validation, seed: 2, runs_for: 5s }
        evolution:
          objective: doubt
          may_change: [belief_graph]
          versions_per_session: 1
          approval: manual

        """;

    [Theory]
    [InlineData("All is fine., prior: 0.4", "All is fine., prior: 0.9", "fine bears on doubt, which judges it")]
    [InlineData("fine, weight: 0.5", "fine, weight: 0.1", "fine bears on doubt, which judges it")]
    [InlineData("  relations:\n", "  relations:\n    - { from: late, supports: odd, weight: 0.5 }\n", Odd)]
    [InlineData("Something is odd., prior: 0.3", "Something is odd., prior: 0.2", "")]
    [InlineData("It is late., prior: 0.3", "It is late., prior: 0.9", "")]
    public void A_belief_that_judges_moves_no_cost(string old, string now, string reason)
    {
        Assert.Contains(old, Text, StringComparison.Ordinal);
        var (problem, _) = SmallTuning.Module(Text);
        var (after, _) = SmallTuning.Module(Text.Replace(old, now, StringComparison.Ordinal));
        var parts = new SearchParts(SmallTuning.Path, problem.Source.Text, workers: 1);
        var beliefs = VersionGates.Judge(problem, after.Source.Text, parts).Single(one => one.Gate == "beliefs");
        Assert.Equal(reason, beliefs.Reason);
    }
}
