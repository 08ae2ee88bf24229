using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Manifest;

namespace Tars.Bundle.Beliefs;

/// <summary>
/// How consistent a belief graph is: the least number of relations to drop so that no contradictory cycle is left.
/// </summary>
/// <remarks>
/// A cycle contradicts itself when it has an odd number of attacks, whatever their directions. No such cycle is left
/// exactly when the beliefs fall into two camps, supports inside and attacks between them (Harary 1953); so the index
/// is the least number of relations that break this, over all ways to make two camps.
/// </remarks>
public static class Frustration
{
    /// <summary>Up to so many beliefs every way is tried and the index is exact.</summary>
    public const int ExactBeliefsMax = 20;

    private const int WaysBitsMax = 24;

    // Of the search in larger graphs: ways to begin, and moves after each for each belief.
    private const int Beginnings = 12;
    private const int MovesPerBelief = 20;
    private const int RestMin = 5;
    private const int RestSpread = 7;

    /// <param name="spec">With no relation of a belief that is not there.</param>
    public static FrustrationIndex Of(BeliefGraphSpec spec)
    {
        var repair = RepairOf(spec);
        return new FrustrationIndex(repair.Relations.Length, repair.IsExact);
    }

    /// <summary>The relations to drop; of several sets of the same size always the same one.</summary>
    /// <param name="spec">With no relation of a belief that is not there.</param>
    public static BeliefRepair RepairOf(BeliefGraphSpec spec) => RepairOf(spec, ExactBeliefsMax);

    /// <summary>The same, with another bound for trying every way, 24 at most; 0 to search in every graph.</summary>
    public static BeliefRepair RepairOf(BeliefGraphSpec spec, int exactBeliefsMax)
    {
        Invariant.Holds(exactBeliefsMax <= WaysBitsMax);
        var camps = new Camps(spec);
        bool triesAll = spec.Beliefs.Length <= exactBeliefsMax;
        bool[] best = triesAll ? Exact(camps) : Searched(camps);
        var broken = spec.Relations.Index()
            .Where(one => best[one.Item.From] != best[one.Item.To] == one.Item.Supports)
            .Select(one => one.Index).ToImmutableArray();
        return new BeliefRepair(broken, IsExact: triesAll || broken.IsEmpty);
    }

    // Every way once, each one move from the one before (a Gray code); the first belief stays where it is.
    private static bool[] Exact(Camps camps)
    {
        bool[] best = camps.Sides();
        long broken = 0;
        long least = 0;
        for (uint way = 1; way < 1u << Math.Max(0, camps.Count - 1); way++)
        {
            int belief = System.Numerics.BitOperations.TrailingZeroCount(way) + 1;
            broken += camps.Cost(belief);
            camps.Move(belief);
            if (broken < least)
            {
                least = broken;
                best = camps.Sides();
            }
        }

        return best;
    }

    // Each beginning follows the relations from another belief, which alone solves a graph without contradictions; then
    // always the best move is made, also a bad one, and what moved rests for a while (Glover's tabu search).
    private static bool[] Searched(Camps camps)
    {
        bool[] best = camps.Sides();
        long least = long.MaxValue;
        int[] restsUntil = new int[camps.Count];
        for (int beginning = 0; beginning < Beginnings && 0 < least; beginning++)
        {
            long broken = camps.BeginAt(beginning * camps.Count / Beginnings);
            Array.Clear(restsUntil);
            for (int move = 0; move < MovesPerBelief * camps.Count; move++)
            {
                if (broken < least)
                {
                    least = broken;
                    best = camps.Sides();
                }

                int belief = -1;
                for (int other = 0; other < camps.Count; other++)
                {
                    bool mayMove = restsUntil[other] <= move || broken + camps.Cost(other) < least;
                    belief = mayMove && (belief < 0 || camps.Cost(other) < camps.Cost(belief)) ? other : belief;
                }

                if (belief < 0 || least == 0)
                {
                    break;
                }

                broken += camps.Cost(belief);
                camps.Move(belief);
                restsUntil[belief] = move + RestMin + ((move + beginning) % RestSpread);
            }
        }

        return best;
    }

    /// <summary>Beliefs in two camps, and what it costs to move each to the other.</summary>
    private sealed class Camps
    {
        private readonly (int Other, int Bond)[][] _bonds;
        private readonly bool[] _side;
        private readonly int[] _cost;

        public Camps(BeliefGraphSpec spec)
        {
            var bonds = spec.Beliefs.Select(_ => new SortedDictionary<int, int>()).ToArray();
            foreach (var relation in spec.Relations)
            {
                if (relation.From == relation.To)
                {
                    continue; // Camps make no difference to it.
                }

                int bond = relation.Supports ? 1 : -1;
                bonds[relation.From][relation.To] = bonds[relation.From].GetValueOrDefault(relation.To) + bond;
                bonds[relation.To][relation.From] = bonds[relation.To].GetValueOrDefault(relation.From) + bond;
            }

            _bonds = [.. bonds.Select(one => one.Select(pair => (pair.Key, pair.Value)).ToArray())];
            _side = new bool[_bonds.Length];
            _cost = new int[_bonds.Length];
            Weigh();
        }

        public int Count => _side.Length;

        public bool[] Sides() => [.. _side];

        /// <summary>How many more relations are broken when a belief is moved.</summary>
        public int Cost(int belief) => _cost[belief];

        public void Move(int belief)
        {
            _side[belief] = !_side[belief];
            _cost[belief] = -_cost[belief];
            foreach (var (other, bond) in _bonds[belief])
            {
                _cost[other] += _side[belief] == _side[other] ? 2 * bond : -2 * bond;
            }
        }

        /// <summary>Gives each belief the camp that the first relation to it asks for, from one belief on.</summary>
        /// <returns>How many relations are broken then, beside those that any camps break.</returns>
        public long BeginAt(int first)
        {
            var isPlaced = new bool[Count];
            for (int place = 0; place < Count; place++)
            {
                Place((first + place) % Count, isPlaced);
            }

            Weigh();
            long broken = 0;
            for (int belief = 0; belief < Count; belief++)
            {
                broken += _bonds[belief].Sum(one =>
                    one.Bond > 0 == (_side[belief] == _side[one.Other]) ? 0 : Math.Abs(one.Bond));
            }

            return broken / 2;
        }

        private void Place(int first, bool[] isPlaced)
        {
            if (isPlaced[first])
            {
                return;
            }

            var waiting = new Queue<int>([first]);
            isPlaced[first] = true;
            _side[first] = false;
            while (waiting.TryDequeue(out int belief))
            {
                foreach (var (other, bond) in _bonds[belief].Where(one => !isPlaced[one.Other] && one.Bond != 0))
                {
                    isPlaced[other] = true;
                    _side[other] = bond > 0 ? _side[belief] : !_side[belief];
                    waiting.Enqueue(other);
                }
            }
        }

        private void Weigh()
        {
            for (int belief = 0; belief < Count; belief++)
            {
                _cost[belief] = _bonds[belief].Sum(one => _side[belief] == _side[one.Other] ? one.Bond : -one.Bond);
            }
        }
    }
}
