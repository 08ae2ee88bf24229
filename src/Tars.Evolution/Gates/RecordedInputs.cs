using System.Collections.Immutable;
using System.Globalization;
using Tars.Base;
using Tars.Evolution.Search;
using Tars.Evolution.Trials;
using Tars.Lang;

namespace Tars.Evolution.Gates;

/// <summary>The recorded runs that a version has to come through, asked of versions, of each once.</summary>
/// <remarks>Outputs that differ refuse nothing: they are what an edit is for. They are told.</remarks>
/// <param name="stop">Ends a trial; a version that was not tried to its end is refused.</param>
internal sealed class RecordedInputs(EvolutionProblem problem, ISearchParts parts, CancellationToken stop)
{
    private readonly Dictionary<string, GateVerdict> _verdicts = new(StringComparer.Ordinal);

    /// <summary>The name of the gate.</summary>
    public const string Gate = "recorded";

    /// <summary>The verdict of the gate on a version.</summary>
    public GateVerdict Ask(string text)
    {
        if (!_verdicts.TryGetValue(text, out var verdict))
        {
            verdict = problem.Recordings.IsEmpty ? new GateVerdict(Gate, "") : Try(text);
            _verdicts.Add(text, verdict);
        }

        return verdict;
    }

    private GateVerdict Try(string text)
    {
        var source = new SourceText(problem.Source.Name, text);
        var compiled = Compiler.Compile(source, parts.Sources(), new CompileOptions());
        if (compiled.Bundle is not { } bundle)
        {
            var first = compiled.Check.FirstError;
            return new GateVerdict(Gate, $"{first.Code}: {first.Title}");
        }

        var told = ImmutableArray.CreateBuilder<string>();
        var refusals = new List<string>();
        foreach (var recording in problem.Recordings)
        {
            var outcome = parts.Parts().Try(recording, bundle.AsMemory(), stop);
            told.AddRange(TrialText.Of(outcome, TrialText.PercentDefault).Select(one => $"{recording.Name}: {one}"));
            if (WhyNot(outcome) is { } why)
            {
                refusals.Add($"{recording.Name}: {why}");
            }
        }

        return new GateVerdict(Gate, string.Join("; ", refusals)) { Told = told.ToImmutable() };
    }

    private string? WhyNot(TrialOutcome outcome) => outcome switch
    {
        _ when stop.IsCancellationRequested => "the run was stopped before it was tried to its end",
        TrialOutcome.Refused refused => $"not comparable: {string.Join("; ", refused.Reasons)}",
        TrialOutcome.Tried { Report: var report }
            when TrialText.WhyNot(outcome, TrialText.PercentDefault) is { } little => string.Create(
                CultureInfo.InvariantCulture,
                $"{little}; after event {report.Tried} of {report.Events}: {report.Inconclusive ?? "it was swapped"}"),
        TrialOutcome.Tried { Report: { Traps: > 0 } report } => Traps(report),
        _ => null,
    };

    private static string Traps(TrialReport report)
    {
        string shown = string.Join(
            "; ",
            report.ShownTraps.Select(one =>
                string.Create(CultureInfo.InvariantCulture, $"event {one.Event}: {one.Text}")));
        long more = report.Traps - report.ShownTraps.Length;
        string rest = more == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"; and {more} more");
        return $"it traps where the recorded code did not: {shown}{rest}";
    }
}
