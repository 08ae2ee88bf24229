using System.Collections.Immutable;
using System.Globalization;
using Tars.Base;
using Tars.Bundle.Beliefs;
using Tars.Bundle.Manifest;
using Tars.Evolution.Changes;
using Tars.Evolution.Gates;
using Tars.Evolution.Scenarios;
using Tars.Evolution.Search;
using Tars.Kernel.Ports;
using Tars.Lang;
using Tars.Lang.Checking;
using Tars.Lang.Diagnostics;
using Tars.Lang.Yaml;

namespace Tars.Evolution.Analysis;

/// <summary>Finds out what is known of a module: by its checker, its scenarios and the version before it.</summary>
/// <remarks>What has `split: test` is not run here either: what is known of it, somebody would learn from.</remarks>
public sealed class Analyzer
{
    private static readonly ImmutableArray<string> _splits = ["train", "validation"];

    private readonly EvolutionProblem _problem;
    private readonly CheckResult _check;
    private readonly ISearchParts _parts;
    private readonly CancellationToken _stop;
    private readonly SourceText _source;
    private readonly ScenarioOptions _options = new() { AnswersLater = false, LooksInto = true };
    private readonly Lazy<YamlNode> _root;
    private readonly Evaluation _evaluation;
    private readonly ImmutableArray<Finding>.Builder _findings = ImmutableArray.CreateBuilder<Finding>();

    private Analyzer(EvolutionProblem problem, CheckResult check, ISearchParts parts, CancellationToken stop)
    {
        _problem = problem;
        _check = check;
        _parts = parts;
        _stop = stop;
        _source = check.Files[0].Source; // As its author laid it out, so that lines are his.
        _root = new Lazy<YamlNode>(() => YamlReader.Read(_source, new DiagnosticBag()));
        _evaluation = Evaluation.Run(_source.Text, problem, parts, _splits, _options, stop);
    }

