using System.Collections.Immutable;
using System.Globalization;
using Tars.Bundle.Beliefs;
using Tars.Bundle.Manifest;
using Tars.Evolution.Edits;
using Tars.Evolution.Gates;
using Tars.Lang.Checking;
using Tars.Lang.Yaml;

namespace Tars.Evolution.Planning;

/// <summary>What would mend each thing that `check` finds odd about a belief graph, as edits, most certain first.
/// </summary>
/// <remarks>
/// A repair is a proposal like any other: whether it leaves a belief alone, compiles, costs nothing and mends anything
/// is found out by running it. What `check` calls an error is not here: a module that has one does not evolve.
/// </remarks>
internal sealed class BeliefRepairs
{
    /// <summary>The name of the rule.</summary>
    public const string Rule = "repair-beliefs";

    private const string Relations = "belief_graph.relations";
    private const string Beliefs = "belief_graph.beliefs";
    private const int Steps = 100;

    private readonly BeliefGraphSpec _graph;
    private readonly ImmutableArray<BeliefFinding> _findings;
    private readonly ImmutableArray<YamlNode.Mapping> _relations;

    private BeliefRepairs(BeliefGraphSpec graph, ImmutableArray<BeliefFinding> findings, YamlNode root)
    {
        _graph = graph;
        _findings = findings;
        _relations = DocumentPath.Find(root, Relations) is { } way
            && TreeEdit.Node(root, way.AsSpan()) is YamlNode.Sequence list
            ? [.. list.Items.Select(one => one.Value).OfType<YamlNode.Mapping>()]
            : [];
    }

    /// <param name="root">The document whose beliefs they are.</param>
    public static IEnumerable<Proposal> For(BeliefDoubts doubts, YamlNode root, CheckedEvolution evolution)
    {
        if (doubts.Graph is not { } graph)
        {
            return [];
        }

        var repairs = new BeliefRepairs(graph, doubts.Findings, root);
        return repairs._relations.Length != graph.Relations.Length
            ? []
            : repairs._findings.SelectMany(repairs.Of)
                .Where(one => one.Edits.All(edit => DocumentRules.MayChange(edit.Path, evolution)));
    }

    private IEnumerable<Proposal> Of(BeliefFinding finding) => finding switch
    {
        BeliefFinding.Frustrated all =>
            [Drop(all.Relations, $"Without {Listed(all.Relations)} no relation contradicts the rest.")],
        BeliefFinding.OddAttackCycle circle => OnCircle(circle.Beliefs).Select(one =>
            Drop([one], $"Without {Listed([one])} the circle of {circle.Beliefs.Length} attacks is cut.")),
        BeliefFinding.LargeComponent => WithinLargeComponents().Select(one =>
            Drop([one], $"Without {Listed([one])} fewer beliefs depend on each other in circles.")),
        BeliefFinding.Contradiction pair =>
        [
            .. Lower(pair.To, $"{Name(pair.From)} attacks it and is strong."),
            .. Lower(pair.From, $"{Name(pair.To)}, which it attacks, is strong."),
        ],
        BeliefFinding.StrongWithoutEvidence strong => Lower(strong.Belief, "Nothing ever gives evidence for it."),
        BeliefFinding.Orphan orphan =>
        [
            new Proposal(
                [new Edit.Remove(DocumentPath.Below(Beliefs, Name(orphan.Belief)))],
                Rule,
                $"{Name(orphan.Belief)} bears on nothing, nothing bears on it, and no code names it."),
        ],
        BeliefFinding.NotConverging => [Weaken()],
        _ => [],
    };

    private Proposal Drop(ImmutableArray<int> relations, string why) => new(
        [
            relations.Length == _relations.Length
                ? new Edit.Remove(Relations)
                : new Edit.Set(Relations, ListOf(place => relations.Contains(place) ? null : _relations[place])),
        ],
        Rule,
        why);

