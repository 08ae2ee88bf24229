using System.Collections.Immutable;
using System.Globalization;
using Tars.Base;
using Tars.Bundle.Beliefs;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;
using Tars.Evolution.Scenarios;
using Tars.Evolution.Search;
using Tars.Kernel.Ports;
using Tars.Lang.Checking;
using Tars.Lang.Diagnostics;
using Tars.Lang.Yaml;

namespace Tars.Evolution.Gates;

/// <summary>Decides whether a candidate may be the next version: the gates, in their order, up to the first that
/// refuses.</summary>
/// <remarks>
/// To add a gate: a row in <see cref="_gates"/>. What has `split: test` is never run here. Recorded runs come last, and
/// only where there are some: they may be as long as they like.
/// </remarks>
public sealed class VersionGates
{
    private static readonly ImmutableArray<string> _splits = ["train", "validation"];

    private static readonly (string Name, Func<VersionGates, string> Ask)[] _gates =
    [
        ("document", gates => gates.Document()),
        ("check", gates => gates.After.Problem),
        ("capabilities", gates => gates.Capabilities()),
        ("nondeterminism", gates => gates.Nondeterminism()),
        ("schema", gates => gates.Schema()),
        ("beliefs", gates => gates.Beliefs()),
        ("scenarios", gates => gates.Scenarios()),
        ("covered", gates => gates.Covered()),
        ("objective", gates => gates.Gain()),
        ("regress", gates => gates.Losses()),
        ("tests", gates => string.Join("; ", gates._checks.Tests.Lost(gates._text))),
    ];

    private readonly EvolutionProblem _problem;
    private readonly string _text;
    private readonly ISearchParts _parts;
    private readonly LastChecks _checks;
    private readonly Lazy<Evaluation> _before;
    private readonly Lazy<Evaluation> _after;
    private ImmutableArray<string> _told = [];

    private VersionGates(
        EvolutionProblem problem,
        string text,
        ISearchParts parts,
        LastChecks checks,
        Evaluation? before,
        Evaluation? after)
    {
        _problem = problem;
        _text = text;
        _parts = parts;
        _checks = checks;
        _before = new Lazy<Evaluation>(() => before ?? Measured(problem, problem.Source.Text, parts));
        _after = new Lazy<Evaluation>(() => after ?? Measured(problem, text, parts));
    }

    /// <summary>The names of all gates, in their order.</summary>
    public static ImmutableArray<string> Names { get; } = [.. _gates.Select(one => one.Name), RecordedInputs.Gate];

    /// <summary>Those that a problem has: where no run was recorded none is asked of it.</summary>
    public static ImmutableArray<string> NamesFor(EvolutionProblem problem) =>
        problem.Recordings.IsEmpty ? Names.Remove(RecordedInputs.Gate) : Names;

    private Evaluation Before => _before.Value;

    private Evaluation After => _after.Value;

    /// <param name="text">The candidate, a whole module.</param>
    public static ImmutableArray<GateVerdict> Judge(EvolutionProblem problem, string text, ISearchParts parts)
    {
        Evaluation? after = null;
        var checks = new LastChecks(problem, parts, CancellationToken.None);
        return Judge(problem, text, parts, checks, before: null, ref after);
    }

    /// <summary>What the gates know of a version.</summary>
    internal static Evaluation Measured(EvolutionProblem problem, string text, ISearchParts parts) =>
        Evaluation.Run(text, problem, parts, _splits);

    /// <param name="checks">Of this problem; what they know already is not asked again.</param>
    /// <param name="before">What is known of the version before, or null.</param>
    /// <param name="after">What is known of the candidate, and then what became known of it; null while it was not
    /// asked for.</param>
    internal static ImmutableArray<GateVerdict> Judge(
        EvolutionProblem problem,
        string text,
        ISearchParts parts,
        LastChecks checks,
        Evaluation? before,
        ref Evaluation? after)
    {
        var gates = new VersionGates(problem, text, parts, checks, before, after);
        var verdicts = ImmutableArray.CreateBuilder<GateVerdict>();
        foreach (var (name, ask) in _gates)
        {
            gates._told = [];
            verdicts.Add(new GateVerdict(name, ask(gates)) { Told = gates._told });
            if (!verdicts[^1].Passed)
            {
                break;
            }
        }

        if (verdicts[^1].Passed && !problem.Recordings.IsEmpty)
        {
            verdicts.Add(checks.Recorded.Ask(text));
        }

        after = gates._after.IsValueCreated ? gates.After : after;
        return verdicts.ToImmutable();
    }

