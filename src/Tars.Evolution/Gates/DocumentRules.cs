using System.Collections.Immutable;
using Tars.Evolution.Changes;
using Tars.Evolution.Edits;
using Tars.Lang.Checking;
using Tars.Lang.Diagnostics;
using Tars.Lang.Parsing;
using Tars.Lang.Syntax;
using Tars.Lang.Yaml;

namespace Tars.Evolution.Gates;

/// <summary>What the next version of a metascript may differ in, asked of the two documents.</summary>
/// <remarks>
/// It is the version before that says what may change; how the next one came to be is not asked, so no planner can
/// talk its way round this.
/// </remarks>
public static class DocumentRules
{
    // The keys of a relation that name beliefs.
    private static readonly string[] _ends = ["from", "supports", "attacks"];

    // What a person alone changes; EvolutionReader refuses to have them in `may_change`.
    private static readonly string[] _judges =
        ["scenarios", "tests", "metrics", "invariants", "evolution"];

    // Where more can be reached from.
    private static readonly string[] _reach = ["capabilities", "imports", "implements", "code"];

    // Of an agent what no run that counts can feel, since where something traps nothing counts; so nothing would stand
    // against a change of it.
    private static readonly string[] _unfelt =
        ["instructions", "on_trap", "journal", "isolation", "reject_after", "limits"];

    /// <param name="evolution">Of the version before.</param>
    /// <returns>Every reason why not, in the order of the document; none when all is well.</returns>
    public static ImmutableArray<Refusal> Judge(YamlNode before, YamlNode after, CheckedEvolution evolution)
    {
        var refusals = ImmutableArray.CreateBuilder<Refusal>();
        var changes = DocumentDiff.Between(before, after);
        var keys = KeysOfPoints("", before).Concat(KeysOfPoints("", after)).Distinct().ToList();
        foreach (var change in changes)
        {
            if (Refuse(change, before, keys, evolution) is { } refusal)
            {
                refusals.Add(refusal);
            }
        }

        refusals.AddRange(OrphanedBeliefs(before, after));
        refusals.AddRange(DuplicateSkills(after));
        refusals.AddRange(TooLarge(after, changes, evolution));
        return refusals.ToImmutable();
    }

    private static Refusal? Refuse(
        DocumentChange change,
        YamlNode before,
        List<(string Above, string Path)> keysOfPoints,
        CheckedEvolution evolution)
    {
        string section = SectionOf(change.Path);
        if (change.IsUnknownKey)
        {
            return new Refusal(RefusalKind.ForbiddenField, change.Path, "the language knows no such key there");
        }

        bool isLost = change.Kind is ChangeKind.Removed or ChangeKind.Changed
            && JudgesOfAgents(before).Any(path => Covers(change.Path, path));
        if (_judges.Contains(section) || isLost)
        {
            return new Refusal(RefusalKind.JudgeTouched, change.Path, "a person alone changes how it is judged");
        }

        if (_reach.Contains(section) && change.Kind != ChangeKind.Removed)
        {
            return new Refusal(RefusalKind.CapabilityWidened, change.Path, "a person alone gives more to touch");
        }

        if (change.Path == "version")
        {
            return null; // Every next version has another.
        }

        string[] places = change.Kind == ChangeKind.Renamed ? [PlaceBefore(change), change.Path] : [change.Path];
        if (places.FirstOrDefault(place => evolution.Frozen.Any(path => Covers(path, place))) is { } frozen)
        {
            return new Refusal(RefusalKind.FrozenPath, frozen, "it is frozen");
        }

        if (places.Select(place => UnfeltAbove(place, before)).OfType<string>()
            .FirstOrDefault(one => !evolution.MayChange.Any(path => Covers(one, path))) is { } unnamed)
        {
            return new Refusal(
                RefusalKind.FrozenPath, change.Path, $"no run feels it, so `may_change` has to name {unnamed} itself");
        }

        return evolution.MayChange.Any(path => Covers(path, change.Path)
                && !keysOfPoints.Any(key => EndsWithin(key, path) && Covers(key.Path, change.Path)))
            ? null
            : new Refusal(RefusalKind.FrozenPath, change.Path, "`may_change` does not lead there");
    }

