using System.Collections.Immutable;
using Tars.Evolution.Analysis;
using Tars.Evolution.Gates;
using Tars.Evolution.Planning;
using Tars.Evolution.Search;
using Tars.Evolution.Store;
using Tars.Lang.Checking;

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
    internal const string ChooseStage = "choose";

    private readonly PipelineOrder _order;
    private readonly ISearchParts _parts;
    private readonly ImmutableArray<StageRecord>.Builder _trace = ImmutableArray.CreateBuilder<StageRecord>();
    private readonly VersionId _base;
    private readonly VersionStages _stages;

    private EvolutionPipeline(PipelineOrder order, ISearchParts parts)
    {
        _order = order;
        _parts = parts;
        _base = VersionId.Of(order.Problem.Source.Text);
        _stages = new VersionStages(order.Problem, parts, _trace.Add, CancellationToken.None);
    }

    private EvolutionProblem Problem => _order.Problem;

    /// <param name="stop">Ends the planner with the round that is on its way; what follows is done all the same, but
    /// for tests and recorded runs that take long: then nothing passes.</param>
    public static PipelineResult Run(PipelineOrder order, ISearchParts parts, CancellationToken stop) =>
        new EvolutionPipeline(order, parts).Run(stop);

    private PipelineResult Run(CancellationToken stop)
    {
        var asItIs = new RecordedInputs(Problem, _parts, stop).Ask(Problem.Source.Text);
        if (Analyze(stop) is not { } findings)
        {
            const string Stopped = "it was stopped before anything was tried";
            Note("analyze", _base, VersionId.None, [Stopped]);
            return new PipelineResult(
                new ModuleAnalysis([]), Plan: null, [], Best: null, Stopped, [], Evaluation.None, [.. _trace]);
        }

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
        if (_stages.Before.Mean("train") <= _order.End.Target)
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

        var verdicts = _stages.Gate(best.Text, best.Evaluation, checks);
        return End(findings, plan, tried, best, "", verdicts);
    }

    // Null when it was stopped: before there is anything to end with, there is nothing to wait for.
    private ModuleAnalysis? Analyze(CancellationToken stop)
    {
        try
        {
            var findings = Analyzer.Run(Problem, _order.Check, _order.Parent, _parts, stop);
            _stages.Begin(stop);
            return findings;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    // Selection sees what the planner did not. What changes or drops code that nothing runs, leaves its world nothing
    // to measure or no time to, fails a test of the module, or does not come through a recorded run, is passed over;
    // when all do, the best of them goes to the gates, which say so.
    private TriedVersion? Choose(List<TriedVersion> tried, LastChecks checks)
    {
        var ordered = tried.Where(one => one.Evaluation.Mean("validation") is not null)
            .OrderBy(one => one.Evaluation.Mean("validation")).ToList();
        foreach (var one in ordered)
        {
            var (gate, lost) = checks.Lost(one.Text, _stages.Before, one.Evaluation);
            if (lost.IsEmpty)
            {
                return one;
            }

            Note(ChooseStage, one.Id, VersionId.None, lost.AsSpan(), (gate, lost.Length));
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
        new(findings, plan, [.. tried], best, why, verdicts, _stages.Before, _trace.ToImmutable());

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
        if (_stages.Synthesize(planned.Proposal.Edits) is not { } text || !_stages.Validate(text, out var changes))
        {
            return null;
        }

        var measured = planned.Train.Costs.IsEmpty ? null : planned.Train;
        var evaluation = _stages.DryRun(text, measured, out bool isAsPlanned);
        if (isAsPlanned)
        {
            return new TriedVersion(planned, text, changes, evaluation);
        }

        // A difference would be ours: what a planner measures is what a version is.
        broken = $"a version by itself is not what it was among others: {planned.Proposal.Why}";
        return null;
    }

    private void Note(
        string stage,
        VersionId inputs,
        VersionId outputs,
        ReadOnlySpan<string> reasons,
        params ReadOnlySpan<(string Unit, long Amount)> cost) =>
        _trace.Add(StageRecord.Of(stage, inputs, outputs, reasons, cost));
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
