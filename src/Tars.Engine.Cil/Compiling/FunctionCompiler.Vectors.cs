using System.Buffers.Binary;
using System.Reflection.Emit;
using System.Runtime.Intrinsics;
using Tars.Bundle.Wasm;

namespace Tars.Engine.Cil.Compiling;

/// <summary>Vectors: constants, immediates, and what goes to memory.</summary>
internal sealed partial class FunctionCompiler
{
    // How many bytes an access reads or writes, and as what; the vector is made of it by the method of its name.
    private static readonly Dictionary<Opcode, MemoryAccess> _vectorAccesses = new MemoryAccess[]
    {
        new(Opcode.V128Load8x8S, 8, OpCodes.Ldind_I8),
        new(Opcode.V128Load8x8U, 8, OpCodes.Ldind_I8),
        new(Opcode.V128Load16x4S, 8, OpCodes.Ldind_I8),
        new(Opcode.V128Load16x4U, 8, OpCodes.Ldind_I8),
        new(Opcode.V128Load32x2S, 8, OpCodes.Ldind_I8),
        new(Opcode.V128Load32x2U, 8, OpCodes.Ldind_I8),
        new(Opcode.V128Load8Splat, 1, OpCodes.Ldind_U1),
        new(Opcode.V128Load16Splat, 2, OpCodes.Ldind_U2),
        new(Opcode.V128Load32Splat, 4, OpCodes.Ldind_I4),
        new(Opcode.V128Load64Splat, 8, OpCodes.Ldind_I8),
        new(Opcode.V128Load32Zero, 4, OpCodes.Ldind_I4),
        new(Opcode.V128Load64Zero, 8, OpCodes.Ldind_I8),
    }.ToDictionary(row => row.Opcode);

    // The lanes of a load or store, and the instruction that puts in or takes out such a lane.
    private static readonly Dictionary<Opcode, (MemoryAccess Access, Opcode Lane)> _laneAccesses = new()
    {
        [Opcode.V128Load8Lane] = (new(Opcode.V128Load8Lane, 1, OpCodes.Ldind_U1), Opcode.I8x16ReplaceLane),
        [Opcode.V128Load16Lane] = (new(Opcode.V128Load16Lane, 2, OpCodes.Ldind_U2), Opcode.I16x8ReplaceLane),
        [Opcode.V128Load32Lane] = (new(Opcode.V128Load32Lane, 4, OpCodes.Ldind_I4), Opcode.I32x4ReplaceLane),
        [Opcode.V128Load64Lane] = (new(Opcode.V128Load64Lane, 8, OpCodes.Ldind_I8), Opcode.I64x2ReplaceLane),
        [Opcode.V128Store8Lane] = (new(Opcode.V128Store8Lane, 1, OpCodes.Stind_I1), Opcode.I8x16ExtractLaneU),
        [Opcode.V128Store16Lane] = (new(Opcode.V128Store16Lane, 2, OpCodes.Stind_I2), Opcode.I16x8ExtractLaneU),
        [Opcode.V128Store32Lane] = (new(Opcode.V128Store32Lane, 4, OpCodes.Stind_I4), Opcode.I32x4ExtractLane),
        [Opcode.V128Store64Lane] = (new(Opcode.V128Store64Lane, 8, OpCodes.Stind_I8), Opcode.I64x2ExtractLane),
    };

    private bool EmitVector(in InstructionReader at)
    {
        if (_vectorAccesses.TryGetValue(at.Opcode, out var access))
        {
            EmitLoadOf(access, at.Offset, at.Position);
            _il.Emit(OpCodes.Call, VectorTranslations.MethodOf(at.Opcode));
            _stack.PushFromIl(ValType.V128);
            return true;
        }

        if (_laneAccesses.TryGetValue(at.Opcode, out var lane))
        {
            if (at.Info.Signature!.Results.IsEmpty)
            {
                StoreLane(lane.Access, lane.Lane, in at);
            }
            else
            {
                LoadLane(lane.Access, lane.Lane, in at);
            }

            return true;
        }

        switch (at.Opcode)
        {
            case Opcode.V128Load:
                var from = EmitCheck(_stack.Pop(), at.Offset, Vector128<byte>.Count, at.Position);
                EmitAddress(from, at.Offset);
                EmitLoad(ValType.V128);
                _stack.PushFromIl(ValType.V128);
                return true;
            case Opcode.V128Store:
                var value = ExpressionEmitter.Exact(_stack.Pop());
                var to = EmitCheck(_stack.Pop(), at.Offset, Vector128<byte>.Count, at.Position);
                EmitAddress(to, at.Offset);
                _emitter.Emit(value);
                EmitStore(ValType.V128);
                return true;
            case Opcode.V128Const:
                _stack.Push(VectorOf(at.Bytes));
                return true;
            default:
                return false;
        }
    }

    private void LoadLane(MemoryAccess access, Opcode replace, in InstructionReader at)
    {
        var vector = _stack.Pop();
        EmitLoadOf(access, at.Offset, at.Position);
        var lane = _emitter.StoreInPool(access.Size == sizeof(long) ? ValType.I64 : ValType.I32);
        _stack.Push(ExpressionEmitter.Expression(
            Translations.Find(replace)!, ValType.V128, [vector, lane, Operand.OfI32(at.Lane)]));
    }

    private void StoreLane(MemoryAccess access, Opcode extract, in InstructionReader at)
    {
        var row = Translations.Find(extract)!;
        var type = row.Opcode.Info().Signature!.Results[0];
        var lane = ExpressionEmitter.Expression(row, type, [_stack.Pop(), Operand.OfI32(at.Lane)]);
        var address = EmitCheck(_stack.Pop(), at.Offset, access.Size, at.Position);
        EmitAddress(address, at.Offset);
        _emitter.Emit(lane);
        _il.Emit(OpCodes.Unaligned, (byte)1);
        _il.Emit(access.Access);
    }

    private void EmitLoadOf(MemoryAccess access, uint offset, int position)
    {
        var address = EmitCheck(_stack.Pop(), offset, access.Size, position);
        EmitAddress(address, offset);
        _il.Emit(OpCodes.Unaligned, (byte)1);
        _il.Emit(access.Access);
    }

    // Lanes and masks are operands of the method that stands for the instruction.
    private static Operand[] ImmediateParts(in InstructionReader at) => at.Info.Immediate switch
    {
        Immediate.Lane => [Operand.OfI32(at.Lane)],
        Immediate.Lanes => [MaskOf(at.Bytes, first: 0), MaskOf(at.Bytes, first: Vector128<byte>.Count)],
        _ => [],
    };

    // The lanes that come from one of the two vectors; 255 stands for none.
    private static Operand MaskOf(ReadOnlySpan<byte> lanes, int first)
    {
        Span<byte> mask = stackalloc byte[Vector128<byte>.Count];
        for (int place = 0; place < mask.Length; place++)
        {
            int lane = lanes[place] - first;
            mask[place] = lane is >= 0 and < 16 ? (byte)lane : byte.MaxValue;
        }

        return VectorOf(mask);
    }

    private static Operand VectorOf(ReadOnlySpan<byte> bytes) => new()
    {
        Type = ValType.V128,
        Kind = OperandKind.Constant,
        Bits = BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        HighBits = BinaryPrimitives.ReadUInt64LittleEndian(bytes[sizeof(ulong)..]),
    };
}
