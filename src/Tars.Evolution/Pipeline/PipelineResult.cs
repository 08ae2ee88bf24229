using System.Collections.Immutable;
using Tars.Evolution.Analysis;
using Tars.Evolution.Changes;
using Tars.Evolution.Gates;
using Tars.Evolution.Planning;
using Tars.Evolution.Store;

namespace Tars.Evolution.Pipeline;

/// <summary>What became of a whole run, up to the verdict; committing is somebody else's.</summary>
/// <param name="Best">What was chosen, or null with <paramref name="Why"/>.</param>
/// <param name="Why">Why nothing was chosen; else empty.</param>
/// <param name="Verdicts">Of the gates on the best, up to the first that refuses.</param>
public sealed record PipelineResult(
    ModuleAnalysis Findings,
    PlanResult.Found? Plan,
    ImmutableArray<TriedVersion> Tried,
    TriedVersion? Best,
    string Why,
    ImmutableArray<GateVerdict> Verdicts,
    Evaluation Before,
    ImmutableArray<StageRecord> Trace)
{
    /// <summary>Whether every gate let the best through.</summary>
    public bool Passed => Best is not null && Verdicts.All(one => one.Passed);

    /// <summary>Why a version was passed over when one was chosen, and by which gate; none of one that was not.
    /// </summary>
    public IEnumerable<(string Gate, string Reason)> PassedOver(VersionId version) =>
        from record in Trace
        where record.Stage == EvolutionPipeline.ChooseStage && record.Inputs == version
        from reason in record.Reasons
        select (record.Cost[0].Key, reason);

    /// <summary>Whether the best is worth a version.</summary>
    public bool IsGain => Best is not null && VersionStages.IsGain(Before, Best.Evaluation);
}

/// <summary>A planned version by the whole path.</summary>
/// <param name="Text">The module as it would be.</param>
public sealed record TriedVersion(
    PlannedVersion Planned, string Text, ImmutableArray<DocumentChange> Changes, Evaluation Evaluation)
{
    public VersionId Id => VersionId.Of(Text);
}
