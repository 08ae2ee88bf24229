using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Tars.Bundle.Wasm;
using Tars.Evolution.Scenarios;
using Tars.Kernel.Ports;
using Tars.Lang;
using Tars.Lang.Checking;

namespace Tars.Evolution.Search;

/// <summary>The module with open functions, compiled once, in whose place those of any candidate can stand.</summary>
/// <remarks>
/// A candidate costs the compiling of its own body and its runs, and nothing else is done twice (decision 107). The
/// rest of the module, its scenarios, the kernel and the limits are those of every other run.
/// </remarks>
internal sealed class CandidateHost : IDisposable
{
    private readonly SearchProblem _problem;
    private readonly ScenarioSuite _suite;
    private readonly IOpenCode? _code;
    private readonly ImmutableArray<SearchTarget.Function> _functions;
    private readonly ImmutableArray<(CheckedScenario Scenario, long Seed)> _runs;

    private CandidateHost(SearchProblem problem, ScenarioSuite suite, IOpenCode? code)
    {
        _problem = problem;
        _functions = [.. problem.Targets.OfType<SearchTarget.Function>()];
        _suite = suite;
        _code = code;
        _runs = [.. LearningRuns.Of(suite.Scenarios).All.Select(one => (suite.Scenarios[one.Scenario], one.Seed))];
    }

    /// <returns>Null, with why.</returns>
    public static CandidateHost? Open(SearchProblem problem, ISearchParts parts, out string why)
    {
        var sources = parts.Sources();
        var compiled = Compiler.Compile(problem.Source, sources, new CompileOptions());
        if (compiled.Bundle is null)
        {
            why = $"it does not compile: {compiled.Check.FirstError.Title}";
            return null;
        }

        ImmutableArray<string> open =
            [.. problem.Targets.OfType<SearchTarget.Function>().Select(one => $"{problem.Module}.{one.Name}")];
        var runs = parts.Parts();
        var suite = ScenarioSuite.Open(compiled, problem.Source, sources, runs, bundle =>
            open.IsEmpty ? runs.Load(bundle) : runs.LoadOpen(bundle, open));
        var code = suite.OpenCode(out why);
        if (code is not null || open.IsEmpty)
        {
            return new CandidateHost(problem, suite, code);
        }

        suite.Dispose();
        return null;
    }

    public void Dispose() => _suite.Dispose();

    /// <summary>Runs candidates on what there is to learn from; one that stays behind a bound is given up.</summary>
    /// <returns>None, with why.</returns>
    public ImmutableArray<CandidateScore> Score(ImmutableArray<CandidateTrial> trials, out string why)
    {
        var codes = CodesOf([.. trials.Select(one => one.Candidate)], out why);
        if (why.Length != 0)
        {
            return [];
        }

        return [.. trials.Select((one, index) => Score(one, codes.IsEmpty ? null : codes[index]))];
    }

    // None where no function is searched for: then all have the module's own.
    private ImmutableArray<IGuestCode> CodesOf(ImmutableArray<Candidate> candidates, out string why)
    {
        why = "";
        var bodies = candidates.Select(_ => ImmutableArray.CreateBuilder<ValidatedFunction>()).ToList();
        foreach (var function in _functions)
        {
            int target = _problem.Targets.IndexOf(function);
            var made = CandidateSheet.Compile(
                function.Signature, function.Zeros, [.. candidates.Select(one => one.Texts[target])], out why);
            if (why.Length != 0)
            {
                return [];
            }

            for (int place = 0; place < made.Length; place++)
            {
                bodies[place].Add(made[place]);
            }
        }

        return _code is null ? [] : _code.With([.. bodies.Select(one => one.ToImmutable())], out why);
    }

    private CandidateScore Score(CandidateTrial trial, IGuestCode? code)
    {
        using var own = code;
        var values = ParamsOf(trial.Candidate);
        var costs = new List<double>(trial.Begun?.Costs ?? []);
        var fuels = new List<long>(trial.Begun?.Fuels ?? []);
        double sum = costs.Sum();
        foreach (var (scenario, seed) in _runs.Take(costs.Count..trial.Runs))
        {
            var options = new ScenarioOptions
            {
                AnswersLater = false,
                Code = own,
                Params = [.. values.Where(value => scenario.Params.All(one => one.Key.Name != value.Key))],
            };
            var outcome = _suite.Run(scenario, seed, options, CancellationToken.None);
            fuels.Add(outcome.Fuel);
            if (Objective.CostOf(outcome, _problem) is not { } cost)
            {
                return new CandidateScore([.. costs], IsWhole: false) { IsVoid = true, Fuels = [.. fuels] };
            }

            costs.Add(cost);
            sum += cost;
            if (costs.Count < trial.Runs && trial.IsGivenUp(CollectionsMarshal.AsSpan(costs), sum))
            {
                return new CandidateScore([.. costs], IsWhole: false) { Fuels = [.. fuels] };
            }
        }

        return new CandidateScore([.. costs], IsWhole: true) { Fuels = [.. fuels] };
    }

    // What a scenario sets is its own, whatever the module says.
    private ImmutableArray<KeyValuePair<string, ImmutableArray<byte>>> ParamsOf(Candidate candidate) =>
    [
        .. from pair in _problem.Targets.Zip(candidate.Genes)
           let param = pair.First as SearchTarget.Param
           where param is not null
           let value = pair.Second.Value
           let octets = param.IsWhole ? BitConverter.GetBytes((long)value) : BitConverter.GetBytes(value)
           select KeyValuePair.Create(param.Name, ImmutableArray.Create(octets)),
    ];
}
