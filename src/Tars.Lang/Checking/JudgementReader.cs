using System.Collections.Immutable;
using Tars.Bundle.Manifest;
using Tars.Lang.Binding;
using Tars.Lang.Diagnostics;
using Tars.Lang.Symbols;
using Tars.Lang.Types;
using Tars.Lang.Yaml;

namespace Tars.Lang.Checking;

/// <summary>Reads beliefs, metrics, reflection and tests.</summary>
internal sealed class JudgementReader(CodeReader code)
{
    private ModuleScope Module => code.Module;

    public void DeclareMetrics(YamlNode? metrics)
    {
        foreach (YamlEntry entry in metrics.Entries())
        {
            YamlNode node = entry.Value;
            MetricKind kind = node.Get("kind").Text() switch
            {
                "sum" => MetricKind.Sum,
                "mean" => MetricKind.Mean,
                "max" => MetricKind.Max,
                "once" => MetricKind.Once,
                _ => MetricKind.Last,
            };
            MetricSource source = node.Get("from").Text() switch
            {
                "environment" => MetricSource.Environment,
                "channels" => MetricSource.Channels,
                _ => MetricSource.Module,
            };
            if ((source == MetricSource.Channels) != (node.Get("of") is not null) && node is YamlNode.Mapping)
            {
                code.Report(source == MetricSource.Channels
                    ? Report.MissingKey(entry.Key.Span, "a metric `from: channels`", "of")
                    : Report.KeyNotHere(node.Get("of")!.Span, "of", "a metric that is not `from: channels`"));
            }

            Module.Metrics[entry.Key.Value] = Module.Symbol.Metrics.Length;
            Module.Symbol.Metrics = Module.Symbol.Metrics.Add(new MetricSpec(
                entry.Key.Value,
                kind,
                node.Get("goal").Text() != "minimize",
                node.Get("unit").Text(),
                node.Get("about").Text(),
                source));
        }
    }

    /// <summary>What the kernel is to work out over published messages.</summary>
    public ImmutableArray<CheckedMeasure> BindMetrics(YamlNode? metrics)
    {
        var measures = ImmutableArray.CreateBuilder<CheckedMeasure>();
        foreach (YamlEntry entry in metrics.Entries())
        {
            if (entry.Value.Get("of") is YamlNode.Scalar of && entry.Value.Get("from").Text() == "channels")
            {
                BoundExpr measured = Expectation().BindNumber(code.Expression(of));
                CheckOverChannels(of, measured);
                measures.Add(new CheckedMeasure(Module.Metrics[entry.Key.Value], measured));
            }
        }

        return measures.ToImmutable();
    }

    /// <summary>The kernel sees what is published and nothing else of a process.</summary>
    private void CheckOverChannels(YamlNode.Scalar of, BoundExpr measured)
    {
        var observed = new List<Observation>();
        BoundWalk.Visit(measured, one =>
        {
            if (one is BoundExpr.Observed seen)
            {
                observed.Add(seen.What);
            }
        });
        if (observed.Count == 0 || observed.Exists(one => one is not Observation.Published))
        {
            code.Report(Report.NotOverChannels(of.Span));
        }
    }

    private BodyBinder Expectation() => new(Module, agent: null, CodeKind.Expectation)
    {
        Expectation = ExpectationScope.Empty,
    };

    public void DeclareBeliefs(YamlNode? graph)
    {
        if (graph is not YamlNode.Mapping)
        {
            return;
        }

        var beliefs = ImmutableArray.CreateBuilder<BeliefSpec>();
        foreach (YamlEntry entry in graph.Get("beliefs").Entries())
        {
            Module.Beliefs[entry.Key.Value] = beliefs.Count;
            beliefs.Add(new BeliefSpec(
                entry.Key.Value, entry.Value.Get("claim").Text(), ShareOf(entry.Value.Get("prior"))));
        }

        Module.BeliefsOf = OwnerOf(graph);
        Module.Symbol.Beliefs = new BeliefGraphSpec(
            Module.BeliefsOf ?? "", beliefs.ToImmutable(), [.. graph.Get("relations").Items().SelectMany(Relation)]);
    }

