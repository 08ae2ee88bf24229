using System.Collections.Immutable;
using Tars.Bundle.Manifest;
using Tars.Lang.Binding;
using Tars.Lang.Diagnostics;
using Tars.Lang.Types;

namespace Tars.Lang.Checking;

/// <summary>Rules about who reports a metric, how often, and whether it may judge.</summary>
internal sealed class MetricRules(
    CodeReader code, ImmutableArray<CodeUnit> units, ImmutableArray<CheckedMeasure> measures, ValueReads reads)
{
    private const string AskBelief = "belief";

    private static readonly string[] _evidence = ["observe", "retract"];

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

        return Into(metric, mayChange, []).Order(StringComparer.Ordinal).FirstOrDefault(mayChange);
    }

    /// <summary>The beliefs of which priors and relations bear on what the module reports of a metric.</summary>
    public IEnumerable<string> BeliefsInto(string metric)
    {
        var beliefs = new HashSet<string>(StringComparer.Ordinal);
        _ = Into(metric, _ => false, beliefs);
        return beliefs.Order(StringComparer.Ordinal);
    }

    /// <summary>The path of a function, param or constant under <c>may_change</c> that a condition or measure calls
    /// or reads, itself or through functions; null when there is none.</summary>
    public string? ChangingValue(BoundExpr judge, Func<string, bool> mayChange) =>
        reads.Behind(reads.NamesIn(judge), goesInto: _ => true).Order(StringComparer.Ordinal).FirstOrDefault(mayChange);

    // Paths of the code that writes state or gives evidence, and of the params, constants, defaults and initial values
    // that bear on what is reported; and the beliefs that do.
    private HashSet<string> Into(string metric, Func<string, bool> mayChange, HashSet<string> beliefs)
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

        if (waiting.Count != 0)
        {
            found.UnionWith(DefaultsOfFields());
        }

        while (waiting.TryPop(out var one))
        {
            bool isState = one.Unit.Agent.State.ContainsKey(one.Name);
            bool isBelief = IsBelief(one.Unit, one.Name);
            if (isState)
            {
                _ = found.Add(InitialOf(one.Unit, one.Name));
                found.UnionWith(WritersOf(one.Unit.Agent, one.Name).Select(PathOf));
            }

            if (isBelief)
            {
                var bearing = Behind(one.Name);
                beliefs.UnionWith(bearing);
                foreach (CodeUnit unit in units.Where(unit => GivesEvidence(unit, bearing)))
                {
                    _ = found.Add(PathOf(unit));
                    Wait(unit, _evidence.SelectMany(unit.Flow.IntoCalls));
                }
            }

            if (!isState && !isBelief)
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

    private IEnumerable<CodeUnit> WritersOf(AgentScope agent, string state) => units.Where(unit =>
        unit.Agent == agent && unit.All.Any(facts => facts.Writes.Any(path => path.Root == state)));

    // A state field may have the name of a belief.
    private bool IsBelief(CodeUnit unit, string name) => code.Module.Beliefs.ContainsKey(name)
        && unit.Agent.Symbol.Name == code.Module.BeliefsOf && unit.All.Any(facts => facts.Calls.Contains(AskBelief));

    private static bool GivesEvidence(CodeUnit unit, HashSet<string> beliefs) => unit.All.Any(facts =>
        facts.Calls.Any(_evidence.Contains) && facts.Names.Any(beliefs.Contains));

    // The belief, and those that bear on it, through others too.
    private HashSet<string> Behind(string belief)
    {
        var behind = new HashSet<string>(StringComparer.Ordinal);
        var waiting = new Stack<int>([code.Module.Beliefs[belief]]);
        while (waiting.TryPop(out int at))
        {
            if (code.Module.Symbol.Beliefs is { } graph && behind.Add(graph.Beliefs[at].Name))
            {
                foreach (RelationSpec relation in graph.Relations.Where(relation => relation.To == at))
                {
                    waiting.Push(relation.From);
                }
            }
        }

        return behind;
    }

    // Whoever builds a record may leave such a field out.
    private IEnumerable<string> DefaultsOfFields() =>
        from type in code.Module.Types.Values.OfType<LangType.Record>()
        where type.Symbol.Module == code.Module.Symbol.Name
        from field in type.Symbol.Fields
        where field.Default is not null
        select $"types.{type.Symbol.Name}.{field.Name}";

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