    private string Document()
    {
        var bag = new DiagnosticBag();
        var after = YamlReader.Read(new SourceText(_problem.Source.Name, _text), bag);
        if (bag.HasErrors)
        {
            return bag.ToSorted().First(one => one.Severity == Severity.Error).Title;
        }

        var before = YamlReader.Read(_problem.Source, new DiagnosticBag());
        var refusals = DocumentRules.Judge(before, after, _problem.Evolution);
        return string.Join("; ", refusals.Select(one => $"{one.Name} {one.Path}: {one.Reason}"));
    }

    private string Capabilities() => Before.Manifest is { } before && After.Manifest is { } after
        ? string.Join("; ", CapabilityGrowth.Between(before, after).Select(one => $"{one.Name}: {one.Reason}"))
        : Before.Problem;

    // Whoever draws by chance or goes by the clock can be lucky in the runs that judge it.
    private string Nondeterminism() => string.Join(
        "; ", After.Nondeterminism.Except(Before.Nondeterminism).Select(one => $"new nondeterminism: {one}"));

    // A running system has to be able to take it: what changes its type needs a `migrate`, and no system goes together
    // in which a channel has two types. Both were compiled to come here.
    private string Schema() => string.Join(
        "; ", SwapPreview.Of(Before.Manifest!, After.Manifest!).Refusals.Concat(ChannelsOfOtherTypes()));

    private IEnumerable<string> ChannelsOfOtherTypes() =>
        (from had in Channels(Before.Manifest!)
         join has in Channels(After.Manifest!) on had.Pattern equals has.Pattern
         where !had.Type.Equals(has.Type)
         select $"the channel `{had.Pattern}` was {SchemaText.ForPeople(had.Type)} for all who use it, "
             + $"and is {SchemaText.ForPeople(has.Type)}").Distinct();

    private static IEnumerable<ChannelSpec> Channels(BundleManifest manifest) =>
        manifest.Subscribes.Concat(manifest.Publishes);

    private string Beliefs()
    {
        if (JudgedByItself() is { Length: > 0 } judged)
        {
            return judged;
        }

        if (After.Manifest?.Beliefs is not { } after)
        {
            return "";
        }

        var graph = new BeliefGraph(after);
        if (!graph.Evaluate(graph.Priors.AsSpan()).Converged)
        {
            return "its strengths do not settle";
        }

        int had = Before.Manifest?.Beliefs is { } before ? Frustration.Of(before).Value : 0;
        int has = Frustration.Of(after).Value;
        return has <= had ? "" : $"{has} relations contradict the rest, {had} did";
    }

    // A belief that is more sure of itself is no gain; a repair that moves no run is no cheat.
    private string JudgedByItself()
    {
        var judging = _problem.Evolution.JudgingBeliefs;
        var changed = judging.Where(one =>
            !Bears(Before.Manifest?.Beliefs, one).SequenceEqual(Bears(After.Manifest?.Beliefs, one)));
        bool isMoved = !Before.Runs.Select(one => one.Cost).SequenceEqual(After.Runs.Select(one => one.Cost));
        return !isMoved ? ""
            : string.Join("; ", changed.Select(one => $"{one} bears on {_problem.Metric}, which judges it"));
    }

    // All that decides how strong a belief is beside evidence.
    private static IEnumerable<string> Bears(BeliefGraphSpec? graph, string belief)
    {
        var prior = graph?.Beliefs.Where(one => one.Name == belief).Select(one => FloatText.Of(one.Prior)) ?? [];
        var relations = graph?.Relations.Where(one => graph.Beliefs[one.To].Name == belief)
            .Select(one => $"{graph.Beliefs[one.From].Name} {one.Supports} {FloatText.Of(one.Weight)}") ?? [];
        return prior.Concat(relations.Order(StringComparer.Ordinal));
    }

