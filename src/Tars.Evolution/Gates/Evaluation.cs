using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Container;
using Tars.Bundle.Manifest;
using Tars.Evolution.Scenarios;
using Tars.Evolution.Search;
using Tars.Lang;
using Tars.Lang.Checking;
using Tars.Lang.Symbols;

namespace Tars.Evolution.Gates;

/// <summary>One version of a module, by the whole path: from its text through the compiler to its scenarios.</summary>
/// <param name="Problem">Why it could not be tried; empty when it was.</param>
/// <param name="Manifest">Null when it could not be tried.</param>
public sealed record Evaluation(string Problem, BundleManifest? Manifest, ImmutableArray<EvaluatedRun> Runs)
{
    private const string HeldBack = "test";

    /// <summary>Of what was never run.</summary>
    internal static Evaluation None { get; } = new("it was not run", Manifest: null, []);

    /// <summary>The versions that its scenarios swap it for, but those to report on.</summary>
    internal ImmutableArray<string> BeginsAs { get; init; } = [];

    /// <summary>How many things `check` finds odd about its beliefs.</summary>
    public int BeliefFindings { get; init; }

    /// <summary>What its code goes by beside what it is told, as the language names it.</summary>
    public ImmutableArray<string> Nondeterminism { get; init; } = [];

    /// <summary>Why runs could not be run, each reason once; empty when all were.</summary>
    public ImmutableArray<string> Refusals => [.. Runs.SelectMany(one => one.Outcome.Refused).Distinct()];

    /// <summary>The mean cost of all runs of a split; null where one of them counts for nothing.</summary>
    public double? Mean(string split) => Of(split) is { IsEmpty: false } runs && runs.All(one => one.Cost is not null)
        ? runs.Average(one => one.Cost!.Value)
        : null;

    public ImmutableArray<EvaluatedRun> Of(string split) => [.. Runs.Where(one => one.Split == split)];

    /// <param name="text">The whole module.</param>
    /// <exception cref="OperationCanceledException">It was stopped; what was run so far says nothing.</exception>
    public static Evaluation Run(
        string text,
        EvolutionProblem problem,
        ISearchParts parts,
        ImmutableArray<string> splits,
        CancellationToken stop = default) =>
        Run(text, problem, parts, splits, Options, stop);

    /// <summary>How versions are run to be judged.</summary>
    internal static ScenarioOptions Options { get; } = new() { AnswersLater = false };

    internal static Evaluation Run(
        string text,
        EvolutionProblem problem,
        ISearchParts parts,
        ImmutableArray<string> splits,
        ScenarioOptions options,
        CancellationToken stop)
    {
        var sources = parts.Sources();
        var source = new SourceText(problem.Source.Name, text);
        var compiled = Compiler.Compile(source, sources, new CompileOptions());
        if (compiled.Bundle is not { } bundle)
        {
            var first = compiled.Check.FirstError;
            return new Evaluation($"{first.Code}: {first.Title}", Manifest: null, []);
        }

        using var suite = ScenarioSuite.Open(compiled, source, sources, parts.Parts());
        var runs = ImmutableArray.CreateBuilder<EvaluatedRun>();
        foreach (var (scenario, seed) in RunsOf(suite, splits))
        {
            var outcome = suite.Run(scenario, seed, options, stop);
            stop.ThrowIfCancellationRequested();
            runs.Add(new EvaluatedRun(scenario.Split, outcome, Objective.CostOf(outcome, problem))
            {
                Busy = (double)outcome.Fuel * (scenario.NanosecondsPerFuel ?? 1) / scenario.RunsFor,
            });
        }

        return BundleReader.Read(bundle.AsMemory()) is BundleReading.Read { Bundle: var file }
            ? new Evaluation("", file.Manifest, runs.ToImmutable())
            {
                BeginsAs =
                [
                    .. compiled.Check.Scenarios.Where(one => one.Split != HeldBack)
                        .Select(one => one.BeginsAs?.Symbol.Version).OfType<string>().Distinct(),
                ],
                BeliefFindings = compiled.Check.BeliefFindings.Length,
                Nondeterminism = NondeterminismOf(compiled.Check.Module),
            }
            : new Evaluation("its bundle cannot be read", Manifest: null, []);
    }

    /// <summary>The runs of some splits, in the order of the text.</summary>
    internal static IEnumerable<(CheckedScenario Scenario, long Seed)> RunsOf(
        ScenarioSuite suite, ImmutableArray<string> splits) =>
        from scenario in suite.Scenarios
        where splits.Contains(scenario.Split)
        from index in Enumerable.Range(0, scenario.Seeds.Count)
        select (scenario, scenario.Seeds.First + index);

    private static ImmutableArray<string> NondeterminismOf(ModuleSymbol module)
    {
        var names = ImmutableArray.CreateBuilder<string>();
        if (module.DrawsByChance)
        {
            names.Add("random");
        }

        if (module.AsksForTime)
        {
            names.Add("now");
        }

        return names.ToImmutable();
    }
}

/// <param name="Cost">Of the objective, less is better; null when the run counts for nothing.</param>
public sealed record EvaluatedRun(string Split, ScenarioOutcome Outcome, double? Cost)
{
    /// <summary>The share of the run's time in which its one core was at work; above 1 when it was not done in time.
    /// </summary>
    public double Busy { get; init; }
}
