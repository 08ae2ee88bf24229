using System.Collections.Immutable;

namespace Tars.Bundle.Wasm;

/// <summary>A function of a valid module and what the validator learnt about its code.</summary>
/// <remarks>
/// Code is live until a branch, return or trap makes the rest of its block dead. The end of a block that began in live
/// code, and its else, are live again. Regions and blocks tell of live code only.
/// </remarks>
public sealed class ValidatedFunction
{
    private const int FrameSlots = 8;

    internal ValidatedFunction(FuncIndex index, FuncType type, ImmutableArray<ValType> locals)
    {
        Index = index;
        Type = type;
        Locals = locals;
    }

    public FuncIndex Index { get; }

    public FuncType Type { get; }

    /// <summary>The types of the parameters and then of the locals, one by one.</summary>
    public ImmutableArray<ValType> Locals { get; }

    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The most operands that lie on the stack at once, results included; a vector counts one too.</summary>
    public required int MaxStack { get; init; }

    /// <summary>What a call of this function takes from the depth limit.</summary>
    public int DepthSlots => FrameSlots + Locals.Length + MaxStack;

    /// <summary>In the order of the code.</summary>
    public required ImmutableArray<FuelRegion> Regions { get; init; }

    /// <summary>The blocks that begin in live code, in the order of the code.</summary>
    public required ImmutableArray<BlockShape> Blocks { get; init; }

    /// <summary>The same code, charged otherwise.</summary>
    internal ValidatedFunction With(ImmutableArray<FuelRegion> regions) => new(Index, Type, Locals)
    {
        Body = Body,
        MaxStack = MaxStack,
        Regions = regions,
        Blocks = Blocks,
    };
}
