using System.Collections.Immutable;
using Tars.Bundle.Beliefs;
using Tars.Bundle.Manifest;

namespace Tars.Evolution.Analysis;

/// <summary>Why beliefs are as strong as they are: what each relation adds, and what would turn each belief over.
/// </summary>
/// <remarks>Every answer is worked out by evaluating the graph again with one thing changed; nothing is estimated.
/// </remarks>
public sealed record BeliefInsight(
    BeliefStrengths Strengths,
    BeliefRepair Repair,
    ImmutableArray<double> Contributions,
    ImmutableArray<BeliefFlip> Flips)
{
    private const double Turn = 0.5;
    private const int Halvings = 40;

    /// <param name="evidence">What is observed of each belief; null for its prior.</param>
    public static BeliefInsight Of(BeliefGraphSpec spec, ImmutableArray<double?> evidence)
    {
        double[] scores = [.. spec.Beliefs.Select((belief, index) => evidence[index] ?? belief.Prior)];
        var strengths = new BeliefGraph(spec).Evaluate(scores);
        ImmutableArray<double> contributions =
        [
            .. spec.Relations.Select((relation, index) => strengths.Strengths[relation.To]
                - new BeliefGraph(Without(spec, index)).Evaluate(scores).Strengths[relation.To]),
        ];
        return new BeliefInsight(
            strengths, Frustration.RepairOf(spec), contributions, FlipsOf(spec, scores, strengths.Strengths));
    }

    // One observation, or one relation that is not there, is all that is looked for; two together may flip more.
    private static ImmutableArray<BeliefFlip> FlipsOf(
        BeliefGraphSpec spec, double[] scores, ImmutableArray<double> now)
    {
        var flips = ImmutableArray.CreateBuilder<BeliefFlip>();
        var graph = new BeliefGraph(spec);
        for (int cause = 0; cause < scores.Length; cause++)
        {
            foreach (double end in new[] { 0.0, 1.0 })
            {
                var then = With(graph, scores, cause, end);
                for (int belief = 0; belief < scores.Length; belief++)
                {
                    if (IsTurned(now[belief], then[belief]))
                    {
                        double at = Border(graph, scores, cause, end, belief);
                        flips.Add(new BeliefFlip.Observation(belief, cause, at, end, then[belief]));
                    }
                }
            }
        }

        for (int relation = 0; relation < spec.Relations.Length; relation++)
        {
            var then = new BeliefGraph(Without(spec, relation)).Evaluate(scores).Strengths;
            for (int belief = 0; belief < scores.Length; belief++)
            {
                if (IsTurned(now[belief], then[belief]))
                {
                    flips.Add(new BeliefFlip.Removal(belief, relation, then[belief]));
                }
            }
        }

        return [.. flips.OrderBy(one => one.Belief)];
    }

    // The least change of the cause that turns the belief, between where it stands and an end.
    private static double Border(BeliefGraph graph, double[] scores, int cause, double end, int belief)
    {
        double near = scores[cause];
        double far = end;
        double now = With(graph, scores, cause, near)[belief];
        for (int halving = 0; halving < Halvings; halving++)
        {
            double middle = (near + far) / 2;
            bool isTurned = IsTurned(now, With(graph, scores, cause, middle)[belief]);
            (near, far) = isTurned ? (near, middle) : (middle, far);
        }

        return far;
    }

    private static bool IsTurned(double now, double then) => now < Turn != then < Turn;

    private static ImmutableArray<double> With(BeliefGraph graph, double[] scores, int belief, double score)
    {
        double[] changed = [.. scores];
        changed[belief] = score;
        return graph.Evaluate(changed).Strengths;
    }

    private static BeliefGraphSpec Without(BeliefGraphSpec spec, int relation) =>
        spec with { Relations = spec.Relations.RemoveAt(relation) };
}

/// <summary>One thing that would bring a belief across one half. The family is closed.</summary>
/// <param name="Belief">By its place.</param>
/// <param name="Strength">Where it would come to; by an observation, at the end and not at the border.</param>
public abstract record BeliefFlip(int Belief, double Strength)
{
    /// <param name="Of">The belief that is observed.</param>
    /// <param name="At">The border: the least change of its evidence that does it.</param>
    /// <param name="End">The evidence at which the strength is the one here: 0 below the border, 1 above it.</param>
    public sealed record Observation(int Belief, int Of, double At, double End, double Strength)
        : BeliefFlip(Belief, Strength);

    /// <param name="Relation">By its place.</param>
    public sealed record Removal(int Belief, int Relation, double Strength) : BeliefFlip(Belief, Strength);
}