    // The path of what no run feels, at a path or above it; null for all else, and for what is new as a whole.
    private static string? UnfeltAbove(string path, YamlNode before)
    {
        string[] parts = path.Split('.', '[');
        return parts switch
        {
            ["agentic", "agents", var agent, var key, ..]
                when _unfelt.Contains(key) && Find(before, "agentic", "agents", agent) is not null =>
                $"agentic.agents.{agent}.{key}",
            ["params", var param, "range", ..] when Find(before, "params", param) is not null =>
                $"params.{param}.range",
            ["agentic", "supervision", ..] => "agentic.supervision",
            [var key, ..] when _unfelt.Contains(key) => key,
            _ => null,
        };
    }

    /// <summary>Whether `evolution` lets a path change: within reach, not frozen, and no judge.</summary>
    internal static bool MayChange(string path, CheckedEvolution evolution)
    {
        string section = SectionOf(path);
        return !_judges.Contains(section) && !_reach.Contains(section)
            && evolution.MayChange.Any(one => Covers(one, path)) && !evolution.Frozen.Any(one => Covers(one, path));
    }

    // Of an agent among several: the key of the agent.
    private static string SectionOf(string path)
    {
        string[] parts = path.Split('.', '[');
        return parts is ["agentic", "agents", _, var key, ..] ? key : parts[0];
    }

    // What is renamed leaves a place, and that may be a frozen one.
    private static string PlaceBefore(DocumentChange renamed) =>
        renamed.Path[..^DocumentPath.Part(renamed.After).Length] + DocumentPath.Part(renamed.Before);

    // With an agent goes what judges it.
    private static IEnumerable<string> JudgesOfAgents(YamlNode root) =>
        from agent in Mapping(root, "agentic", "agents")
        from key in Mapping(agent.Value)
        where _judges.Contains(key.Key.Value)
        select $"agentic.agents.{DocumentPath.Part(agent.Key.Value)}.{key.Key.Value}";

    // A key may hold points: the path of `http GET /a.json` looks as if it led into `http GET /a` beside it.
    private static IEnumerable<(string Above, string Path)> KeysOfPoints(string above, YamlNode node)
    {
        foreach (var entry in (node as YamlNode.Mapping)?.Entries ?? [])
        {
            string path = DocumentPath.Below(above, entry.Key.Value);
            if (DocumentPath.Part(entry.Key.Value).Contains('.', StringComparison.Ordinal))
            {
                yield return (above, path);
            }

            foreach (var inner in KeysOfPoints(path, entry.Value))
            {
                yield return inner;
            }
        }
    }

    // A path that ends within such a key leads to a neighbour of it.
    private static bool EndsWithin((string Above, string Path) key, string path) =>
        key.Above.Length < path.Length && key.Path.StartsWith(path + ".", StringComparison.Ordinal);

    private static bool Covers(string path, string changed) =>
        changed == path
        || changed.StartsWith(path + ".", StringComparison.Ordinal)
        || changed.StartsWith(path + "[", StringComparison.Ordinal);

    private static IEnumerable<Refusal> OrphanedBeliefs(YamlNode before, YamlNode after)
    {
        var beliefs = Beliefs(after);
        var related = Related(after);
        foreach (string gone in related.Where(one => !beliefs.Contains(one)))
        {
            yield return new Refusal(RefusalKind.OrphanedBelief, "belief_graph.relations", $"{gone} is no belief");
        }

        var wereAlone = Beliefs(before).Where(one => !Related(before).Contains(one)).ToList();
        var words = beliefs.Count == 0 ? [] : WordsOfCode(after).ToHashSet(StringComparer.Ordinal);
        foreach (string belief in beliefs)
        {
            if (!related.Contains(belief) && !wereAlone.Contains(belief) && !words.Contains(belief))
            {
                yield return new Refusal(
                    RefusalKind.OrphanedBelief,
                    $"belief_graph.beliefs.{belief}",
                    "no relation leads to it or from it, and no code names it");
            }
        }
    }