    private string? OwnerOf(YamlNode graph)
    {
        if (graph.Get("of") is not YamlNode of)
        {
            if (Module.Agents.Count == 1)
            {
                return Module.Agents.Keys.First();
            }

            code.Report(Report.MissingKey(
                graph.Entries() is [var first, ..] ? first.Key.Span : graph.Span,
                "a belief graph among several agents",
                "of"));
            return null;
        }

        if (Module.Agents.ContainsKey(of.Text()))
        {
            return of.Text();
        }

        if (of is YamlNode.Scalar && !Module.Complaints.Recovery.MayBeDeclared(of.Text()))
        {
            string nearest = NearestName.Of(of.Text(), Module.Agents.Keys);
            code.Report(Report.NoSuchTarget(
                of.Span, $"no agent `{of.Text()}`", nearest.Length == 0 ? "" : $"did you mean `{nearest}`?"));
        }

        return null;
    }

    private double ShareOf(YamlNode? node)
    {
        if (node.Float() is not double share || (share >= 0 && share <= 1))
        {
            return node.Float() ?? 0;
        }

        code.Report(Report.NotInRange(node!.Span, node.Text(), "0 to 1"));
        return 0;
    }

    private IEnumerable<RelationSpec> Relation(YamlNode node)
    {
        bool supports = node.Get("supports") is not null;
        bool attacks = node.Get("attacks") is not null;
        double weight = ShareOf(node.Get("weight"));
        int? from = Belief(node.Get("from"));
        if (supports == attacks)
        {
            if (node is YamlNode.Mapping { Entries: [var first, ..] })
            {
                code.Report(Report.OneOfKeys(
                    first.Key.Span, "a relation", "supports", "attacks", toAdd: supports ? null : "supports: …"));
            }

            yield break;
        }

        int? to = Belief(node.Get(supports ? "supports" : "attacks"));
        if (from is int one && to is int other)
        {
            yield return new RelationSpec(one, other, supports, weight);
        }
    }

    private int? Belief(YamlNode? node)
    {
        if (node is not YamlNode.Scalar scalar)
        {
            return null;
        }

        if (Module.Beliefs.TryGetValue(scalar.Value, out int index))
        {
            return index;
        }

        if (!Module.Complaints.Recovery.MayBeDeclared(scalar.Value))
        {
            string nearest = NearestName.Of(scalar.Value, Module.Beliefs.Keys);
            code.Report(Report.UnknownBelief(
                scalar.Span, scalar.Value, nearest.Length == 0 ? "" : $"did you mean `{nearest}`?"));
        }

        return null;
    }

    public void BindTests(YamlNode? tests)
    {
        var bound = ImmutableArray.CreateBuilder<TestSymbol>();
        foreach (YamlNode test in tests.Items())
        {
            YamlNode? name = test.Get("name");
            var binder = new BodyBinder(Module, agent: null, CodeKind.Test);
            BoundBlock body = binder.BindBody(code.Body(test.Get("do")), CoreTypes.Unit, test.Span);
            if (name is not null && bound.Any(one => one.Name == name.Text()))
            {
                code.Report(Report.NameTaken(name.Span, name.Text(), "the name of a test"));
            }

            bound.Add(new TestSymbol(name.Text(), body, name?.Span ?? test.Span));
        }

        Module.Symbol.Tests = bound.ToImmutable();
    }

    public ImmutableArray<CheckedReflection> BindReflections(YamlNode? reflections, DocumentPaths paths)
    {
        var bound = ImmutableArray.CreateBuilder<CheckedReflection>();
        foreach (YamlNode node in reflections.Items())
        {
            BoundExpr when = node.Get("when") is YamlNode.Scalar condition
                ? Expectation().BindValue(code.Expression(condition), CoreTypes.Bool)
                : new BoundExpr.Bad(node.Span);
            foreach (YamlNode path in node.Get("suggest").Items())
            {
                paths.Check(path);
            }

            bound.Add(new CheckedReflection(
                when,
                node.Get("diagnose").Text(),
                [.. node.Get("suggest").Items().Select(path => path.Text())],
                node.Span));
        }

        return bound.ToImmutable();
    }
}
