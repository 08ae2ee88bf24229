using System.Runtime.Intrinsics;
using static Tars.Bundle.Wasm.Interpreter.LaneRows;

namespace Tars.Bundle.Wasm.Interpreter;

/// <summary>Vector instructions that move lanes or work on all 128 bits at once.</summary>
internal static class VectorLaneOperations
{
    public static readonly OperationRow[] Rows =
    [
        new(Opcode.I8x16Swizzle, Swizzle),
        Splat(Opcode.I8x16Splat, x => (byte)x.Low),
        Splat(Opcode.I16x8Splat, x => (ushort)x.Low),
        Splat(Opcode.I32x4Splat, x => x.U32),
        Splat(Opcode.I64x2Splat, x => x.Low),
        Splat(Opcode.F32x4Splat, x => x.U32),
        Splat(Opcode.F64x2Splat, x => x.Low),
        Extract<sbyte>(Opcode.I8x16ExtractLaneS, x => Value.Of((int)x)),
        Extract<byte>(Opcode.I8x16ExtractLaneU, x => Value.Of((uint)x)),
        Extract<short>(Opcode.I16x8ExtractLaneS, x => Value.Of((int)x)),
        Extract<ushort>(Opcode.I16x8ExtractLaneU, x => Value.Of((uint)x)),
        Extract<uint>(Opcode.I32x4ExtractLane, Value.Of),
        Extract<ulong>(Opcode.I64x2ExtractLane, Value.Of),
        Extract<uint>(Opcode.F32x4ExtractLane, Value.Of),
        Extract<ulong>(Opcode.F64x2ExtractLane, Value.Of),
        Replace(Opcode.I8x16ReplaceLane, x => (byte)x.Low),
        Replace(Opcode.I16x8ReplaceLane, x => (ushort)x.Low),
        Replace(Opcode.I32x4ReplaceLane, x => x.U32),
        Replace(Opcode.I64x2ReplaceLane, x => x.Low),
        Replace(Opcode.F32x4ReplaceLane, x => x.U32),
        Replace(Opcode.F64x2ReplaceLane, x => x.Low),
        Map<ulong>(Opcode.V128Not, x => ~x),
        Zip<ulong>(Opcode.V128And, (x, y) => x & y),
        Zip<ulong>(Opcode.V128Andnot, (x, y) => x & ~y),
        Zip<ulong>(Opcode.V128Or, (x, y) => x | y),
        Zip<ulong>(Opcode.V128Xor, (x, y) => x ^ y),
        new(Opcode.V128Bitselect, Select),
        new(Opcode.V128AnyTrue, AnyTrue),
    ];

    /// <summary>Sixteen bytes picked out of the thirty-two of two vectors.</summary>
    public static Value Shuffle(Value first, Value second, Value places)
    {
        var x = first.Lanes<byte>();
        var y = second.Lanes<byte>();
        var from = places.Lanes<byte>();
        return Make(lane => from[lane] < 16 ? x[from[lane]] : y[from[lane] - 16]);
    }

    private static WasmTrap? Swizzle(Span<Value> o, byte lane)
    {
        var x = o[0].Lanes<byte>();
        var from = o[1].Lanes<byte>();
        o[0] = Make(place => from[place] < Vector128<byte>.Count ? x[from[place]] : (byte)0);
        return null;
    }

    private static WasmTrap? Select(Span<Value> o, byte lane)
    {
        var mask = o[2];
        o[0] = new Value(
            (o[0].Low & mask.Low) | (o[1].Low & ~mask.Low), (o[0].High & mask.High) | (o[1].High & ~mask.High));
        return null;
    }

    private static WasmTrap? AnyTrue(Span<Value> o, byte lane)
    {
        o[0] = Value.Of((o[0].Low | o[0].High) != 0);
        return null;
    }
}
