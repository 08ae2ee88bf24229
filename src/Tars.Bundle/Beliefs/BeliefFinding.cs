using System.Collections.Immutable;

namespace Tars.Bundle.Beliefs;

/// <summary>One thing that is odd about a belief graph, as data. The compiler turns it into a diagnostic.</summary>
/// <remarks>Beliefs and relations are given by index, in order of declaration.</remarks>
public abstract record BeliefFinding
{
    private BeliefFinding()
    {
    }

    /// <summary>
    /// A relation names a belief that is not declared. While there are such, nothing else is looked for.
    /// </summary>
    public sealed record Dangling(int Relation) : BeliefFinding;

    public sealed record SelfAttack(int Relation) : BeliefFinding;

    public sealed record SelfSupport(int Relation) : BeliefFinding;

    /// <summary>One belief both supports and attacks another.</summary>
    public sealed record SupportsAndAttacks(int Support, int Attack) : BeliefFinding;

    /// <summary>An attack between two beliefs that both come out strong.</summary>
    public sealed record Contradiction(int From, int To) : BeliefFinding;

    /// <summary>An odd number of attacks that lead back to where they began; the beliefs in order of the way.</summary>
    public sealed record OddAttackCycle(ImmutableArray<int> Beliefs) : BeliefFinding
    {
        public bool Equals(OddAttackCycle? other) =>
            other is not null && Beliefs.AsSpan().SequenceEqual(other.Beliefs.AsSpan());

        public override int GetHashCode() => Beliefs.Length;
    }

    /// <summary>Relations that go against the rest: without them no contradictory cycle is left.</summary>
    public sealed record Frustrated(ImmutableArray<int> Relations, bool IsExact) : BeliefFinding
    {
        public bool Equals(Frustrated? other) =>
            other is not null && IsExact == other.IsExact && Relations.AsSpan().SequenceEqual(other.Relations.AsSpan());

        public override int GetHashCode() => Relations.Length;
    }

    /// <summary>Beliefs that all depend on each other, more than is easily understood.</summary>
    public sealed record LargeComponent(int Size) : BeliefFinding;

    /// <summary>Bears on nothing, and nothing bears on it.</summary>
    public sealed record Orphan(int Belief) : BeliefFinding;

    /// <summary>Comes out strong although nothing supports it and no evidence for it is ever observed.</summary>
    public sealed record StrongWithoutEvidence(int Belief) : BeliefFinding;

    public sealed record NotConverging(double Residual) : BeliefFinding;
}