    // Strengths that swing settle when what goes round bears less.
    private Proposal Weaken()
    {
        var inCircles = Components(atLeast: 2).ToList();
        return new Proposal(
            [
                new Edit.Set(Relations, ListOf(place => IsWithin(place, inCircles)
                    ? WithWeight(_relations[place], _graph.Relations[place].Weight / 2)
                    : _relations[place])),
            ],
            Rule,
            "With half the weight of relations that go round in circles the strengths may settle.");
    }

    // The greatest prior of two digits with which it is not strong any more; none where even 0 would not do.
    private IEnumerable<Proposal> Lower(int belief, string why)
    {
        var graph = new BeliefGraph(_graph);
        double[] priors = [.. graph.Priors];
        double now = priors[belief];
        for (int steps = (int)Math.Ceiling(now * Steps); 0 <= steps; steps--)
        {
            double tried = (double)steps / Steps;
            priors[belief] = tried;
            if (tried < now && graph.Evaluate(priors).Strengths[belief] < BeliefChecks.Strong)
            {
                string text = CodeVariants.Text(tried, isInt: false);
                yield return new Proposal(
                    [new Edit.TuneNumber($"{DocumentPath.Below(Beliefs, Name(belief))}.prior", text)],
                    Rule,
                    $"With a prior of {text} {Name(belief)} is not strong any more. {why}");
                yield break;
            }
        }
    }

    private IEnumerable<int> OnCircle(ImmutableArray<int> beliefs) => beliefs.Select((from, place) =>
        _graph.Relations.ToList().FindIndex(one =>
            !one.Supports && one.From == from && one.To == beliefs[(place + 1) % beliefs.Length]))
        .Where(one => 0 <= one);

    private IEnumerable<int> WithinLargeComponents()
    {
        var large = Components(BeliefChecks.ComponentSizeMax + 1).ToList();
        return Enumerable.Range(0, _relations.Length).Where(place => IsWithin(place, large))
            .OrderBy(place => _graph.Relations[place].Weight);
    }

    private IEnumerable<HashSet<int>> Components(int atLeast) =>
        BeliefCycles.Components(_graph).Where(one => atLeast <= one.Length).Select(one => one.ToHashSet());

    private bool IsWithin(int relation, List<HashSet<int>> components) => components.Exists(one =>
        one.Contains(_graph.Relations[relation].From) && one.Contains(_graph.Relations[relation].To));

    // Of those that are kept, as they are written.
    private DataNode.List ListOf(Func<int, YamlNode.Mapping?> kept) => new(
        [.. Enumerable.Range(0, _relations.Length).Select(kept).OfType<YamlNode.Mapping>().Select(RecordOf)]);

    private static DataNode RecordOf(YamlNode.Mapping relation) => new DataNode.Record(
        [
            .. relation.Entries.Select(entry => KeyValuePair.Create(
                entry.Key.Value, (DataNode)new DataNode.Text((entry.Value as YamlNode.Scalar)?.Value ?? ""))),
        ]);

    private static YamlNode.Mapping WithWeight(YamlNode.Mapping relation, double weight) => relation with
    {
        Entries =
        [
            .. relation.Entries.Select(entry => entry.Key.Value == "weight"
                ? entry with { Value = NodeMaker.Key(CodeVariants.Text(CodeVariants.Rounded(weight), isInt: false)) }
                : entry),
        ],
    };

    private string Listed(ImmutableArray<int> relations)
    {
        var shown = relations.Take(Limits.ShownRelationsMax).Select(place => _graph.Relations[place]).Select(one =>
            $"`{Name(one.From)} {(one.Supports ? "supports" : "attacks")} {Name(one.To)}`");
        int rest = relations.Length - Limits.ShownRelationsMax;
        return string.Join(", ", shown)
            + (0 < rest ? string.Create(CultureInfo.InvariantCulture, $" and {rest} more") : "");
    }

    private string Name(int belief) => _graph.Beliefs[belief].Name;
}
