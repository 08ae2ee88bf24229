using System.Collections.Immutable;
using Tars.Bundle.Manifest;

namespace Tars.Bundle.Beliefs;

/// <summary>
/// What is odd about a belief graph: a pure function from the declaration to findings, in a fixed order.
/// </summary>
public static class BeliefChecks
{
    /// <summary>Strengths from here on count as strong.</summary>
    public const double Strong = 0.75;

    /// <summary>A strongly connected component with more beliefs than this is reported.</summary>
    public const int ComponentSizeMax = 12;

    /// <param name="observed">Which beliefs the module's code ever gives evidence for.</param>
    public static ImmutableArray<BeliefFinding> Find(BeliefGraphSpec spec, IReadOnlySet<int> observed)
    {
        var findings = ImmutableArray.CreateBuilder<BeliefFinding>();
        for (int index = 0; index < spec.Relations.Length; index++)
        {
            var relation = spec.Relations[index];
            bool known = (uint)relation.From < (uint)spec.Beliefs.Length
                && (uint)relation.To < (uint)spec.Beliefs.Length;
            if (!known)
            {
                findings.Add(new BeliefFinding.Dangling(index));
            }
        }

        if (0 < findings.Count)
        {
            return findings.ToImmutable();
        }

        Relations(spec, findings);
        Orphans(spec, findings);
        Components(spec, findings);
        Consistency(spec, findings);
        Strengths(spec, observed, findings);
        return findings.ToImmutable();
    }

    private static void Relations(BeliefGraphSpec spec, ImmutableArray<BeliefFinding>.Builder findings)
    {
        var supports = new Dictionary<(int From, int To), int>();
        for (int index = 0; index < spec.Relations.Length; index++)
        {
            var relation = spec.Relations[index];
            if (relation.From == relation.To)
            {
                findings.Add(relation.Supports
                    ? new BeliefFinding.SelfSupport(index)
                    : new BeliefFinding.SelfAttack(index));
            }
            else if (relation.Supports)
            {
                supports.TryAdd((relation.From, relation.To), index);
            }
        }

        for (int index = 0; index < spec.Relations.Length; index++)
        {
            var relation = spec.Relations[index];
            if (!relation.Supports && supports.TryGetValue((relation.From, relation.To), out int support))
            {
                findings.Add(new BeliefFinding.SupportsAndAttacks(support, index));
            }
        }
    }

    private static void Orphans(BeliefGraphSpec spec, ImmutableArray<BeliefFinding>.Builder findings)
    {
        var joined = spec.Relations.SelectMany(relation => new[] { relation.From, relation.To }).ToHashSet();
        for (int belief = 0; belief < spec.Beliefs.Length; belief++)
        {
            if (!joined.Contains(belief) && 1 < spec.Beliefs.Length)
            {
                findings.Add(new BeliefFinding.Orphan(belief));
            }
        }
    }

    private static void Components(BeliefGraphSpec spec, ImmutableArray<BeliefFinding>.Builder findings)
    {
        foreach (var component in BeliefCycles.Components(spec))
        {
            if (ComponentSizeMax < component.Length)
            {
                findings.Add(new BeliefFinding.LargeComponent(component.Length));
            }

            if (BeliefCycles.OddAttackCycle(spec, component) is { } cycle)
            {
                findings.Add(new BeliefFinding.OddAttackCycle(cycle));
            }
        }
    }

    // What a narrower finding has told already is not told again.
    private static void Consistency(BeliefGraphSpec spec, ImmutableArray<BeliefFinding>.Builder findings)
    {
        int told = findings.Count(one =>
            one is BeliefFinding.OddAttackCycle or BeliefFinding.SelfAttack or BeliefFinding.SupportsAndAttacks);
        var repair = Frustration.RepairOf(spec);
        if (told < repair.Relations.Length)
        {
            findings.Add(new BeliefFinding.Frustrated(repair.Relations, repair.IsExact));
        }
    }

    private static void Strengths(
        BeliefGraphSpec spec, IReadOnlySet<int> observed, ImmutableArray<BeliefFinding>.Builder findings)
    {
        var graph = new BeliefGraph(spec);
        var result = graph.Evaluate(graph.Priors.AsSpan());
        if (!result.Converged)
        {
            findings.Add(new BeliefFinding.NotConverging(result.Residual));
            return;
        }

        foreach (var relation in spec.Relations)
        {
            bool both = Strong <= result.Strengths[relation.From] && Strong <= result.Strengths[relation.To];
            if (!relation.Supports && relation.From != relation.To && both)
            {
                findings.Add(new BeliefFinding.Contradiction(relation.From, relation.To));
            }
        }

        var supported = spec.Relations.Where(relation => relation.Supports).Select(relation => relation.To).ToHashSet();
        for (int belief = 0; belief < spec.Beliefs.Length; belief++)
        {
            if (Strong <= result.Strengths[belief] && !supported.Contains(belief) && !observed.Contains(belief))
            {
                findings.Add(new BeliefFinding.StrongWithoutEvidence(belief));
            }
        }
    }
}
