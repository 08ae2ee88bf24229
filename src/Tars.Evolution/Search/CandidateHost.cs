using System.Collections.Immutable;
using Tars.Evolution.Scenarios;
using Tars.Kernel.Ports;
using Tars.Lang;
using Tars.Lang.Checking;
using Tars.Lang.Diagnostics;

namespace Tars.Evolution.Search;

/// <summary>The module with one open function, compiled once, in whose place any candidate can stand.</summary>
/// <remarks>
/// A candidate costs the compiling of its own body and its runs, and nothing else is done twice (decision 107). The
/// rest of the module, its scenarios, the kernel and the limits are those of every other run.
/// </remarks>
internal sealed class CandidateHost : IDisposable
{
    private readonly SearchProblem _problem;
    private readonly ScenarioSuite _suite;
    private readonly IOpenCode _code;
    private readonly ImmutableArray<(CheckedScenario Scenario, long Seed)> _runs;

    private CandidateHost(SearchProblem problem, ScenarioSuite suite, IOpenCode code)
    {
        _problem = problem;
        _suite = suite;
        _code = code;
        _runs =
        [
            .. from scenario in suite.Scenarios
               where scenario.Split == "train"
               from index in Enumerable.Range(0, scenario.Seeds.Count)
               select (scenario, scenario.Seeds.First + index),
        ];
    }

    /// <returns>Null, with why.</returns>
    public static CandidateHost? Open(SearchProblem problem, ISearchParts parts, out string why)
    {
        var sources = parts.Sources();
        var compiled = Compiler.Compile(problem.Source, sources, new CompileOptions());
        if (compiled.Bundle is null)
        {
            var first = compiled.Check.Diagnostics.First(one => one.Severity == Severity.Error);
            why = $"it does not compile: {first.Title}";
            return null;
        }

        var suite = ScenarioSuite.Open(
            compiled, problem.Source, sources, parts.Parts(), [$"{problem.Module}.{problem.Function}"]);
        if (suite.OpenCode(out why) is { } code)
        {
            return new CandidateHost(problem, suite, code);
        }

        suite.Dispose();
        return null;
    }

    public void Dispose() => _suite.Dispose();

    /// <summary>Runs candidates on what there is to learn from; one that stays behind a bound is given up.</summary>
    /// <param name="codes">Expressions, each the whole body of the function.</param>
    /// <param name="bounds">For each run the highest sum of costs up to it with which it is worth going on.</param>
    /// <returns>None, with why.</returns>
    public ImmutableArray<CandidateScore> Score(
        ImmutableArray<string> codes, ImmutableArray<double> bounds, out string why)
    {
        var bodies = CandidateSheet.Compile(_problem.Signature, _problem.Zeros, codes, out why);
        if (why.Length != 0)
        {
            return [];
        }

        var made = _code.With([.. bodies.Select(body => ImmutableArray.Create(body))], out why);
        return [.. made.Select(code => Score(code, bounds))];
    }

    private CandidateScore Score(IGuestCode code, ImmutableArray<double> bounds)
    {
        using var own = code;
        var options = new ScenarioOptions { AnswersLater = false, Code = own };
        var costs = ImmutableArray.CreateBuilder<double>(_runs.Length);
        double sum = 0;
        long fuel = 0;
        foreach (var (scenario, seed) in _runs)
        {
            var outcome = _suite.Run(scenario, seed, options, CancellationToken.None);
            fuel += outcome.Fuel;
            if (Objective.CostOf(outcome, _problem) is not { } cost)
            {
                return new CandidateScore(costs.ToImmutable(), IsWhole: false) { IsVoid = true, Fuel = fuel };
            }

            costs.Add(cost);
            sum += cost;
            if (costs.Count < _runs.Length && costs.Count <= bounds.Length && bounds[costs.Count - 1] < sum)
            {
                return new CandidateScore(costs.ToImmutable(), IsWhole: false) { Fuel = fuel };
            }
        }

        return new CandidateScore(costs.ToImmutable(), IsWhole: true) { Fuel = fuel };
    }
}
