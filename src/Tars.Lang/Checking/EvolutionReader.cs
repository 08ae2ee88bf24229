using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Manifest;
using Tars.Lang.Binding;
using Tars.Lang.Diagnostics;
using Tars.Lang.Symbols;
using Tars.Lang.Yaml;

namespace Tars.Lang.Checking;

/// <summary>Reads <c>evolution</c>, and sees to it that no judge is within reach of what it judges.</summary>
internal sealed class EvolutionReader(
    CodeReader code,
    DocumentPaths paths,
    MetricRules rules,
    ImmutableArray<CheckedScenario> scenarios,
    Func<YamlNode, CheckedLoad?> openLoad)
{
    private static readonly string[] _kernelMeasures = ["fuel", "traps"];

    // The split on which no metric may get worse.
    private const string Chosen = "validation";

    private static readonly string[] _neededSplits = ["train", "validation"];

    // What a person alone changes, by key of the module or of an agent.
    private static readonly string[] _forbidden =
        ["scenarios", "tests", "metrics", "capabilities", "invariants", "evolution"];

    private ModuleScope Module => code.Module;

    public CheckedEvolution? Read(YamlNode? node)
    {
        if (node is not YamlNode.Mapping)
        {
            return null;
        }

        var mayChange = Paths(node.Get("may_change"), mayBeForbidden: false);
        var frozen = Paths(node.Get("frozen"), mayBeForbidden: true);
        bool MayChange(string unit) =>
            mayChange.Any(path => Covers(path, unit)) && !frozen.Any(path => Covers(path, unit));

        MetricName? objective = Objective(node.Get("objective"), MayChange);
        var tolerances = node.Get("must_not_regress").Entries().SelectMany(entry => Tolerance(entry, MayChange));
        CheckExpectations(MayChange);
        CheckInvariants(MayChange);
        CheckStimuli(MayChange);
        CheckSplits(node.Get("objective"));
        return new CheckedEvolution(
            objective ?? new MetricName(Environment: null, ""),
            mayChange,
            frozen,
            AtLeastOne(node.Get("nodes_at_most")),
            [.. tolerances],
            node.Get("planner").Text(),
            node.Get("seed").Int(),
            new EvolutionBudget(
                AtLeastOne(node.Get("budget").Get("evaluations")),
                AtLeastOne(node.Get("budget").Get("fuel")),
                AtLeastOne(node.Get("budget").Get("tokens")),
                AtLeastOne(node.Get("budget").Get("patience")),
                node.Get("budget").Get("target").Float()),
            AtLeastOne(node.Get("keep")),
            AtLeastOne(node.Get("versions_per_session")) ?? 1,
            node.Get("approval").Text(),
            node.Span)
        {
            Recorded = [.. node.Get("recorded").Items().Select(openLoad).OfType<CheckedLoad>()],
            JudgingBeliefs = objective is { Environment: null, Name: var name } ? [.. rules.BeliefsInto(name)] : [],
        };
    }

    /// <summary>Whether a path leads to a unit of code, or to something round it, or into it.</summary>
    private static bool Covers(string path, string unit) =>
        path == unit
        || unit.StartsWith(path + ".", StringComparison.Ordinal)
        || path.StartsWith(unit + ".", StringComparison.Ordinal);

    private ImmutableArray<string> Paths(YamlNode? node, bool mayBeForbidden)
    {
        var read = ImmutableArray.CreateBuilder<string>();
        foreach (YamlNode item in node.Items().Where(paths.Check))
        {
            string path = item.Text();
            bool isForbidden = path.Split('.').Any(part => Array.IndexOf(_forbidden, part) >= 0);
            if (isForbidden && !mayBeForbidden)
            {
                code.Report(Report.ForbiddenPath(item.Span, path));
                continue;
            }

            read.Add(path);
        }

        return read.ToImmutable();
    }

    private MetricName? Objective(YamlNode? node, Func<string, bool> mayChange)
    {
        if (node is not YamlNode.Scalar scalar || Find(scalar, isKernelKnown: false) is not MetricName name)
        {
            return null;
        }

        CheckReach(scalar, name, mayChange);
        CheckMeasured(scalar, name, isKernelKnown: false, scenarios.Where(one => one.Split.Length > 0));
        return name;
    }

    private IEnumerable<KeyValuePair<MetricName, double>> Tolerance(YamlEntry entry, Func<string, bool> mayChange)
    {
        if (Find(entry.Key, isKernelKnown: true) is MetricName name)
        {
            CheckReach(entry.Key, name, mayChange);
            CheckMeasured(entry.Key, name, isKernelKnown: true, scenarios.Where(one => one.Split == Chosen));
            double share = entry.Value is YamlNode.Scalar scalar ? Literals.Share(scalar.Value) ?? 0 : 0;
            yield return KeyValuePair.Create(name, share);
        }
    }

    private void CheckReach(YamlNode.Scalar at, MetricName name, Func<string, bool> mayChange)
    {
        if (name.Environment is null && rules.ChangingReporter(name.Name, mayChange) is string unit)
        {
            code.Report(Report.JudgeWithinReach(at.Span, name.Name, unit));
        }
    }

    // In a recorded load nothing that the module reports is heard: without a figure of that name its run says nothing.
    private void CheckMeasured(
        YamlNode.Scalar at, MetricName name, bool isKernelKnown, IEnumerable<CheckedScenario> asked)
    {
        bool isFigure = name.Environment is null && (LoadFigureNames.All.Contains(name.Name)
            || (isKernelKnown && Array.IndexOf(_kernelMeasures, name.Name) >= 0));
        if (!isFigure && asked.Any(one => one.Load is not null))
        {
            code.Report(Report.NotMeasuredInLoad(at.Span, name.Name, string.Join("`, `", LoadFigureNames.All)));
        }
    }

    /// <summary>
    /// A metric of the module, of an environment of a scenario, or of the kernel; else that is reported.
    /// </summary>
    private MetricName? Find(YamlNode.Scalar scalar, bool isKernelKnown)
    {
        string[] parts = scalar.Value.Split('.');
        if (parts.Length == 1)
        {
            if (Module.Metrics.ContainsKey(scalar.Value)
                || (isKernelKnown && Array.IndexOf(_kernelMeasures, scalar.Value) >= 0))
            {
                return new MetricName(Environment: null, scalar.Value);
            }
        }
        else
        {
            var worlds = scenarios.SelectMany(one => one.Environment).Where(pair => pair.Key == parts[0]).ToList();
            var found = worlds.FirstOrDefault(pair =>
                pair.Value.Symbol.Metrics.Any(metric => metric.Name == parts[^1]));
            if (parts.Length == 2 && found.Value is not null)
            {
                return new MetricName(found.Value.Symbol, parts[1]);
            }
        }

        if (!Module.Complaints.Recovery.MayBeDeclared(parts[^1]))
        {
            code.Report(Report.UnknownMetric(
                scalar.Span, scalar.Value, NearestName.Mend(scalar.Value, Module.Metrics.Keys)));
        }

        return null;
    }

    /// <summary>
    /// What evolution learns from or chooses by must not expect what the changed code itself reports.
    /// </summary>
    private void CheckExpectations(Func<string, bool> mayChange)
    {
        foreach (CheckedScenario scenario in scenarios.Where(one => one.Split.Length > 0))
        {
            var conditions = scenario.Expect.Concat(
                scenario.Steps.Select(step => step.Expect).OfType<CheckedExpectation>());
            foreach (CheckedExpectation expectation in conditions)
            {
                if (rules.ChangingValue(expectation.Condition, mayChange) is string path)
                {
                    code.Report(Report.JudgeWithinReach(expectation.Span, "expect", path));
                }

                foreach (int index in MetricsIn(expectation.Condition))
                {
                    MetricSpec metric = Module.Symbol.Metrics[index];
                    if (rules.ChangingReporter(metric.Name, mayChange) is string unit)
                    {
                        code.Report(Report.JudgeWithinReach(expectation.Span, metric.Name, unit));
                    }
                }
            }
        }
    }

    // Where one does not hold a run is void, so it judges as an expectation does.
    private void CheckInvariants(Func<string, bool> mayChange)
    {
        foreach (InvariantSymbol invariant in Module.Agents.Values.SelectMany(agent => agent.Symbol.Invariants))
        {
            CheckTold("invariants", invariant.Span, [invariant.Condition], mayChange);
        }
    }

    /// <summary>What is done in a scenario must not become another when a default does that may change.</summary>
    private void CheckStimuli(Func<string, bool> mayChange)
    {
        foreach (CheckedScenario scenario in scenarios.Where(one => one.Split.Length > 0))
        {
            var answers = scenario.Stubs.SelectMany(one => one.Answers).Select(one => one.Value);
            CheckTold("stubs", scenario.Span, answers, mayChange);
            foreach (CheckedStep step in scenario.Steps)
            {
                CheckTold("steps", step.Span, ValuesOf(step.Stimulus), mayChange);
            }
        }
    }

    private void CheckTold(string what, TextSpan at, IEnumerable<BoundExpr> values, Func<string, bool> mayChange)
    {
        var behind = values.SelectMany(value =>
            DefaultsIn(value).Where(mayChange).Append(rules.ChangingValue(value, mayChange)));
        if (behind.FirstOrDefault(path => path is not null) is string path)
        {
            code.Report(Report.JudgeWithinReach(at, what, path));
        }
    }

    private static ImmutableArray<BoundExpr> ValuesOf(Stimulus stimulus) => stimulus switch
    {
        Stimulus.Publish publish => [publish.Value],
        Stimulus.Device device => [device.Value],
        Stimulus.Ask ask => ask.Arguments,
        Stimulus.Set set => [set.Value],
        _ => [],
    };

    // The fields of records and cases of this module that a value leaves out.
    private List<string> DefaultsIn(BoundExpr value)
    {
        var found = new List<string>();
        BoundWalk.Visit(value, part =>
        {
            if (part is BoundExpr.MakeRecord record && record.Symbol.Module == Module.Symbol.Name)
            {
                found.AddRange(LeftOut(record.Fields, record.Symbol.Fields)
                    .Select(field => $"types.{record.Symbol.Name}.{field}"));
            }
            else if (part is BoundExpr.MakeCase made && made.Symbol.Module == Module.Symbol.Name
                && LeftOut(made.Fields, made.Case.Fields).Any())
            {
                found.Add($"types.{made.Symbol.Name}");
            }
        });
        return found;
    }

    private static IEnumerable<string> LeftOut(
        ImmutableArray<BoundFieldValue> values, ImmutableArray<FieldSymbol> fields) =>
        from value in values
        where ReferenceEquals(value.Value, fields[value.FieldIndex].Default)
        select fields[value.FieldIndex].Name;

    private static List<int> MetricsIn(BoundExpr condition)
    {
        var found = new List<int>();
        BoundWalk.Visit(condition, expr =>
        {
            if (expr is BoundExpr.Observed { What: Observation.Metric metric })
            {
                found.Add(metric.Index);
            }
        });
        return found;
    }

    private void CheckSplits(YamlNode? objective)
    {
        var missing = _neededSplits.Where(split => scenarios.All(one => one.Split != split)).ToList();
        if (objective is YamlNode.Scalar && missing.Count > 0)
        {
            code.Bag.Add(Report.SplitMissing(objective.Span, string.Join("` and none `split: ", missing)));
        }
    }

    private int? AtLeastOne(YamlNode? node)
    {
        if (node.Count() is int count && count < 1)
        {
            code.Report(Report.NotInRange(node!.Span, node.Text(), "1 and above"));
            return 1;
        }

        return node.Count();
    }
}
