using Tars.Base;
using Tars.Bundle.Manifest;
using Tars.Lang.Diagnostics;
using Tars.Lang.Yaml;

namespace Tars.Lang.Checking;

/// <summary>What a graph of beliefs must not say, and what it hardly can mean.</summary>
internal sealed class BeliefRules(CodeReader code)
{
    private const double Strong = 0.5;

    public void Run(YamlNode? node)
    {
        if (code.Module.Symbol.Beliefs is not BeliefGraphSpec graph || node is null)
        {
            return;
        }

        TextSpan at = node.Get("beliefs")?.Span ?? node.Span;
        if (Limits.BeliefCountMax < graph.Beliefs.Length || Limits.RelationCountMax < graph.Relations.Length)
        {
            code.Report(Report.BeliefProblem(
                new TextSpan(at.Start, 0),
                $"more than {Limits.BeliefCountMax} beliefs or {Limits.RelationCountMax} relations",
                "split the graph between agents"));
            return;
        }

        var items = node.Get("relations").Items().OfType<YamlNode.Mapping>().ToList();
        if (items.Count == graph.Relations.Length)
        {
            CheckRelations(graph, items);
        }

        foreach (YamlEntry entry in node.Get("beliefs").Entries())
        {
            WarnOfOrphan(graph, entry);
        }

        WarnOfOddCircle(graph, at);
    }

    private void CheckRelations(BeliefGraphSpec graph, List<YamlNode.Mapping> items)
    {
        for (int index = 0; index < items.Count; index++)
        {
            RelationSpec relation = graph.Relations[index];
            TextSpan at = items[index].Span;
            string from = graph.Beliefs[relation.From].Name;
            string to = graph.Beliefs[relation.To].Name;
            if (relation.From == relation.To)
            {
                code.Report(Report.BeliefProblem(at, $"`{from}` bears on itself", "delete the relation"));
                continue;
            }

            var twins = graph.Relations.Take(index).Where(other =>
                other.From == relation.From && other.To == relation.To);
            if (twins.FirstOrDefault() is RelationSpec twin)
            {
                string title = twin.Supports == relation.Supports
                    ? $"`{from}` bears on `{to}` twice"
                    : $"`{from}` both supports and attacks `{to}`";
                code.Report(Report.BeliefProblem(at, title, "keep one of the two relations"));
            }

            bool isMutual = !relation.Supports && graph.Relations.Take(index).Any(other =>
                !other.Supports && other.From == relation.To && other.To == relation.From);
            if (isMutual && Strong < graph.Beliefs[relation.From].Prior && Strong < graph.Beliefs[relation.To].Prior)
            {
                code.Bag.Add(Report.BeliefDoubt(
                    at, $"`{from}` and `{to}` attack each other and are both strong", "lower one of the priors"));
            }
        }
    }

    private void WarnOfOrphan(BeliefGraphSpec graph, YamlEntry entry)
    {
        if (!code.Module.Beliefs.TryGetValue(entry.Key.Value, out int index))
        {
            return;
        }

        bool isRelated = graph.Relations.Any(relation => relation.From == index || relation.To == index);
        bool isNamed = code.Module.Usage.IsUsed(graph.Beliefs[index])
            || code.Module.Complaints.Recovery.IsMentioned(entry.Key.Value);
        if (!isRelated && !isNamed)
        {
            code.Bag.Add(Report.BeliefDoubt(
                entry.Key.Span,
                $"belief `{entry.Key.Value}` stands alone and no code names it",
                "relate it, observe it, or delete it"));
        }
    }

    /// <summary>A circle with an odd number of attacks contradicts itself.</summary>
    private void WarnOfOddCircle(BeliefGraphSpec graph, TextSpan at)
    {
        for (int start = 0; start < graph.Beliefs.Length; start++)
        {
            if (OddCircleFrom(graph, start) is { } circle)
            {
                string names = string.Join(" → ", circle.Select(index => graph.Beliefs[index].Name));
                code.Bag.Add(Report.BeliefDoubt(
                    new TextSpan(at.Start, 0),
                    $"a circle with an odd number of attacks: {names}",
                    "drop one of its relations"));
                return;
            }
        }
    }

    // Breadth first over pairs of belief and parity of attacks, so the shortest circle is found.
    private static List<int>? OddCircleFrom(BeliefGraphSpec graph, int start)
    {
        var cameFrom = new Dictionary<(int Belief, bool IsOdd), (int Belief, bool IsOdd)>();
        var waiting = new Queue<(int Belief, bool IsOdd)>([(start, false)]);
        while (waiting.TryDequeue(out var place))
        {
            foreach (RelationSpec relation in graph.Relations.Where(one =>
                one.From == place.Belief && one.From != one.To))
            {
                var next = (relation.To, place.IsOdd ^ !relation.Supports);
                if (next == (start, false) || !cameFrom.TryAdd(next, place))
                {
                    continue;
                }

                if (next == (start, true))
                {
                    return Trace(cameFrom, next, start);
                }

                waiting.Enqueue(next);
            }
        }

        return null;
    }

    private static List<int> Trace(
        Dictionary<(int Belief, bool IsOdd), (int Belief, bool IsOdd)> cameFrom,
        (int Belief, bool IsOdd) place,
        int start)
    {
        var circle = new List<int> { place.Belief };
        do
        {
            place = cameFrom[place];
            circle.Add(place.Belief);
        }
        while (place != (start, false));

        circle.Reverse();
        return circle;
    }
}
