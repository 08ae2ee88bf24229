using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Tars.Evolution.Edits;
using Tars.Evolution.Gates;
using Tars.Evolution.Pipeline;
using Tars.Evolution.Planning;
using Tars.Evolution.Search;
using Tars.Host.Evolving;
using Tars.Host.Files;
using Tars.Lang.Checking;
using Xunit;

namespace Tars.Tests.Evolution.Gates;

/// <summary>A world that measures needs time to: who takes it away is no better, and whose world has less to report is.
/// And it stays what it was when the run began.</summary>
public sealed class WorldTimeTests : IDisposable
{
    private const string Valve =
        """
        tars: 1
        module: valve
        version: 1.0.0
        summary: Opens an inlet so that a tank stays at its level.

        capabilities:
          subscribe: { level/now: float }
          publish: { inlet/open: float }

        params:
          gain: { type: float, value: 0.05, range: [0.01, 3], about: How hard it opens. }

        handlers:
          message level/now as level:
            do: |
              publish("inlet/open", clamp((5.0 - level) * gain, 0.0, 1.0))

        scenarios:
          - name: to learn from
            seed: 1
            split: train
            runs_for: 100ms
            ns_per_fuel: NANOSECONDS
            environment: { pool: ./pool.tars }
          - name: to choose by
            seeds: { from: 101, count: 6 }
            split: validation
            runs_for: 100ms
            ns_per_fuel: NANOSECONDS
            environment: { pool: ./pool.tars }

        evolution:
          objective: OBJECTIVE
          may_change: [params.gain.value, handlers]
          must_not_regress: { pool.off: 0% }
          versions_per_session: 3
          approval: manual
        """;

    // It reports only what is wrong, so a better valve has it report less too.
    private const string Pool =
        """
        tars: 1
        module: pool
        version: 1.0.0
        summary: A tank that leaks.

        capabilities:
          publish: { level/now: float }
          subscribe: { inlet/open: float }
          timers: { shortest: 1ms }

        state:
          level: float = 2
          open: float = 0

        handlers:
          start:
            do: |
              level = random() * 4.0
              every 1ms measure
          message inlet/open as share:
            do: |
              open = share
          timer measure:
            do: |
              level += open * 0.2 - level * 0.01
              if abs(level - 5.0) > 0.5 { metric(off, abs(level - 5.0)) }
              metric(turns, 1.0)
              publish("level/now", level)

        metrics:
          off: { kind: sum, goal: minimize, about: How far and how long it was off. }
          turns: { kind: sum, goal: minimize, about: How often it was looked at. }
        """;

    private const string Code = "      publish(\"inlet/open\"";

    private readonly string _folder = Directory.CreateTempSubdirectory("tars-world-time-").FullName;

    private string _pool = Pool;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // The loop burns some 5 ms at a time where the world wants to measure each millisecond; with `ns_per_fuel: 1_000`
    // the core has no time to spare as it is.
    [Theory]
    [InlineData("pool.off", 100, 10_000)]
    [InlineData("pool.turns", 100, 10_000)]
    [InlineData("pool.turns", 1_000, 400)]
    public void Who_leaves_its_world_no_time_is_refused(string objective, int nanoseconds, int turns)
    {
        var verdict = Judge(
            objective, nanoseconds, Code, $"      var n = 0\n      for i in 0..{turns} {{ n += 1 }}\n{Code}")[^1];
        Assert.Equal("objective", verdict.Gate);
        Assert.StartsWith("pool had no time to measure: ", verdict.Reason, StringComparison.Ordinal);
    }

