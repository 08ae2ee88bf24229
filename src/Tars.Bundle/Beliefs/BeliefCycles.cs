using System.Collections.Immutable;
using Tars.Bundle.Manifest;

namespace Tars.Bundle.Beliefs;

/// <summary>Which beliefs depend on each other, and odd cycles of attacks among them.</summary>
public static class BeliefCycles
{
    /// <summary>
    /// The strongly connected components of two or more beliefs, or of one with a relation to itself.
    /// </summary>
    /// <remarks>By reachability: quadratic, and a graph has at most 256 beliefs.</remarks>
    public static ImmutableArray<ImmutableArray<int>> Components(BeliefGraphSpec spec)
    {
        int count = spec.Beliefs.Length;
        var reaches = Enumerable.Range(0, count).Select(belief => Reached(spec, belief)).ToArray();
        var components = ImmutableArray.CreateBuilder<ImmutableArray<int>>();
        bool[] placed = new bool[count];
        for (int belief = 0; belief < count; belief++)
        {
            if (placed[belief] || !reaches[belief][belief])
            {
                continue;
            }

            int first = belief;
            ImmutableArray<int> members =
                [.. Enumerable.Range(0, count).Where(other => reaches[first][other] && reaches[other][first])];
            foreach (int member in members)
            {
                placed[member] = true;
            }

            components.Add(members);
        }

        return components.ToImmutable();
    }

    /// <summary>
    /// A shortest closed way of an odd number of attacks inside a component; null when there is none.
    /// </summary>
    public static ImmutableArray<int>? OddAttackCycle(BeliefGraphSpec spec, ImmutableArray<int> component)
    {
        var attacks = spec.Relations
            .Where(one => !one.Supports && component.Contains(one.From) && component.Contains(one.To))
            .ToLookup(one => one.From, one => one.To);
        ImmutableArray<int>? shortest = null;
        foreach (int start in component)
        {
            if (OddWayBack(start, attacks) is { } way && (shortest is null || way.Length < shortest.Value.Length))
            {
                shortest = way;
            }
        }

        return shortest;
    }

    // Breadth first over pairs of a belief and whether an odd number of attacks led there.
    private static ImmutableArray<int>? OddWayBack(int start, ILookup<int, int> attacks)
    {
        var from = new Dictionary<(int Belief, bool Odd), (int Belief, bool Odd)>();
        var queue = new Queue<(int Belief, bool Odd)>();
        queue.Enqueue((start, false));
        while (queue.TryDequeue(out var at))
        {
            foreach (int to in attacks[at.Belief].Order())
            {
                var next = (to, !at.Odd);
                if (from.TryAdd(next, at))
                {
                    queue.Enqueue(next);
                }
            }
        }

        if (!from.ContainsKey((start, true)))
        {
            return null;
        }

        var way = new List<int>();
        var back = (Belief: start, Odd: true);
        do
        {
            back = from[back];
            way.Add(back.Belief);
        }
        while (back != (start, false));

        way.Reverse();
        return [.. way];
    }

    private static bool[] Reached(BeliefGraphSpec spec, int start)
    {
        bool[] reached = new bool[spec.Beliefs.Length];
        var queue = new Queue<int>([start]);
        while (queue.TryDequeue(out int belief))
        {
            foreach (var relation in spec.Relations)
            {
                if (relation.From == belief && !reached[relation.To])
                {
                    reached[relation.To] = true;
                    queue.Enqueue(relation.To);
                }
            }
        }

        return reached;
    }
}
