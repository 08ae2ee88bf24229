using System.Collections.Immutable;

namespace Tars.Bundle.Wasm.Loops;

/// <summary>What makes a second copy of a loop worth while: accesses that one check before it can cover.</summary>
/// <param name="Covered">By where they stand: the accesses whose own checks the copy leaves out.</param>
/// <param name="HeadFuel">What each turn costs at least.</param>
/// <param name="BodyFuel">What one turn costs at most.</param>
public sealed record LoopPlan(
    ImmutableArray<LoopPlan.Walk> Walks,
    IReadOnlyDictionary<int, LoopPlan.Access> Covered,
    int HeadFuel,
    int BodyFuel)
{
    /// <summary>Whether a turn may write to memory.</summary>
    public required bool Stores { get; init; }

    /// <summary>Null when only the code of a turn can tell whether it is the last.</summary>
    public Count? Turns { get; init; }

    /// <summary>The plan of a loop whose body begins at an offset; null when it is better left alone.</summary>
    /// <param name="types">Of the module.</param>
    /// <param name="region">The index of the first region at that offset or after it.</param>
    public static LoopPlan? Of(
        ValidatedFunction function, ImmutableArray<FuncType> types, LoopBounds bounds, int start, int region) =>
        LoopAnalysis.Of(function, types, bounds, start, region);

    /// <summary>Whether what an access stores is surely not loaded again at once.</summary>
    public bool IsLeftBehind(int position) => Covered.TryGetValue(position, out var access)
        && (Walks[access.Walk].Step is not { IsConstant: true, Constant: 0 }
            || !Covered.Values.Any(other => other.IsLoad && other.Walk == access.Walk));

    /// <summary>Accesses that go through memory at one pace, side by side.</summary>
    /// <param name="First">The lowest address in the first turn, in terms of the locals when the loop begins.</param>
    /// <param name="Step">By how much it grows in each turn: a constant, or locals that the loop does not set.</param>
    /// <param name="Width">From the lowest address to the end of the farthest access of a turn.</param>
    public sealed record Walk(Affine First, Affine Step, long Width);

    /// <summary>One access of a walk.</summary>
    /// <param name="Distance">From the walk's lowest address to the operand of the access.</param>
    public sealed record Access(int Walk, long Distance, bool IsLoad);

    /// <summary>How many turns a loop surely takes whose only branch is the one back, at its end.</summary>
    /// <param name="Way">What is left of the way in the first turn.</param>
    /// <param name="Pace">How much of it a turn takes.</param>
    /// <param name="Counters">Locals that only addresses which are covered are made of, and counters.</param>
    /// <param name="CanTrap">Something in a turn can trap, so that fuel must be right in each.</param>
    public sealed record Count(
        Distance Way, Affine Pace, ImmutableArray<Counter> Counters, bool CanTrap);

    /// <summary>A local that goes at an even pace.</summary>
    /// <param name="First">What it holds after the first turn, in terms of the locals when the loop begins.</param>
    /// <param name="Step">What each later turn adds to that.</param>
    public sealed record Counter(int Local, Affine First, Affine Step);

    /// <summary>From one number up to another, as the branch back compares them.</summary>
    /// <param name="To">Null when the distance is <paramref name="From"/> itself, down to zero.</param>
    /// <param name="IsStrict">The loop goes on while from is less, and not when they are equal.</param>
    public sealed record Distance(Affine From, Affine? To = null, bool IsSigned = false, bool IsStrict = false);
}