    // First a gain that burns all the time that nobody misses, then the same time where it hurts.
    [Fact]
    public void Who_takes_the_time_in_two_steps_is_refused_at_the_second()
    {
        var (problem, parts) = Open("pool.off", 100);
        string first = problem.Source.Text.Replace("value: 0.05", "value: 0.07", StringComparison.Ordinal)
            .Replace(Code, $"      var n = 0\n      for i in 0..280 {{ n += 1 }}\n{Code}", StringComparison.Ordinal);
        Assert.All(VersionGates.Judge(problem, first, parts), one => Assert.Equal("", one.Reason));
        string second = first.Replace(
            "for i in 0..280",
            "let turns = if int(level * 1_000.0) % 4 == 0 { 1_400 } else { 10 }\n      for i in 0..turns",
            StringComparison.Ordinal);
        Assert.NotEqual(first, second);
        var verdict = VersionGates.Judge(problem.With(first), second, parts)[^1];
        Assert.StartsWith("pool had no time to measure: ", verdict.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_gives_it_less_to_report_is_not() =>
        Assert.All(Judge("pool.off", 100, "value: 0.05", "value: 1"), one => Assert.Equal("", one.Reason));

    // Its world reports on what it is sent alone, and a sum of nothing is 0.
    [Theory]
    [InlineData("if share > 0.0 { metric(turns, share) }", "log(\"quiet\")", "objective")]
    [InlineData("if share > 0.0 { metric(turns, share) }", "publish(\"inlet/open\", 0.0)", "regress")]
    [InlineData("metric(turns, 1.0)", "publish(\"inlet/open\", 0.0)", "regress")]
    public void Who_tells_its_world_nothing_any_more_is_refused(string report, string now, string gate)
    {
        const string Opened = "open = share\n";
        _pool = Pool.Replace("metric(turns, 1.0)\n      ", "", StringComparison.Ordinal)
            .Replace(Opened, $"{Opened}      {report}\n", StringComparison.Ordinal);
        Assert.NotEqual(Pool, _pool);
        var verdict = Judge(
            "pool.turns", 100, "publish(\"inlet/open\", clamp((5.0 - level) * gain, 0.0, 1.0))", now)[^1];
        Assert.Equal(gate, verdict.Gate);
        if (gate == "objective")
        {
            Assert.Equal(
                "to learn from, seed 1: pool hears nothing any more, and reports no turns", verdict.Reason);
        }
    }

    // Of the two it looks better.
    [Fact]
    public void A_finalist_that_leaves_its_world_no_time_is_passed_over()
    {
        var (problem, parts) = Open("pool.off", 100);
        const string Hog =
            "var n = 0\nfor i in 0..10_000 { n += 1 }\n"
            + "publish(\"inlet/open\", clamp((5.0 - level) * gain, 0.0, 1.0))\n";
        var planner = new Fixed(
            [new Edit.TuneNumber("params.gain.value", "0.1")],
            [new Edit.Set("handlers.message:level/now.do", new DataNode.Text(Hog))]);
        var files = ModuleFiles.Of(Path.Combine(_folder, "valve.tars"), Encoding.UTF8.GetBytes(problem.Source.Text));
        var result = EvolutionPipeline.Run(
            new PipelineOrder(
                problem, ModuleChecker.Check(files.Source, files), planner, Parent: null, Seed: 1, Evaluations: 1),
            parts,
            CancellationToken.None);
        Assert.Equal(2, result.Tried.Length);
        Assert.True(result.Tried[1].Evaluation.Mean("validation") < result.Tried[0].Evaluation.Mean("validation"));
        var passed = Assert.Single(result.Trace, one => one.Stage == "choose");
        Assert.Equal(result.Tried[1].Id, passed.Inputs);
        Assert.StartsWith("pool had no time to measure: ", Assert.Single(passed.Reasons), StringComparison.Ordinal);
        Assert.Equal([KeyValuePair.Create("objective", 1L)], passed.Cost);
        Assert.Equal(result.Tried[0].Id, result.Best!.Id);
        Assert.True(result.Passed, string.Join('\n', result.Verdicts));
    }

    // The hash of what judges a run is taken when it begins.
    [Fact]
    public void A_world_that_somebody_edits_meanwhile_judges_as_it_was()
    {
        var (problem, parts) = Open("pool.off", 100);
        double? was = Cost();
        File.WriteAllText(Path.Combine(_folder, "pool.tars"), "no module any more\n");
        Assert.NotNull(was);
        Assert.Equal(was, Cost());

        double? Cost() => Evaluation.Run(problem.Source.Text, problem, parts, ["validation"]).Mean("validation");
    }

    [Fact]
    public void A_world_that_does_not_compile_is_told()
    {
        var (problem, _) = Open("pool.off", 100);
        File.WriteAllText(Path.Combine(_folder, "pool.tars"), Pool.Replace("level +=", "lewel +=") + "\n");
        var evaluation = Evaluation.Run(
            problem.Source.Text,
            problem,
            new SearchParts(Path.Combine(_folder, "valve.tars"), problem.Source.Text, workers: 1),
            ["validation"], TestContext.Current.CancellationToken);
        Assert.Contains("lewel", evaluation.Problem, StringComparison.Ordinal);
    }

    private ImmutableArray<GateVerdict> Judge(string objective, int nanoseconds, string old, string now)
    {
        var (problem, parts) = Open(objective, nanoseconds);
        string canonical = problem.Source.Text;
        Assert.Contains(old, canonical, StringComparison.Ordinal);
        return VersionGates.Judge(problem, canonical.Replace(old, now, StringComparison.Ordinal), parts);
    }

    private (EvolutionProblem Problem, SearchParts Parts) Open(string objective, int nanoseconds)
    {
        string path = Path.Combine(_folder, "valve.tars");
        File.WriteAllText(Path.Combine(_folder, "pool.tars"), _pool + "\n");
        string cost = nanoseconds.ToString(CultureInfo.InvariantCulture);
        string text = Valve.Replace("OBJECTIVE", objective, StringComparison.Ordinal)
            .Replace("NANOSECONDS", cost, StringComparison.Ordinal) + "\n";
        var files = ModuleFiles.Of(path, Encoding.UTF8.GetBytes(text));
        var check = ModuleChecker.Check(files.Source, files);
        Assert.False(check.HasErrors);
        var problem = EvolutionProblem.Of(files.Source, check, out string why);
        Assert.True(problem is not null, why);
        return (problem, new SearchParts(path, problem.Source.Text, workers: 1, files: files));
    }

    private sealed class Fixed(params ImmutableArray<Edit>[] all) : IPlanner
    {
        public string Name => "fixed";

        public PlanResult Plan(PlanRequest request, ISearchParts parts, CancellationToken stop) =>
            new PlanResult.Found(
                [
                    .. all.Select(edits => new PlannedVersion(
                        new Proposal(edits, Name, "It is so."), new CandidateScore([], IsWhole: false))),
                ],
                ["{}"],
                Evaluations: 1,
                GivenUp: 0);
    }
}
