using System.Collections.Immutable;

namespace Tars.Engine.Cil.Compiling;

/// <summary>What makes a second copy of a loop worth while: accesses that one check before it can cover.</summary>
/// <param name="Covered">By where they stand: the accesses whose own checks the copy leaves out.</param>
/// <param name="BodyFuel">What one turn costs at most.</param>
/// <param name="HeadFuel">What each turn costs at least.</param>
internal sealed record LoopPlan(
    ImmutableArray<LoopPlan.Walk> Walks,
    IReadOnlyDictionary<int, LoopPlan.Access> Covered,
    int HeadFuel,
    int BodyFuel)
{
    /// <summary>Accesses that go through memory at one pace, side by side.</summary>
    /// <param name="First">The lowest address in the first turn, in terms of the locals when the loop begins.</param>
    /// <param name="Step">By how much it grows in each turn: a constant, or locals that the loop does not set.</param>
    /// <param name="Width">From the lowest address to the end of the farthest access of a turn.</param>
    public sealed record Walk(Affine First, Affine Step, long Width);

    /// <summary>One access of a walk.</summary>
    /// <param name="Distance">From the walk's lowest address to the operand of the access.</param>
    public sealed record Access(int Walk, long Distance);
}
