using System.Reflection.Emit;
using Tars.Bundle.Wasm;

namespace Tars.Engine.Cil.Compiling;

/// <summary>
/// An operand that is known while compiling: a leaf, or an expression that has no effect and cannot trap.
/// </summary>
/// <remarks>
/// Invariants:
///   I1  An operand is emitted or dropped exactly once; its pooled local goes back to the pool then.
///   I2  An expression holds no memory, global or table access and no call, so it may be emitted later than it
///   stands.
/// </remarks>
internal sealed class Operand
{
    public required ValType Type { get; init; }

    public required OperandKind Kind { get; init; }

    /// <summary>The instruction of an expression.</summary>
    public Opcode Opcode { get; init; }

    /// <summary>The bits of a constant; of a vector the low half.</summary>
    public ulong Bits { get; init; }

    public ulong HighBits { get; init; }

    /// <summary>The wasm local, or the offset of a function's record.</summary>
    public int Index { get; init; }

    public LocalBuilder? Slot { get; init; }

    public Operand[] Parts { get; init; } = [];

    /// <summary>How high the expression is; a leaf is 0.</summary>
    public int Depth { get; init; }

    /// <summary>A bit for each wasm local that is read in it, by the index modulo 64.</summary>
    public ulong Locals { get; init; }

    /// <summary>An i32 is never larger, read as unsigned.</summary>
    public uint Max
    {
        get => IsConstant ? (uint)Bits : field;
        init;
    } = uint.MaxValue;

    /// <summary>
    /// Set for a result of float arithmetic: where it holds a NaN it may be any, and stands for the canonical one.
    /// </summary>
    public FloatShape Loose { get; init; }

    /// <summary>Of a NaN made canonical: other work waits for it.</summary>
    public bool IsAwaited { get; init; }

    public bool IsConstant => Kind is OperandKind.Constant;

    /// <summary>Nothing that comes later can change what it is.</summary>
    public bool IsSettled => Kind is OperandKind.Constant or OperandKind.Pooled or OperandKind.Joined;

    public static Operand OfI32(int value) =>
        new() { Type = ValType.I32, Kind = OperandKind.Constant, Bits = (uint)value };

    public static Operand Zero(ValType type) => new() { Type = type, Kind = OperandKind.Constant };
}

/// <summary>What an <see cref="Operand"/> is.</summary>
internal enum OperandKind
{
    Constant,

    /// <summary>A wasm local, read when it is emitted.</summary>
    Local,

    /// <summary>An IL local from the pool, owned by this operand.</summary>
    Pooled,

    /// <summary>The IL local in which the results of a block meet; owned by its place on the stack.</summary>
    Joined,

    /// <summary>The address of a function's record.</summary>
    Function,
    Expression,
}

/// <summary>Which floats a value holds, as float arithmetic sees it.</summary>
internal enum FloatShape
{
    None,
    Scalar,
    F32x4,
    F64x2,
}
