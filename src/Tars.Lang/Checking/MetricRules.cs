using System.Collections.Immutable;
using Tars.Bundle.Manifest;
using Tars.Lang.Binding;
using Tars.Lang.Diagnostics;

namespace Tars.Lang.Checking;

/// <summary>Rules about who reports a metric, how often, and whether it may judge.</summary>
internal sealed class MetricRules(
    CodeReader code, ImmutableArray<CodeUnit> units, ImmutableArray<CheckedMeasure> measures, ValueReads reads)
{
    /// <summary>A metric of kind <c>once</c> belongs where code runs once.</summary>
    public void WarnOfRepeats()
    {
        var once = code.Module.Symbol.Metrics
            .Where(metric => metric.Kind == MetricKind.Once)
            .Select(metric => metric.Name)
            .ToHashSet(StringComparer.Ordinal);
        var told = new HashSet<int>();
        foreach (CodeUnit unit in units.Where(unit => unit.Handler is not null))
        {
            bool runsOnce = unit.Handler!.Kind is HandlerKind.Start or HandlerKind.Stop;
            foreach (MetricReport report in unit.All.SelectMany(facts => facts.Reports))
            {
                if (once.Contains(report.Metric) && (!runsOnce || report.IsInLoop) && told.Add(report.Span.Start))
                {
                    code.Report(Report.OnceMayRepeat(report.Span, report.Metric));
                }
            }
        }
    }

    /// <summary>
    /// The path of something under <c>may_change</c> that can move the metric by itself: code that reports it, by call
    /// or by the state that its reporters read, or a value that bears on what they report. Null when there is none.
    /// </summary>
    /// <remarks>
    /// A pure function that may change is what is judged, and what it alone reads does not count; one that may not
    /// change is part of the judge, and all that it reads is.
    /// </remarks>
    public string? ChangingReporter(string metric, Func<string, bool> mayChange)
    {
        if (code.Module.Metrics.TryGetValue(metric, out int index)
            && code.Module.Symbol.Metrics[index].From != MetricSource.Module)
        {
            return measures.Where(measure => measure.Metric == index)
                .Select(measure => ChangingValue(measure.Value, mayChange)).FirstOrDefault(path => path is not null);
        }

        var reporters = units.Where(unit =>
            unit.All.Any(facts => facts.Reports.Any(report => report.Metric == metric))).ToList();
        foreach (CodeUnit unit in units.Where(unit => mayChange(PathOf(unit))))
        {
            if (reporters.Contains(unit) || reporters.Any(reporter => WritesWhatReads(unit, reporter)))
            {
                return PathOf(unit);
            }
        }

        return ValuesInto(metric, mayChange).Order(StringComparer.Ordinal).FirstOrDefault(mayChange);
    }

    /// <summary>The path of a function, param or constant under <c>may_change</c> that a condition or measure calls
    /// or reads, itself or through functions; null when there is none.</summary>
    public string? ChangingValue(BoundExpr judge, Func<string, bool> mayChange) =>
        reads.Behind(reads.NamesIn(judge), goesInto: _ => true).Order(StringComparer.Ordinal).FirstOrDefault(mayChange);

    // Paths of the params, constants and initial values that bear on what is reported.
    private HashSet<string> ValuesInto(string metric, Func<string, bool> mayChange)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        var seen = new HashSet<(CodeUnit Unit, string Name)>();
        var waiting = new Stack<(CodeUnit Unit, string Name)>();
        void Wait(CodeUnit unit, IEnumerable<string> names)
        {
            foreach (string name in names.Where(name => seen.Add((unit, name))))
            {
                waiting.Push((unit, name));
            }
        }

        foreach (CodeUnit unit in units)
        {
            Wait(unit, unit.Flow.IntoReports(metric));
        }

        while (waiting.TryPop(out var one))
        {
            bool isState = one.Unit.Agent.State.ContainsKey(one.Name);
            if (isState)
            {
                _ = found.Add(InitialOf(one.Unit, one.Name));
            }
            else
            {
                // Of functions what lies behind them; that they are called is no more than that they are judged.
                found.UnionWith(reads.Behind([one.Name], goesInto: path => !mayChange(path))
                    .Where(path => !path.StartsWith("functions.", StringComparison.Ordinal)));
            }

            foreach (CodeUnit unit in units.Where(unit => unit.Agent == one.Unit.Agent))
            {
                bool isNameThere = unit == one.Unit || isState || unit.Procedure == one.Name;
                Wait(unit, isNameThere ? unit.Flow.Into(one.Name) : []);
                Wait(unit, one.Unit.Procedure.Length == 0 ? [] : unit.Flow.IntoCalls(one.Unit.Procedure));
            }
        }

        return found;
    }

    private string InitialOf(CodeUnit unit, string state) => code.Module.IsOneAgent
        ? $"state.{state}"
        : $"agentic.agents.{unit.Agent.Symbol.Name}.state.{state}";

    private string PathOf(CodeUnit unit) => code.Module.IsOneAgent
        ? unit.Path
        : $"agentic.agents.{unit.Agent.Symbol.Name}.{unit.Path}";

    private static bool WritesWhatReads(CodeUnit writer, CodeUnit reader)
    {
        if (writer.Agent != reader.Agent)
        {
            return false;
        }

        var read = reader.All.SelectMany(facts => facts.Names).ToHashSet(StringComparer.Ordinal);
        return writer.All.SelectMany(facts => facts.Writes)
            .Any(path => writer.Agent.State.ContainsKey(path.Root) && read.Contains(path.Root));
    }
}
