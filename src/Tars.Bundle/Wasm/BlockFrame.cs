using System.Collections.Immutable;

namespace Tars.Bundle.Wasm;

/// <summary>A block that is open while code is walked.</summary>
/// <param name="Opcode">What opened it; Else once the else of an if has been passed.</param>
/// <param name="Height">How many operands lie below its parameters.</param>
/// <param name="Offset">Where it was opened in the body; -1 for the function itself.</param>
public readonly record struct BlockFrame(Opcode Opcode, FuncType Type, int Height, int Offset)
{
    /// <summary>What a branch to it carries.</summary>
    public ImmutableArray<ValType> LabelTypes => Opcode is Opcode.Loop ? Type.Parameters : Type.Results;
}
