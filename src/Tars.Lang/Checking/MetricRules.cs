using System.Collections.Immutable;
using Tars.Bundle.Manifest;
using Tars.Lang.Binding;
using Tars.Lang.Diagnostics;

namespace Tars.Lang.Checking;

/// <summary>Rules about who reports a metric, how often, and whether it may judge.</summary>
internal sealed class MetricRules(CodeReader code, ImmutableArray<CodeUnit> units)
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
    /// The path of some code under <c>may_change</c> that can report the metric, by call or by the state that its
    /// reporters read; null when there is none.
    /// </summary>
    public string? ChangingReporter(string metric, Func<string, bool> mayChange)
    {
        if (code.Module.Metrics.TryGetValue(metric, out int index)
            && code.Module.Symbol.Metrics[index].From != MetricSource.Module)
        {
            return null;
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

        return null;
    }

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