    private static List<string> Beliefs(YamlNode root) =>
        [.. Mapping(root, "belief_graph", "beliefs").Select(entry => entry.Key.Value)];

    private static List<string> Related(YamlNode root) =>
    [
        .. ((Find(root, "belief_graph", "relations") as YamlNode.Sequence)?.Items ?? [])
            .Select(item => item.Value).OfType<YamlNode.Mapping>()
            .SelectMany(relation => _ends.Select(relation.Find))
            .OfType<YamlNode.Scalar>().Select(one => one.Value).Distinct(StringComparer.Ordinal),
    ];

    private static IEnumerable<string> WordsOfCode(YamlNode root) => Bodies("", root, KeyTable.Root)
        .SelectMany(body => NamesIn(CodeTree.Of(CodeParser.ParseBody(body.Code.Slice, new DiagnosticBag()))));

    // All code under keys; none of a list, where only judges have some.
    internal static IEnumerable<(string Path, YamlNode.Scalar Code)> Bodies(string path, YamlNode node, KeyShape shape)
    {
        switch (node)
        {
            case YamlNode.Mapping mapping:
                return mapping.Entries.SelectMany(entry => Bodies(
                    DocumentPath.Below(path, entry.Key.Value),
                    entry.Value,
                    Lang.Formatting.Shapes.ValueOf(shape, mapping, entry)));
            case YamlNode.Scalar scalar when shape is KeyShape.Scalar { Reading: Reading.Code }:
                return [(path, scalar)];
            default:
                return [];
        }
    }

    /// <summary>Names that stand as values in a piece of code, and of what it calls.</summary>
    internal static IEnumerable<string> NamesIn(CodeTree tree) => (tree.Value switch
    {
        Expr.Name name => [name.Value],
        Expr.Call call => [call.Callee.Text],
        _ => Array.Empty<string>(),
    }).Concat(tree.Parts.SelectMany(NamesIn));

    private static IEnumerable<Refusal> DuplicateSkills(YamlNode after)
    {
        var agents = Mapping(after, "agentic", "agents").Select(entry => (Path: "agentic.agents." + entry.Key.Value,
            Node: entry.Value)).Append(("", after));
        foreach (var (path, agent) in agents)
        {
            var ids = ((Find(agent, "skills") as YamlNode.Sequence)?.Items ?? [])
                .Select(item => (Find(item.Value, "id") as YamlNode.Scalar)?.Value).OfType<string>();
            foreach (var twice in ids.GroupBy(id => id, StringComparer.Ordinal).Where(group => 1 < group.Count()))
            {
                yield return new Refusal(
                    RefusalKind.DuplicateId, DocumentPath.Below(path, "skills"), $"two skills are called {twice.Key}");
            }
        }
    }

    // Asked of what differs, wherever in reach of `may_change` it stands.
    private static IEnumerable<Refusal> TooLarge(
        YamlNode after, ImmutableArray<DocumentChange> changes, CheckedEvolution evolution)
    {
        if (evolution.NodesAtMost is not { } most)
        {
            yield break;
        }

        var changed = changes.Select(change => change.Path).ToHashSet(StringComparer.Ordinal);
        foreach (var (path, code) in Bodies("", after, KeyTable.Root).Where(body => changed.Contains(body.Path)))
        {
            int nodes = CodeTree.Of(CodeParser.ParseBody(code.Slice, new DiagnosticBag())).Count;
            if (most < nodes)
            {
                yield return new Refusal(RefusalKind.TooLarge, path, $"it has {nodes} nodes of at most {most}");
            }
        }
    }

    internal static ImmutableArray<YamlEntry> Mapping(YamlNode root, params ReadOnlySpan<string> keys) =>
        (Find(root, keys) as YamlNode.Mapping)?.Entries ?? [];

    internal static YamlNode? Find(YamlNode? node, params ReadOnlySpan<string> keys)
    {
        foreach (string key in keys)
        {
            node = (node as YamlNode.Mapping)?.Find(key);
        }

        return node;
    }
}
