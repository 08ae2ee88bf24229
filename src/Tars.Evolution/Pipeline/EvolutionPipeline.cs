using System.Collections.Immutable;
using Tars.Base;
using Tars.Evolution.Analysis;
using Tars.Evolution.Changes;
using Tars.Evolution.Edits;
using Tars.Evolution.Gates;
using Tars.Evolution.Planning;
using Tars.Evolution.Search;
using Tars.Evolution.Store;
using Tars.Lang.Checking;
using Tars.Lang.Diagnostics;
using Tars.Lang.Yaml;

namespace Tars.Evolution.Pipeline;

/// <summary>From a module to the verdict on its next version: analyze, plan, synthesize, validate, dry run, gate.
/// </summary>
/// <remarks>
/// Invariants:
///   I1  A planner proposes edits and no more; all that follows is the same whoever proposed them.
///   I2  The same problem, planner, seed and number of evaluations give the same result, octet for octet.
/// </remarks>
public sealed class EvolutionPipeline
{
    private static readonly ImmutableArray<string> _splits = ["train", "validation"];

    private readonly PipelineOrder _order;
    private readonly ISearchParts _parts;
    private readonly ImmutableArray<StageRecord>.Builder _trace = ImmutableArray.CreateBuilder<StageRecord>();
    private readonly VersionId _base;
    private readonly Lazy<Evaluation> _before;

    private EvolutionPipeline(PipelineOrder order, ISearchParts parts)
    {
        _order = order;
        _parts = parts;
        _base = VersionId.Of(order.Problem.Source.Text);
        _before = new Lazy<Evaluation>(() => Evaluation.Run(order.Problem.Source.Text, order.Problem, parts, _splits));
    }

    private EvolutionProblem Problem => _order.Problem;

    /// <param name="stop">Ends the planner with the round that is on its way; what follows is done all the same, but
    /// for tests and recorded runs that take long: then nothing passes.</param>
    public static PipelineResult Run(PipelineOrder order, ISearchParts parts, CancellationToken stop) =>
        new EvolutionPipeline(order, parts).Run(stop);

    private PipelineResult Run(CancellationToken stop)
    {
        var asItIs = new RecordedInputs(Problem, _parts, stop).Ask(Problem.Source.Text);
        var findings = Analyzer.Run(Problem, _order.Check, _order.Parent, _parts);
        Note("analyze", _base, VersionId.None, [], ("findings", findings.Findings.Length));
        if (!asItIs.Passed)
        {
            Note(asItIs.Gate, _base, VersionId.None, [asItIs.Reason], ("recordings", Problem.Recordings.Length));
            string whyNone = $"{(stop.IsCancellationRequested ? "" : "as it is, nothing could pass: ")}{asItIs.Reason}";
            return End(findings, plan: null, [], best: null, whyNone, []);
        }

        var request = new PlanRequest(Problem, _order.Check.Module, findings, _order.Seed, _order.Evaluations)
        {
            Fuel = _order.Fuel ?? Problem.Evolution.Budget.Fuel ?? long.MaxValue,
            End = _order.End,
            Beliefs = BeliefDoubts.Of(_order.Check),
            Progress = _order.Progress,
        };
        if (_before.Value.Mean("train") <= _order.End.Target)
        {
            const string Reached = "it reaches the target as it is, so nothing was tried";
            Note("plan", _base, VersionId.None, [Reached]);
            return End(findings, plan: null, [], best: null, Reached, []);
        }

        var planned = _order.Planner.Plan(request, _parts, stop);
        if (planned is not PlanResult.Found plan)
        {
            string why = ((PlanResult.Stopped)planned).Reason;
            Note("plan", _base, VersionId.None, [why]);
            return End(findings, plan: null, [], best: null, why, []);
        }

        var archive = VersionId.Of(string.Concat(plan.Archive.Select(line => line + "\n")));
        Note("plan", _base, archive, [], ("evaluations", plan.Evaluations), ("finalists", plan.Finalists.Length));
        var tried = new List<TriedVersion>();
        foreach (var finalist in plan.Finalists)
        {
            if (Try(finalist, out string broken) is { } one)
            {
                tried.Add(one);
            }
            else if (broken.Length != 0)
            {
                return End(findings, plan, tried, best: null, broken, []);
            }
        }

        using var grace = _parts.Grace(stop);
        var checks = new LastChecks(Problem, _parts, grace.Token);
        if (Choose(tried, checks) is not { } best)
        {
            return End(findings, plan, tried, best: null, WhyNone(plan, tried.Count), []);
        }

        var verdicts = VersionGates.Judge(Problem, best.Text, _parts, checks, before: null, out _);
        Note(
            "gate",
            best.Id,
            VersionId.None,
            [.. verdicts.Where(one => !one.Passed).Select(one => $"{one.Gate}: {one.Reason}")],
            ("gates", verdicts.Length));
        return End(findings, plan, tried, best, "", verdicts);
    }