    /// <param name="check">Of the module.</param>
    /// <param name="before">The text of the version before, or null.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static ModuleAnalysis Run(
        EvolutionProblem problem,
        CheckResult check,
        string? before,
        ISearchParts parts,
        CancellationToken stop = default)
    {
        var analyzer = new Analyzer(problem, check, parts, stop);
        analyzer.Warn();
        analyzer.Compare(before);
        analyzer.Measure();
        analyzer.Judge();
        analyzer.Believe();
        analyzer.Reflect();
        analyzer.Cover();
        var tried = analyzer._evaluation;
        return new ModuleAnalysis(analyzer._findings.ToImmutable())
        {
            Refusals = tried.Runs.All(one => !one.Outcome.Refused.IsEmpty) ? tried.Refusals : [],
        };
    }

    private void Warn()
    {
        foreach (var one in _check.Diagnostics.Where(one => one.Severity == Severity.Warning))
        {
            Add(FindingKind.Warning, "", $"{one.Code}: {one.Title}");
        }
    }

    private void Compare(string? before)
    {
        if (before is null)
        {
            return;
        }

        var old = YamlReader.Read(new SourceText(_problem.Source.Name, before), new DiagnosticBag());
        var now = YamlReader.Read(_problem.Source, new DiagnosticBag());
        foreach (var change in DocumentDiff.Between(old, now))
        {
            Add(FindingKind.Change, change.Path, change.Kind.ToString().ToLowerInvariant());
        }
    }

    private void Measure()
    {
        if (_evaluation.Problem.Length != 0)
        {
            Add(FindingKind.Void, "", _evaluation.Problem);
            return;
        }

        foreach (string split in _splits)
        {
            double? cost = _evaluation.Mean(split);
            double? value = _problem.Minimize ? cost : -cost;
            Add(FindingKind.Objective, $"metrics.{_problem.Metric}", $"{_problem.Metric} on {split}", value);
            var runs = _evaluation.Of(split);
            Add(FindingKind.Fuel, "", $"fuel of a run on {split}", runs.Average(one => (double)one.Outcome.Fuel));
            foreach (string name in runs.SelectMany(one => one.Outcome.Metrics).Where(IsOther)
                .Select(one => one.Name).Distinct(StringComparer.Ordinal))
            {
                var values = runs.SelectMany(one => one.Outcome.Metrics).Where(one => IsOther(one) && one.Name == name)
                    .Select(one => one.Value).OfType<double>().ToList();
                Add(
                    FindingKind.Metric,
                    $"metrics.{name}",
                    $"{name} on {split}",
                    values.Count == 0 ? null : values.Average());
            }
        }
    }

    private bool IsOther(MetricSeries series) =>
        series.Module == _problem.Module && (series.Name != _problem.Metric || series.Module != _problem.MetricModule);

    private void Judge()
    {
        foreach (var (_, outcome, cost) in _evaluation.Runs)
        {
            string run = outcome.Name;
            foreach (string trap in outcome.Traps)
            {
                Add(FindingKind.Trap, "", $"{run}: {trap}");
            }

            foreach (var check in outcome.Checks.Where(one => !one.Held))
            {
                Add(FindingKind.Expectation, "scenarios", $"{run}: {check.Text}: {check.Detail}");
            }

            foreach (string reason in outcome.Refused.Concat(outcome.Notes))
            {
                Add(FindingKind.Void, "scenarios", $"{run}: {reason}");
            }

            if (cost is null && outcome.Passed && outcome.TrapCount == 0)
            {
                Add(FindingKind.Void, "scenarios", $"{run}: no number of {_problem.Metric}");
            }
        }
    }

    private void Believe()
    {
        if (_evaluation.Manifest?.Beliefs is not { } graph)
        {
            return;
        }

        var repair = Frustration.RepairOf(graph);
        if (0 < repair.Relations.Length)
        {
            string most = repair.IsExact ? "" : "at most ";
            var dropped =
                from relation in repair.Relations.Select(place => graph.Relations[place])
                let bears = relation.Supports ? "supports" : "attacks"
                select $"{graph.Beliefs[relation.From].Name} {bears} {graph.Beliefs[relation.To].Name}";
            Add(
                FindingKind.Belief,
                "belief_graph.relations",
                $"{most}{repair.Relations.Length} relations contradict the rest; without them none does: "
                    + string.Join(", ", dropped));
        }
    }

    private void Reflect()
    {
        foreach (var (place, rule) in _check.Reflections.Index())
        {
            int runs = _evaluation.Runs.Count(one => one.Outcome.Reflected.Contains(place));
            if (runs == 0)
            {
                continue;
            }

            double share = (double)runs / _evaluation.Runs.Length;
            foreach (string path in rule.Suggest.DefaultIfEmpty(""))
            {
                Add(FindingKind.Reflection, path, rule.Diagnose, share);
            }
        }
    }

    // A handler ran when it came to its end once; what it came to before it trapped was come to all the same.
    private void Cover()
    {
        if (_evaluation.Manifest is not { } manifest)
        {
            return;
        }

        var ran = _evaluation.Runs.SelectMany(one => one.Outcome.Handled).ToHashSet(StringComparer.Ordinal);
        var counted = BranchCoverage.Of(
            _source, _evaluation.Runs, _parts, new CoverageOrder(_splits, _options), out string why, _stop);
        foreach (var agent in manifest.Agents)
        {
            foreach (var (place, handler) in agent.Handlers.Select(HandlerText.Of).Index())
            {
                if (!ran.Contains($"{agent.Name}: {handler}"))
                {
                    bool isBegun = counted?.Begins(agent.Name, place) == true;
                    string how = isBegun ? "comes to its end in no scenario" : "runs in no scenario";
                    string path = PathOf(agent.Name, "handlers", handler);
                    Add(FindingKind.Uncovered, path, $"{agent.Name}: {handler} {how}");
                }
            }
        }

        if (counted is not null)
        {
            CoverBranches(manifest, counted);
        }
        else if (why.Length != 0)
        {
            Add(FindingKind.Uncovered, "", $"branches are not counted: {why}");
        }
    }

    // A whole handler was told before.
    private void CoverBranches(BundleManifest manifest, BranchCoverage counted)
    {
        var told = counted.Missed.Where(one => one is not { Kind: BranchKind.Body, Handler: >= 0 }).ToList();
        foreach (var branch in told.Take(Limits.UncoveredMax))
        {
            string path = branch switch
            {
                { Handler: >= 0 and var place } => PathOf(
                    branch.Agent,
                    "handlers",
                    HandlerText.Of(manifest.Agents.First(one => one.Name == branch.Agent).Handlers[place])),
                { Agent.Length: > 0 } => PathOf(branch.Agent, "procedures", branch.Name),
                _ => $"functions.{branch.Name}",
            };
            _findings.Add(new Finding(FindingKind.Uncovered, CodeOf(path), BranchText.Of(branch, _source))
            {
                At = _source.PositionOf(branch.Span.Start),
            });
        }

        Tell(told.Count - Limits.UncoveredMax, "more branches that no scenario comes to");
        Tell(counted.Branches.Length - counted.Reached.Length, "branches are too many to be counted");
        Tell(
            counted.Others.Length,
            "runs go another way when their branches are counted, so they say nothing of them, the first being "
                + counted.Others.FirstOrDefault());

        void Tell(int count, string what)
        {
            if (0 < count)
            {
                Add(FindingKind.Uncovered, "", string.Create(CultureInfo.InvariantCulture, $"{count} {what}"));
            }
        }
    }

    // A template has its text under another key.
    private string CodeOf(string path) => DocumentPath.Find(_root.Value, $"{path}.do") is null ? path : $"{path}.do";

    private string PathOf(string agent, string block, string key)
    {
        string home = $"agentic.agents.{agent}.{block}";
        return Find(block, DocumentRules.Find(_root.Value, block))
            ?? Find(home, DocumentRules.Find(_root.Value, "agentic", "agents", agent, block))
            ?? $"{home}.{DocumentPath.Part(key)}";

        string? Find(string path, YamlNode? node) => (node as YamlNode.Mapping)?.Entries
            .Select(one => DocumentPath.Below(path, one.Key.Value))
            .FirstOrDefault(one => UntriedCode.Plain(one) == UntriedCode.Plain($"{path}.{DocumentPath.Part(key)}"));
    }

    private void Add(FindingKind kind, string path, string text, double? value = null) =>
        _findings.Add(new Finding(kind, path, text, value));
}
