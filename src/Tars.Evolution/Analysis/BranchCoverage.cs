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
    /// <param name="source">The module's own text.</param>
    /// <param name="known">What its runs came to without counting.</param>
    /// <param name="splits">Of those runs.</param>
    /// <param name="options">How they were made.</param>
    /// <param name="why">Why nothing is counted, in words; empty where there is no code to count in.</param>
    /// <returns>Null when nothing is counted.</returns>
    public static BranchCoverage? Of(
        SourceText source,
        ImmutableArray<EvaluatedRun> known,
        ISearchParts parts,
        ImmutableArray<string> splits,
        ScenarioOptions options,
        out string why)
    {
        why = "";
        var sources = parts.Sources();
        var compiled = Compiler.Compile(source, sources, new CompileOptions { CountsBranches = true });
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
        var others = ImmutableArray.CreateBuilder<string>();
        foreach (var (run, (scenario, seed)) in known.Zip(Evaluation.RunsOf(suite, splits)))
        {
            if (!reached.Contains(false))
            {
                break;
            }

            if (!run.Outcome.Refused.IsEmpty)
            {
                continue;
            }

            var counting = new CountingCode(code, counters);
            var outcome = suite.Run(scenario, seed, options with { Code = counting }, CancellationToken.None);
            if (IsSame(outcome, run.Outcome))
            {
                for (int place = 0; place < reached.Length; place++)
                {
                    reached[place] |= 0 < counting.Counts[place];
                }
            }
            else
            {
                others.Add(run.Outcome.Name);
            }
        }

        return new BranchCoverage(counters.All, [.. reached], others.ToImmutable());
    }

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