    // What failed before may fail still, and what trapped before may trap.
    private string Scenarios()
    {
        static bool IsWhole(ScenarioOutcome one) => one.Passed && one.TrapCount == 0;
        var failed = After.Runs.Zip(Before.Runs, (after, before) => (After: after.Outcome, Before: before.Outcome))
            .Where(pair => (pair.Before.Passed && !pair.After.Passed) || (IsWhole(pair.Before) && !IsWhole(pair.After)))
            .Select(pair => pair.After)
            .Select(one => one is { Passed: true, Traps: [var trap, ..] } ? $"{one.Name}: {trap}" : one.Name);
        return string.Join("; ", failed);
    }

    private string Covered()
    {
        var verdict = _checks.Covered.Ask(_text, Before, After);
        _told = verdict.Told;
        return verdict.Reason;
    }

    // A gain has to be more than a few lucky runs: see PairedRuns.
    private string Gain()
    {
        const string Split = "validation";
        bool isLost = After.Runs.Zip(Before.Runs).Any(pair => pair.First.Cost is null && pair.Second.Cost is not null);
        if (isLost || After.Mean(Split) is null)
        {
            return "a run gave no number";
        }

        if (SilentRuns.WhyNot(Before, After, _problem) is { Length: > 0 } silent)
        {
            return silent;
        }

        if (WorldTime.WhyNot(Before, After, _problem.Evolution.Objective) is { Length: > 0 } starved)
        {
            return starved;
        }

        var runs = Before.Of(Split).Zip(After.Of(Split));
        if (Before.Mean(Split) is null)
        {
            // Any number is better than none; what had one may not pay for it by more than chance.
            var known = runs.Where(pair => pair.First.Cost is not null);
            var both = new PairedRuns([.. known.Select(pair => pair.First.Cost!.Value - pair.Second.Cost!.Value)]);
            return !both.IsLoss() ? "" : string.Create(
                CultureInfo.InvariantCulture,
                $"{_problem.Metric} costs more on {both.Worse} of the {both.Count} runs that counted before");
        }

        var pairs = new PairedRuns([.. runs.Select(pair => pair.First.Cost!.Value - pair.Second.Cost!.Value)]);
        string why = pairs.WhyNoGain();
        return why.Length == 0 ? "" : string.Create(
            CultureInfo.InvariantCulture,
            $"{_problem.Metric} {why}: a cost of {After.Mean(Split):0.####} after {Before.Mean(Split):0.####}, "
                + $"{pairs.Better} runs of {pairs.Count} better");
    }

    private string Losses()
    {
        var losses = _problem.Evolution.MustNotRegress.Select(one => Loss(one.Key, one.Value));
        return string.Join("; ", losses.Where(loss => loss.Length != 0));
    }

    private string Loss(MetricName metric, double borne)
    {
        if (WorldTime.WhyNot(Before, After, metric) is { Length: > 0 } starved)
        {
            return starved;
        }

        double before = Measure(Before, metric);
        double after = Measure(After, metric);
        double bound = before + (Math.Abs(before) * borne);
        return after <= bound || double.IsPositiveInfinity(before)
            ? ""
            : string.Create(
                CultureInfo.InvariantCulture, $"{metric.Name} went from {before:0.####} to {after:0.####}");
    }

    // A cost: less is better. What was never reported is the worst there is.
    private static double Measure(Evaluation evaluation, MetricName metric)
    {
        var outcomes = evaluation.Of("validation").Select(one => one.Outcome).ToList();
        if (metric is { Environment: null, Name: "fuel" })
        {
            return outcomes.Average(one => (double)one.Fuel);
        }

        if (metric is { Environment: null, Name: "traps" })
        {
            return outcomes.Average(one => (double)one.TrapCount);
        }

        string module = metric.Environment?.Name ?? evaluation.Manifest?.Name ?? "";
        bool maximize = metric.Environment?.Metrics.Any(one => one.Name == metric.Name && one.Maximize)
            ?? evaluation.Manifest?.Metrics.Any(one => one.Name == metric.Name && one.Maximize) ?? false;
        var values = outcomes.Select(one => one.Metrics.FirstOrDefault(series =>
            series.Module == module && series.Name == metric.Name)?.Value).ToList();
        return values.Exists(one => one is not { } value || !double.IsFinite(value))
            ? double.PositiveInfinity
            : values.Average(one => maximize ? -one!.Value : one!.Value);
    }
}
