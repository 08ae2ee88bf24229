using System.Collections.Immutable;
using System.Diagnostics;
using Tars.Base;
using Tars.Bundle.Beliefs;
using Tars.Bundle.Manifest;
using Tars.Lang.Diagnostics;
using Tars.Lang.Yaml;

namespace Tars.Lang.Checking;

/// <summary>Says in place what a graph of beliefs must not say, and what it hardly can mean.</summary>
internal sealed class BeliefRules(CodeReader code, YamlNode node, BeliefGraphSpec graph)
{
    private const int RelationsShownMax = 4;

    private readonly List<YamlNode> _relations = [.. node.Get("relations").Items()];

    /// <param name="observed">The beliefs that the module's code gives evidence for.</param>
    /// <returns>What was told of the graph as a whole, in the order of the checks.</returns>
    public ImmutableArray<BeliefFinding> Run(IReadOnlySet<string> observed)
    {
        var told = ImmutableArray.CreateBuilder<BeliefFinding>();
        var start = new TextSpan(node.Get("beliefs")?.Span.Start ?? node.Span.Start, 0);
        if (Limits.BeliefCountMax < graph.Beliefs.Length || Limits.RelationCountMax < graph.Relations.Length)
        {
            code.Report(Report.BeliefProblem(
                start,
                $"more than {Limits.BeliefCountMax} beliefs or {Limits.RelationCountMax} relations",
                "split the graph between agents"));
            return [];
        }

        // Relations that could not be read are not in the graph, so places would be those of others.
        if (_relations.Count != graph.Relations.Length)
        {
            return [];
        }

        var indexes = Enumerable.Range(0, graph.Beliefs.Length)
            .Where(index => observed.Contains(graph.Beliefs[index].Name))
            .ToHashSet();
        foreach (BeliefFinding finding in BeliefChecks.Find(graph, indexes))
        {
            bool isWorthTelling = finding switch
            {
                BeliefFinding.Orphan orphan => !IsNamed(orphan.Belief),
                BeliefFinding.Contradiction pair => pair.From < pair.To || !IsMutual(pair),
                _ => true,
            };
            if (isWorthTelling)
            {
                code.Bag.Add(Describe(finding, start));
                told.Add(finding);
            }
        }

        return told.ToImmutable();
    }

    // A pair that attacks each other is told once.
    private bool IsMutual(BeliefFinding.Contradiction pair) => graph.Relations.Any(relation =>
        !relation.Supports && relation.From == pair.To && relation.To == pair.From);

    private bool IsNamed(int belief) => code.Module.Usage.IsUsed(graph.Beliefs[belief])
        || code.Module.Complaints.Recovery.IsMentioned(graph.Beliefs[belief].Name);

    private Diagnostic Describe(BeliefFinding finding, TextSpan start) => finding switch
    {
        BeliefFinding.SelfAttack self => Self(self.Relation),
        BeliefFinding.SelfSupport self => Self(self.Relation),
        BeliefFinding.SupportsAndAttacks both => Report.BeliefProblem(
            _relations[Math.Max(both.Support, both.Attack)].Span,
            $"`{Name(graph.Relations[both.Attack].From)}` both supports and attacks "
                + $"`{Name(graph.Relations[both.Attack].To)}`",
            "keep one of the two relations"),
        BeliefFinding.Contradiction pair => Report.BeliefDoubt(
            PlaceOf(pair.To),
            $"`{Name(pair.From)}` and `{Name(pair.To)}` contradict each other and are both strong",
            "lower one of the priors"),
        BeliefFinding.OddAttackCycle circle => Report.BeliefDoubt(
            start,
            $"a circle with an odd number of attacks: {string.Join(" → ", circle.Beliefs.Select(Name))}",
            "drop one of its relations"),
        BeliefFinding.Frustrated frustrated => Report.BeliefDoubt(
            _relations[frustrated.Relations[0]].Span,
            $"{(frustrated.IsExact ? "" : "at most ")}{frustrated.Relations.Length} of {graph.Relations.Length} "
                + $"relations contradict the rest: {Listed(frustrated.Relations)}",
            "drop them: then no circle, whatever its directions, has an odd number of attacks"),
        BeliefFinding.LargeComponent large => Report.BeliefDoubt(
            start,
            $"{large.Size} beliefs depend on each other in circles",
            "cut the circles: let evidence flow one way"),
        BeliefFinding.Orphan orphan => Report.BeliefDoubt(
            PlaceOf(orphan.Belief),
            $"belief `{Name(orphan.Belief)}` stands alone and no code names it",
            "relate it, observe it, or delete it"),
        BeliefFinding.StrongWithoutEvidence strong => Report.BeliefDoubt(
            PlaceOf(strong.Belief),
            $"belief `{Name(strong.Belief)}` is strong and nothing ever gives evidence for it",
            "observe it, support it, or lower its prior"),
        BeliefFinding.NotConverging => Report.BeliefDoubt(
            start, "the strengths do not settle", "weaken relations that go round in circles"),

        // The reader of the graph reports relations of unknown beliefs and leaves them out.
        _ => throw new UnreachableException(),
    };

    private Diagnostic Self(int relation) => Report.BeliefProblem(
        _relations[relation].Span,
        $"`{Name(graph.Relations[relation].From)}` bears on itself",
        "delete the relation");

    private string Listed(ImmutableArray<int> relations)
    {
        var shown = relations.Take(RelationsShownMax).Select(place => graph.Relations[place]).Select(one =>
            $"`{Name(one.From)}` {(one.Supports ? "supports" : "attacks")} `{Name(one.To)}`");
        return string.Join(", ", shown) + (RelationsShownMax < relations.Length ? ", …" : "");
    }

    private string Name(int belief) => graph.Beliefs[belief].Name;

    private TextSpan PlaceOf(int belief) =>
        node.Get("beliefs").Entries().FirstOrDefault(entry => entry.Key.Value == Name(belief))?.Key.Span ?? node.Span;
}
