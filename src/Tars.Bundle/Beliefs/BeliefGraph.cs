using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Manifest;

namespace Tars.Bundle.Beliefs;

/// <summary>The semantics of belief graphs: strengths as a pure function of base scores and relations.</summary>
/// <remarks>
/// Invariants:
/// I1  Incoming relations stand in an order that depends on names, kinds and weights alone, so floating-point sums
/// and
///       products have the same bits for any order of declaration.
///   I2  Every strength lies in 0..1.
/// </remarks>
public sealed class BeliefGraph
{
    /// <summary>The step of Euler's method.</summary>
    public const double Step = 0.1;

    /// <summary>A cyclic graph has settled when no belief would move by as much as this.</summary>
    public const double Tolerance = 1e-9;

    /// <summary>Steps after which a cyclic graph counts as not converging.</summary>
    public const int IterationsMax = 4_096;

    private readonly Incoming[][] _supports;
    private readonly Incoming[][] _attacks;
    private readonly int[] _order;

    /// <param name="spec">A graph whose relations join declared beliefs.</param>
    public BeliefGraph(BeliefGraphSpec spec)
    {
        Priors = [.. spec.Beliefs.Select(belief => belief.Prior)];
        RelationCount = spec.Relations.Length;
        _supports = IncomingOf(spec, supports: true);
        _attacks = IncomingOf(spec, supports: false);
        _order = Order(spec);
        IsAcyclic = _order.Length == Priors.Length;
    }

    public ImmutableArray<double> Priors { get; }

    public int RelationCount { get; }

    /// <summary>True when no belief leads back to itself.</summary>
    public bool IsAcyclic { get; }

    /// <summary>The strengths for these base scores: DF-QuAD without cycles, quadratic energy with them.</summary>
    public BeliefStrengths Evaluate(ReadOnlySpan<double> baseScores)
    {
        Invariant.Holds(baseScores.Length == Priors.Length);
        return IsAcyclic ? InOrder(baseScores) : Settle(baseScores, BeliefSemantics.QuadraticEnergy);
    }

    /// <summary>Euler's method on ds/dt = σ(s) − s from the base scores.</summary>
    public BeliefStrengths Settle(ReadOnlySpan<double> baseScores, BeliefSemantics semantics)
    {
        double[] strengths = baseScores.ToArray();
        double[] targets = new double[strengths.Length];
        double residual = 0;
        for (int iteration = 1; iteration <= IterationsMax; iteration++)
        {
            residual = 0;
            for (int belief = 0; belief < strengths.Length; belief++)
            {
                targets[belief] = Target(belief, baseScores[belief], strengths, semantics);
                residual = Math.Max(residual, Math.Abs(targets[belief] - strengths[belief]));
            }

            if (residual < Tolerance)
            {
                return new BeliefStrengths([.. strengths], iteration, residual, Converged: true);
            }

            for (int belief = 0; belief < strengths.Length; belief++)
            {
                double moved = strengths[belief] + (Step * (targets[belief] - strengths[belief]));
                strengths[belief] = Math.Clamp(moved, 0, 1); // I2
            }
        }

        return new BeliefStrengths([.. strengths], IterationsMax, residual, Converged: false);
    }

    private BeliefStrengths InOrder(ReadOnlySpan<double> baseScores)
    {
        double[] strengths = new double[baseScores.Length];
        foreach (int belief in _order)
        {
            strengths[belief] = DfQuad(belief, baseScores[belief], strengths);
        }

        return new BeliefStrengths([.. strengths], Iterations: 1, Residual: 0, Converged: true);
    }

    private double Target(int belief, double score, double[] strengths, BeliefSemantics semantics) => semantics switch
    {
        BeliefSemantics.DfQuad => DfQuad(belief, score, strengths),
        BeliefSemantics.QuadraticEnergy => QuadraticEnergy(belief, score, strengths),
    };

    private double DfQuad(int belief, double score, double[] strengths)
    {
        double gain = Aggregate(_supports[belief], strengths) - Aggregate(_attacks[belief], strengths);
        double moved = 0 <= gain ? score + ((1 - score) * gain) : score + (score * gain);
        return Math.Clamp(moved, 0, 1); // I2
    }

    private static double Aggregate(Incoming[] incoming, double[] strengths)
    {
        double remaining = 1;
        foreach (var (from, weight) in incoming)
        {
            remaining *= 1 - (weight * strengths[from]);
        }

        return 1 - remaining;
    }

    private double QuadraticEnergy(int belief, double score, double[] strengths)
    {
        double energy = Sum(_supports[belief], strengths) - Sum(_attacks[belief], strengths);
        double moved = score - (score * Impact(-energy)) + ((1 - score) * Impact(energy));
        return Math.Clamp(moved, 0, 1); // I2
    }

    private static double Sum(Incoming[] incoming, double[] strengths)
    {
        double sum = 0;
        foreach (var (from, weight) in incoming)
        {
            sum += weight * strengths[from];
        }

        return sum;
    }

    private static double Impact(double energy)
    {
        double positive = Math.Max(0, energy);
        return positive * positive / (1 + (positive * positive));
    }

    // I1
    private static Incoming[][] IncomingOf(BeliefGraphSpec spec, bool supports) =>
    [
        .. Enumerable.Range(0, spec.Beliefs.Length).Select(to => spec.Relations
            .Where(relation => relation.To == to && relation.Supports == supports)
            .OrderBy(relation => spec.Beliefs[relation.From].Name, StringComparer.Ordinal)
            .ThenBy(relation => relation.Weight)
            .Select(relation => new Incoming(relation.From, relation.Weight))
            .ToArray()),
    ];

    // Every belief after those that bear on it, as far as there is such an order.
    private static int[] Order(BeliefGraphSpec spec)
    {
        int[] waiting = new int[spec.Beliefs.Length];
        foreach (var relation in spec.Relations)
        {
            waiting[relation.To]++;
        }

        var ready = new Queue<int>(Enumerable.Range(0, waiting.Length).Where(belief => waiting[belief] == 0));
        var order = new List<int>();
        var outgoing = spec.Relations.ToLookup(relation => relation.From, relation => relation.To);
        while (ready.TryDequeue(out int belief))
        {
            order.Add(belief);
            foreach (int to in outgoing[belief])
            {
                if (--waiting[to] == 0)
                {
                    ready.Enqueue(to);
                }
            }
        }

        return [.. order];
    }

    private readonly record struct Incoming(int From, double Weight);
}
