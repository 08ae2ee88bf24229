using System.Buffers.Binary;
using System.Diagnostics;

namespace Tars.Bundle.Wasm;

/// <summary>Computes the constant expressions of a valid module: initial values and offsets.</summary>
public static class ConstantExpression
{
    /// <returns>The bits, those of a short type in the lowest ones.</returns>
    public static UInt128 Compute<TScope>(ReadOnlySpan<byte> code, TScope scope)
        where TScope : IConstantScope, allows ref struct
    {
        var stack = new Stack<UInt128>();
        var reader = new InstructionReader(code);
        while (reader.Next() && reader.Opcode is not Opcode.End)
        {
            stack.Push(reader.Opcode switch
            {
                Opcode.I32Const => (uint)reader.I32,
                Opcode.I64Const => (ulong)reader.I64,
                Opcode.F32Const => reader.F32Bits,
                Opcode.F64Const => reader.F64Bits,
                Opcode.V128Const => BinaryPrimitives.ReadUInt128LittleEndian(reader.Bytes),
                Opcode.RefNull => 0,
                Opcode.RefFunc => scope.Function(reader.Index),
                Opcode.GlobalGet => scope.Global(reader.Index),
                Opcode.I32Add or Opcode.I32Sub or Opcode.I32Mul =>
                    (uint)Combine(reader.Opcode, (uint)stack.Pop(), (uint)stack.Pop()),
                Opcode.I64Add or Opcode.I64Sub or Opcode.I64Mul =>
                    Combine(reader.Opcode, (ulong)stack.Pop(), (ulong)stack.Pop()),
                _ => throw new UnreachableException(),
            });
        }

        return stack.Pop();
    }

    /// <summary>The bits of one that is a whole number and no more, as nearly all are; of all others null.</summary>
    public static ulong? NumberOf(ReadOnlySpan<byte> code)
    {
        var reader = new InstructionReader(code);
        reader.Next();
        ulong? number = reader.Opcode switch
        {
            Opcode.I32Const => (uint)reader.I32,
            Opcode.I64Const => (ulong)reader.I64,
            _ => null,
        };
        return reader.Next() && reader.Opcode is Opcode.End ? number : null;
    }

    // The second operand was popped first.
    private static ulong Combine(Opcode opcode, ulong second, ulong first) => unchecked(opcode switch
    {
        Opcode.I32Add or Opcode.I64Add => first + second,
        Opcode.I32Sub or Opcode.I64Sub => first - second,
        Opcode.I32Mul or Opcode.I64Mul => first * second,
        _ => throw new UnreachableException(),
    });
}
