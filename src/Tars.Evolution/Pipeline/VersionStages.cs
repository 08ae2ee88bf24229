using System.Collections.Immutable;
using Tars.Base;
using Tars.Evolution.Changes;
using Tars.Evolution.Edits;
using Tars.Evolution.Gates;
using Tars.Evolution.Search;
using Tars.Evolution.Store;
using Tars.Lang.Checking;
using Tars.Lang.Diagnostics;
using Tars.Lang.Yaml;

namespace Tars.Evolution.Pipeline;

/// <summary>The stages between a proposal and its verdict, each by itself: synthesize, validate, dry run, gate.
/// </summary>
/// <remarks>A run takes every finalist through them, and whoever has edits of his own takes those: there is no other
/// way.</remarks>
/// <param name="note">Hears what each stage did.</param>
/// <param name="stop">Ends what is run here with an exception; checks have a token of their own.</param>
public sealed class VersionStages(
    EvolutionProblem problem, ISearchParts parts, Action<StageRecord> note, CancellationToken stop)
{
    /// <summary>The stage in which the gates are asked.</summary>
    public const string GateStage = "gate";

    private static readonly ImmutableArray<string> _splits = ["train", "validation"];

    private Evaluation? _before;

    /// <summary>What the version before comes to.</summary>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public Evaluation Before => Begin(stop);

    /// <summary>Runs the version before, where that was not done.</summary>
    /// <param name="until">Ends it.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    internal Evaluation Begin(CancellationToken until) =>
        _before ??= Evaluation.Run(problem.Source.Text, problem, parts, _splits, until);

    /// <summary>Makes edits in a module.</summary>
    /// <param name="source">In its one layout.</param>
    public static StageRecord Synthesize(SourceText source, ImmutableArray<Edit> edits, out EditResult result)
    {
        result = EditApplication.Apply(source, edits);
        string[] reasons = result is EditResult.Refused { Index: var index, Why: var why }
            ? [edits.Length == 1 ? Words(why) : $"edit {index + 1}: {Words(why)}"]
            : [];
        var made = result is EditResult.Edited { Text: var text } ? VersionId.Of(text) : VersionId.None;
        return StageRecord.Of("synthesize", VersionId.Of(source.Text), made, reasons, ("edits", edits.Length));
    }

    /// <summary>Whether a module may be changed so, and whether what comes of it is one: all that `check` knows.
    /// </summary>
    /// <param name="after">In its one layout.</param>
    public static Validation Validate(
        SourceText before, SourceText after, CheckedEvolution evolution, IModuleSource sources)
    {
        var (old, now) = (Tree(before), Tree(after));
        var refusals = DocumentRules.Judge(old, now, evolution);
        var changes = DocumentDiff.Between(old, now);
        var check = refusals.IsEmpty ? ModuleChecker.Check(after, sources) : null;
        string[] reasons = [.. refusals.Select(Words), .. check is null ? [] : Mistakes(check)];
        var record = StageRecord.Of(
            "validate", VersionId.Of(after.Text), VersionId.None, reasons, ("changes", changes.Length));
        return new Validation(record, changes, refusals, check);
    }

    /// <summary>The module with edits made; null when they could not be.</summary>
    public string? Synthesize(ImmutableArray<Edit> edits)
    {
        note(Synthesize(problem.Source, edits, out var result));
        return (result as EditResult.Edited)?.Text;
    }

    /// <summary>Whether a version may be, and is one.</summary>
    public bool Validate(string text, out ImmutableArray<DocumentChange> changes)
    {
        var after = new SourceText(problem.Source.Name, text);
        var validation = Validate(problem.Source, after, problem.Evolution, parts.Sources());
        changes = validation.Changes;
        note(validation.Record);
        return validation.Record.Passed;
    }

    /// <summary>Runs a version by the whole path, from its text to its scenarios.</summary>
    /// <param name="planned">What a planner measured of it, or null; without costs it measured nothing.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public Evaluation DryRun(string text, CandidateScore? planned, out bool isAsPlanned)
    {
        var evaluation = Evaluation.Run(text, problem, parts, _splits, stop);
        var train = evaluation.Of("train");
        isAsPlanned = planned is null || (evaluation.Problem.Length == 0
            && train.Select(one => one.Cost ?? double.NaN).SequenceEqual(planned.Costs)
            && planned.Fuel == train.Sum(one => one.Outcome.Fuel));
        string[] reasons =
            !isAsPlanned ? [$"it is not what the planner measured {evaluation.Problem}".TrimEnd()]
            : evaluation.Problem.Length != 0 ? [evaluation.Problem]
            : evaluation.Runs.All(one => !one.Outcome.Refused.IsEmpty) ? [.. evaluation.Refusals]
            : [];
        note(StageRecord.Of(
            "dry-run", VersionId.Of(text), VersionId.None, reasons,
            ("runs", evaluation.Runs.Length), ("fuel", evaluation.Runs.Sum(one => one.Outcome.Fuel))));
        return evaluation;
    }

    /// <summary>Asks the gates, with tests and recorded runs that last at most for their time.</summary>
    /// <param name="after">What the version came to in its dry run.</param>
    public ImmutableArray<GateVerdict> Gate(string text, Evaluation after)
    {
        using var grace = parts.Grace(stop);
        return Gate(text, after, new LastChecks(problem, parts, grace.Token));
    }

    internal ImmutableArray<GateVerdict> Gate(string text, Evaluation? after, LastChecks checks)
    {
        var verdicts = VersionGates.Judge(problem, text, parts, checks, Before, ref after);
        note(StageRecord.Of(
            GateStage,
            VersionId.Of(text),
            VersionId.None,
            [.. verdicts.Where(one => !one.Passed).Select(one => $"{one.Gate}: {one.Reason}")],
            ("gates", verdicts.Length)));
        return verdicts;
    }

    /// <summary>Whether a version costs less than the one before, or as much with beliefs of which `check` finds less
    /// odd; what is as good is not worth a version.</summary>
    public static bool IsGain(Evaluation before, Evaluation after) => after.Mean("validation") is { } cost
        && (before.Mean("validation") is not { } was || cost < was
            || (cost == was && after.BeliefFindings < before.BeliefFindings));

    // By line and column of the text as it is laid out.
    private static IEnumerable<string> Mistakes(CheckResult check) =>
        from file in check.Files
        from one in file.Diagnostics
        where one.Severity == Severity.Error
        select $"{file.Source.Name}:{file.Source.PositionOf(one.Span.Start)} {one.Code}: {one.Title}";

    private static string Words(Refusal why) => why.Path.Length == 0
        ? $"{why.Name}: {why.Reason}"
        : $"{why.Name} {why.Path}: {why.Reason}";

    private static YamlNode Tree(SourceText source) => YamlReader.Read(source, new DiagnosticBag());
}

/// <summary>Whether a version may be, and is one.</summary>
/// <param name="Refusals">Of what may not change.</param>
/// <param name="Check">What the checker says of it; null where it may not be.</param>
public sealed record Validation(
    StageRecord Record,
    ImmutableArray<DocumentChange> Changes,
    ImmutableArray<Refusal> Refusals,
    CheckResult? Check);
