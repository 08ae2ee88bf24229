using System.Collections.Immutable;

namespace Tars.Bundle.Wasm.Interpreter;

/// <summary>A function's live instructions one by one, with fuel and branch targets in place.</summary>
internal sealed record PreparedCode(
    ValidatedFunction Function,
    ImmutableArray<PreparedInstruction> Instructions,
    ImmutableArray<PreparedBranch> Branches);

/// <summary>An instruction with its immediates.</summary>
/// <param name="Offset">Where it stands in the body.</param>
/// <param name="Fuel">The cost of the region that begins here, else 0.</param>
internal readonly record struct PreparedInstruction(Opcode Opcode, int Offset, int Fuel)
{
    public int Index { get; init; }

    public int SecondIndex { get; init; }

    public uint MemoryOffset { get; init; }

    public byte Lane { get; init; }

    /// <summary>What a constant pushes; the lanes of a shuffle.</summary>
    public Value Constant { get; init; }

    /// <summary>The first of its branches. If and else have one, which leaves the operands alone.</summary>
    public int Branch { get; init; }

    public int BranchCount { get; init; }
}

/// <summary>Where a branch leads.</summary>
/// <param name="Target">The place of the instruction that is next.</param>
/// <param name="Height">How many operands stay below those that the branch carries.</param>
/// <param name="Keep">How many operands it carries.</param>
internal readonly record struct PreparedBranch(int Target, int Height, int Keep);
