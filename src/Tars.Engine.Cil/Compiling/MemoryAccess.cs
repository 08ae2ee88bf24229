using System.Reflection.Emit;
using Tars.Bundle.Wasm;
using static System.Reflection.Emit.OpCodes;

namespace Tars.Engine.Cil.Compiling;

/// <summary>
/// How one scalar load or store looks in CIL; the address lies on the evaluation stack below a stored value.
/// </summary>
/// <param name="Size">Bytes that are touched.</param>
/// <param name="Access">The CIL load or store.</param>
/// <param name="Widening">From what CIL has loaded to the wasm type, if they differ.</param>
internal sealed record MemoryAccess(Opcode Opcode, int Size, OpCode Access, OpCode? Widening = null)
{
    private static readonly Dictionary<Opcode, MemoryAccess> _rows = new MemoryAccess[]
    {
        new(Opcode.I32Load, 4, Ldind_I4),
        new(Opcode.I64Load, 8, Ldind_I8),
        new(Opcode.F32Load, 4, Ldind_R4),
        new(Opcode.F64Load, 8, Ldind_R8),
        new(Opcode.I32Load8S, 1, Ldind_I1),
        new(Opcode.I32Load8U, 1, Ldind_U1),
        new(Opcode.I32Load16S, 2, Ldind_I2),
        new(Opcode.I32Load16U, 2, Ldind_U2),
        new(Opcode.I64Load8S, 1, Ldind_I1, Conv_I8),
        new(Opcode.I64Load8U, 1, Ldind_U1, Conv_U8),
        new(Opcode.I64Load16S, 2, Ldind_I2, Conv_I8),
        new(Opcode.I64Load16U, 2, Ldind_U2, Conv_U8),
        new(Opcode.I64Load32S, 4, Ldind_I4, Conv_I8),
        new(Opcode.I64Load32U, 4, Ldind_U4, Conv_U8),
        new(Opcode.I32Store, 4, Stind_I4),
        new(Opcode.I64Store, 8, Stind_I8),
        new(Opcode.F32Store, 4, Stind_R4),
        new(Opcode.F64Store, 8, Stind_R8),
        new(Opcode.I32Store8, 1, Stind_I1),
        new(Opcode.I32Store16, 2, Stind_I2),
        new(Opcode.I64Store8, 1, Stind_I1, Conv_I4),
        new(Opcode.I64Store16, 2, Stind_I2, Conv_I4),
        new(Opcode.I64Store32, 4, Stind_I4, Conv_I4),
    }.ToDictionary(row => row.Opcode);

    /// <summary>Null when the instruction is no scalar load or store.</summary>
    public static MemoryAccess? Find(Opcode opcode) => _rows.GetValueOrDefault(opcode);
}
