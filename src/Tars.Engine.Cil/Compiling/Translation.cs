using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Emit;
using Tars.Bundle.Wasm;

namespace Tars.Engine.Cil.Compiling;

/// <summary>How one instruction without effect becomes CIL, once its operands lie on the evaluation stack.</summary>
/// <param name="Steps">CIL instructions without immediates, in order.</param>
/// <param name="Call">A method that is called after them.</param>
/// <param name="Gives">What it is when it is float arithmetic: see <see cref="Operand.Loose"/>.</param>
/// <param name="Takes">Of a NaN in operands of this shape it sees that it is one, and no more.</param>
internal sealed record Translation(
    Opcode Opcode,
    ImmutableArray<OpCode> Steps,
    MethodInfo? Call = null,
    FloatShape Gives = FloatShape.None,
    FloatShape Takes = FloatShape.None)
{
    /// <summary>The result is loose only when the operand is: its bits are those of the operand.</summary>
    public bool Passes { get; init; }

    /// <summary>What the count of a shift is masked with, before the steps: CIL leaves larger counts open.</summary>
    public int? Mask { get; init; }

    /// <summary>CIL instructions after the call.</summary>
    public ImmutableArray<OpCode> After { get; init; } = [];
}
