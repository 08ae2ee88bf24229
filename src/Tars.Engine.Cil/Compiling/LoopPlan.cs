using System.Collections.Immutable;

namespace Tars.Engine.Cil.Compiling;

/// <summary>What makes a second copy of a loop worth while: accesses that one check before it can cover.</summary>
/// <param name="Covered">Where the accesses stand whose own checks the copy leaves out.</param>
/// <param name="BodyFuel">What one turn costs at most.</param>
/// <param name="HeadFuel">What each turn costs at least.</param>
internal sealed record LoopPlan(
    ImmutableArray<LoopPlan.Walk> Walks, IReadOnlySet<int> Covered, int HeadFuel, int BodyFuel)
{
    /// <summary>Accesses that go through memory at one pace, side by side.</summary>
    /// <param name="First">The lowest address in the first turn, in terms of the locals when the loop begins.</param>
    /// <param name="Step">By how much it grows with each turn: locals that the loop does not set, or a constant.</param>
    /// <param name="Width">From the lowest address to the end of the farthest access of a turn.</param>
    public sealed record Walk(Affine First, Affine Step, long Width);
}