    // Selection sees what the planner did not. What leaves its world no time to measure, fails a test of the module, or
    // does not come through a recorded run, is passed over; when all do, the best of them goes to the gates, which say
    // so.
    private TriedVersion? Choose(List<TriedVersion> tried, LastChecks checks)
    {
        var ordered = tried.Where(one => one.Evaluation.Mean("validation") is not null)
            .OrderBy(one => one.Evaluation.Mean("validation")).ToList();
        foreach (var one in ordered)
        {
            var (gate, lost) = checks.Lost(one.Text, _before.Value, one.Evaluation);
            if (lost.IsEmpty)
            {
                return one;
            }

            Note("choose", one.Id, VersionId.None, lost.AsSpan(), (gate, lost.Length));
        }

        return ordered.FirstOrDefault();
    }

    private PipelineResult End(
        ModuleAnalysis findings,
        PlanResult.Found? plan,
        IEnumerable<TriedVersion> tried,
        TriedVersion? best,
        string why,
        ImmutableArray<GateVerdict> verdicts) =>
        new(findings, plan, [.. tried], best, why, verdicts, _before.Value, _trace.ToImmutable());

    private static string WhyNone(PlanResult.Found plan, int tried) =>
        plan is { Evaluations: 0, WhyNothing.Length: > 0 } ? $"no candidate was run: {plan.WhyNothing}"
        : plan.Evaluations == 0 ? "no candidate was run: it was stopped, or nothing within reach can be changed"
        : plan.Finalists.IsEmpty ? "nothing that was tried is better"
        : tried == 0 ? "nothing that was proposed may be"
        : "no candidate gave a number on every run";

    // Null with nothing broken for what may not be.
    private TriedVersion? Try(PlannedVersion planned, out string broken)
    {
        broken = "";
        if (Synthesize(planned) is not { } text || !Validate(text, out var changes))
        {
            return null;
        }

        var evaluation = Evaluation.Run(text, Problem, _parts, _splits);
        var train = evaluation.Of("train");
        bool isSame = evaluation.Problem.Length == 0
            && train.Select(one => one.Cost ?? double.NaN).SequenceEqual(planned.Train.Costs)
            && planned.Train.Fuel == train.Sum(one => one.Outcome.Fuel);
        string[] reasons = isSame ? [] : [$"it is not what the planner measured {evaluation.Problem}".TrimEnd()];
        Note(
            "dry-run", VersionId.Of(text), VersionId.None, reasons,
            ("runs", evaluation.Runs.Length), ("fuel", evaluation.Runs.Sum(one => one.Outcome.Fuel)));
        if (isSame || planned.Train.Costs.IsEmpty)
        {
            return new TriedVersion(planned, text, changes, evaluation);
        }

        // A difference would be ours: what a planner measures is what a version is.
        broken = $"a version by itself is not what it was among others: {planned.Proposal.Why}";
        return null;
    }

    private string? Synthesize(PlannedVersion planned)
    {
        var result = EditApplication.Apply(Problem.Source, planned.Proposal.Edits);
        string? text = (result as EditResult.Edited)?.Text;
        Note(
            "synthesize",
            _base,
            text is null ? VersionId.None : VersionId.Of(text),
            result is EditResult.Refused { Why: var why } ? [$"{why.Name} {why.Path}: {why.Reason}"] : [],
            ("edits", planned.Proposal.Edits.Length));
        return text;
    }

    private bool Validate(string text, out ImmutableArray<DocumentChange> changes)
    {
        var before = YamlReader.Read(Problem.Source, new DiagnosticBag());
        var after = YamlReader.Read(new SourceText(Problem.Source.Name, text), new DiagnosticBag());
        var refusals = DocumentRules.Judge(before, after, Problem.Evolution);
        changes = DocumentDiff.Between(before, after);
        Note(
            "validate",
            VersionId.Of(text),
            VersionId.None,
            [.. refusals.Select(one => $"{one.Name} {one.Path}: {one.Reason}")],
            ("changes", changes.Length));
        return refusals.IsEmpty;
    }

    private void Note(
        string stage,
        VersionId inputs,
        VersionId outputs,
        ReadOnlySpan<string> reasons,
        params ReadOnlySpan<(string Unit, long Amount)> cost)
    {
        var costs = ImmutableArray.CreateBuilder<KeyValuePair<string, long>>(cost.Length);
        foreach (var (unit, amount) in cost)
        {
            costs.Add(KeyValuePair.Create(unit, amount));
        }

        _trace.Add(new StageRecord(stage, inputs, outputs, reasons.IsEmpty, [.. reasons], costs.ToImmutable()));
    }
}

/// <summary>What a run is asked for.</summary>
/// <param name="Check">Of the module.</param>
/// <param name="Parent">The text of the version before, or null.</param>
public sealed record PipelineOrder(
    EvolutionProblem Problem, CheckResult Check, IPlanner Planner, string? Parent, long Seed, int Evaluations)
{
    /// <summary>Fuel of all candidates, with which the planner ends; null for what the module says.</summary>
    public long? Fuel { get; init; }

    /// <summary>With what the planner ends before its budget is used up.</summary>
    public EarlyEnd End { get; init; } = EarlyEnd.None;

    /// <summary>Hears of each round; null for nobody.</summary>
    public Action<SearchProgress>? Progress { get; init; }
}
