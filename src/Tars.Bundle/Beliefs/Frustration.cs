using System.Numerics;
using Tars.Bundle.Manifest;

namespace Tars.Bundle.Beliefs;

/// <summary>
/// How consistent a belief graph is: the least number of relations to drop so that no contradictory cycle is left.
/// </summary>
/// <remarks>
/// A cycle contradicts itself when it has an odd number of attacks, whatever their directions. No such cycle is left
/// exactly when the beliefs fall into two camps, supports inside and attacks between them; so the index is the least
/// number of relations that break this, over all ways to make two camps.
/// </remarks>
public static class Frustration
{
    /// <summary>Up to so many beliefs every way is tried and the index is exact.</summary>
    public const int ExactBeliefsMax = 20;

    private const int RoundsMax = 256;

    public static FrustrationIndex Of(BeliefGraphSpec spec)
    {
        int count = spec.Beliefs.Length;
        return count <= ExactBeliefsMax
            ? new FrustrationIndex(Exact(spec, count), IsExact: true)
            : new FrustrationIndex(Descend(spec, count), IsExact: false);
    }

    private static int Exact(BeliefGraphSpec spec, int count)
    {
        int best = int.MaxValue;
        for (uint camps = 0; camps < 1u << Math.Max(0, count - 1); camps++)
        {
            int broken = 0;
            foreach (var relation in spec.Relations)
            {
                uint apart = ((camps >> relation.From) ^ (camps >> relation.To)) & 1;
                broken += apart == (relation.Supports ? 1u : 0u) ? 1 : 0;
            }

            best = Math.Min(best, broken);
        }

        return best;
    }

    // Moves one belief at a time to the other camp while that breaks fewer relations, from several beginnings.
    private static int Descend(BeliefGraphSpec spec, int count)
    {
        int best = int.MaxValue;
        for (int beginning = 0; beginning < 16; beginning++)
        {
            int mask = beginning;
            bool[] camp = [.. Enumerable.Range(0, count)
                .Select(one => (BitOperations.PopCount((uint)(one & mask)) & 1) == 1)];
            bool moved = true;
            for (int round = 0; moved && round < RoundsMax; round++)
            {
                moved = false;
                for (int belief = 0; belief < count; belief++)
                {
                    if (Gain(spec, camp, belief) > 0)
                    {
                        camp[belief] = !camp[belief];
                        moved = true;
                    }
                }
            }

            best = Math.Min(best, spec.Relations.Count(one => Broken(one, camp)));
        }

        return best;
    }

    private static int Gain(BeliefGraphSpec spec, bool[] camp, int belief)
    {
        int gain = 0;
        foreach (var relation in spec.Relations)
        {
            if (relation.From != relation.To && (relation.From == belief || relation.To == belief))
            {
                gain += Broken(relation, camp) ? 1 : -1;
            }
        }

        return gain;
    }

    private static bool Broken(RelationSpec relation, bool[] camp) =>
        camp[relation.From] != camp[relation.To] == relation.Supports;
}
