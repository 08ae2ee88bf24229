using System.Collections.Immutable;
using Tars.Evolution.Gates;
using Tars.Host.Evolving;
using Tars.Tests.Evolution.Planning;
using Xunit;

namespace Tars.Tests.Evolution.Gates;

/// <summary>A run that counted counts still, whatever the others come to.</summary>
public sealed class CountedRunsTests
{
    private const string Work = "return size + 1.0";

    // No expectation says that nothing traps.
    private static readonly string _text =
        $$"""
        tars: 1
        module: sizes
        version: 1.0.0
        summary: Works off what it is told.
        capabilities:
          subscribe: { in: float }
        functions:
          work:
            with: { size: float }
            returns: float
            do: |
              {{Work}}
        handlers:
          message in as size:
            do: |
              metric(cost, work(size))
        metrics:
          cost: { kind: sum, goal: minimize }
        scenarios:
        {{Scenario("learn", "train", 20)}}
        {{string.Join('\n', Enumerable.Range(1, 4).Select(one => Scenario($"choose {one}", "validation", one)))}}
        evolution:
          objective: cost
          may_change: [functions.work.do]
          versions_per_session: 1
          approval: manual

        """;

    [Theory]
    [InlineData("assert size < 15.0\n      return size", "scenarios", "learn, seed 1: ")]
    [InlineData("return if size < 15.0 { size } else { 1.0 / 0.0 }", "scenarios", "learn, seed 1: ")]
    [InlineData("return size", "", "")]
    public void What_traps_in_what_it_learns_from_is_refused(string code, string gate, string reason)
    {
        var last = Judge(_text, _text.Replace(Work, code, StringComparison.Ordinal))[^1];
        Assert.Equal(gate, last.Passed ? "" : last.Gate);
        Assert.StartsWith(reason, last.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "size == 2.0 { 1.99 } else { size * 1000.0 }", "cost costs more on 2 of the 3 runs that counted before")]
    [InlineData("size == 2.0 { 1.5 } else { size + 0.1 }", "")]
    public void A_void_run_does_not_pay_for_what_few_others_cost(string code, string reason)
    {
        string Doing(string what) => _text.Replace(Work, what, StringComparison.Ordinal);
        string before = Doing("assert size != 1.0\n      return size");
        Assert.Equal(reason, Judge(before, Doing($"return if size == 1.0 {{ 1.0 }} else if {code}"))[^1].Reason);
    }

    private static string Scenario(string name, string split, int size) =>
        $"  - {{ name: {name}, split: {split}, seed: 1, runs_for: 1s, "
        + $"steps: [{{ at: 1ms, publish: in, value: {size} }}] }}";

    private static ImmutableArray<GateVerdict> Judge(string before, string after)
    {
        var (problem, _) = SmallTuning.Module(before);
        var parts = new SearchParts(SmallTuning.Path, problem.Source.Text, workers: 1);
        return VersionGates.Judge(problem, after, parts);
    }
}
