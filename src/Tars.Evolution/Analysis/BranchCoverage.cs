using System.Collections.Immutable;
using Tars.Base;
using Tars.Evolution.Gates;
using Tars.Evolution.Scenarios;
using Tars.Evolution.Search;
using Tars.Lang;

namespace Tars.Evolution.Analysis;

/// <summary>Which branches of a module its scenarios come to.</summary>
/// <remarks>
/// The module is compiled once more, to count, and its runs are made once more, until each branch was come to. A run
/// that does not come out as it did without counting says nothing.
/// </remarks>
/// <param name="Branches">Of its bodies, in the order of the text of each.</param>
/// <param name="Reached">For each that is counted, whether a run came to it.</param>
/// <param name="Others">The runs that came out otherwise.</param>
internal sealed record BranchCoverage(
    ImmutableArray<Branch> Branches, ImmutableArray<bool> Reached, ImmutableArray<string> Others)
{
    private const string NoSplit = "";

    /// <param name="source">The module's own text.</param>
    /// <param name="known">What its runs came to without counting.</param>
    /// <param name="why">Why nothing is counted, in words; empty where there is no code to count in.</param>
    /// <returns>Null when nothing is counted.</returns>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static BranchCoverage? Of(
        SourceText source,
        ImmutableArray<EvaluatedRun> known,
        ISearchParts parts,
        CoverageOrder order,
        out string why,
        CancellationToken stop)
    {
        why = "";
        var sources = parts.Sources();
        var compiled = Compiler.Compile(source, sources, new CompileOptions(order.WithTests) { CountsBranches = true });
        if (compiled.Branches is not { } counters)
        {
            return null;
        }

        var runs = parts.Parts();
        using var suite = ScenarioSuite.Open(
            compiled, source, sources, runs, bundle => runs.LoadCounting(bundle, counters));
        if (suite.Code(out why) is not { } code)
        {
            return null;
        }

        // What the bundle does not hold no run can come to, and nobody misses it.
        bool[] reached = [.. counters.All.Take(counters.Count).Select(one => !one.IsCounted)];
        var wanted = Enumerable.Range(0, counters.Count).Where(place => order.Wanted(counters.All[place])).ToList();
        var others = ImmutableArray.CreateBuilder<string>();
        foreach (var (run, (scenario, seed)) in known.Zip(Evaluation.RunsOf(suite, order.Splits)))
        {
            if (wanted.TrueForAll(place => reached[place]))
            {
                break;
            }

            if (!run.Outcome.Refused.IsEmpty)
            {
                continue;
            }

            var counting = new CountingCode(code, counters);
            var outcome = suite.Run(scenario, seed, order.Options with { Code = counting }, stop);
            stop.ThrowIfCancellationRequested();
            if (IsSame(outcome, run.Outcome))
            {
                counting.MarkIn(reached);
            }
            else
            {
                others.Add(run.Outcome.Name);
            }
        }

        if (order.WithTests && !wanted.TrueForAll(place => reached[place]))
        {
            CountingCode? tests = null;
            runs.RunTests(compiled.Bundle!.Value.AsMemory(), counters, one => tests = new(one, counters), stop);
            stop.ThrowIfCancellationRequested();
            tests?.MarkIn(reached);
            foreach (var (scenario, seed) in Evaluation.RunsOf(suite, [NoSplit]))
            {
                var counting = new CountingCode(code, counters);
                _ = suite.Run(scenario, seed, order.Options with { Code = counting }, stop);
                stop.ThrowIfCancellationRequested();
                counting.MarkIn(reached);
            }
        }

        return new BranchCoverage(counters.All, [.. reached], others.ToImmutable());
    }

    /// <summary>Whether a run came to a branch, by its place; not where there were too many to be counted.</summary>
    public bool IsReached(int place) => place < Reached.Length && Reached[place];

    /// <summary>The branches that no run came to, though one came to what stands round them.</summary>
    public IEnumerable<Branch> Missed => Branches.Take(Reached.Length).Where((one, place) =>
        !Reached[place] && (one.Within < 0 || Reached[one.Within]));

    /// <summary>Whether a run is known to have come to a handler.</summary>
    /// <param name="handler">Its place among those of the agent.</param>
    public bool Begins(string agent, int handler) => Branches.Take(Reached.Length).Where((one, place) =>
        one is { Kind: BranchKind.Body, IsCounted: true } && one.Agent == agent && one.Handler == handler
        && Reached[place]).Any();

    private static bool IsSame(ScenarioOutcome one, ScenarioOutcome other) =>
        one.Refused.IsEmpty && one.Events == other.Events && one.Fuel == other.Fuel
        && one.TrapCount == other.TrapCount && one.Traps.SequenceEqual(other.Traps)
        && one.Notes.SequenceEqual(other.Notes);
}

/// <summary>What is counted, and in which runs.</summary>
/// <param name="Splits">Of the runs that are known.</param>
/// <param name="Options">How those were made.</param>
internal sealed record CoverageOrder(ImmutableArray<string> Splits, ScenarioOptions Options)
{
    /// <summary>Which branches are asked for; the runs end when these were come to.</summary>
    public Func<Branch, bool> Wanted { get; init; } = _ => true;

    /// <summary>Whether what the module's own tests and its scenarios without a split come to counts too.</summary>
    public bool WithTests { get; init; }
}
