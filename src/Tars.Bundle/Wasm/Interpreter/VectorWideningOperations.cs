using static Tars.Bundle.Wasm.Interpreter.LaneRows;

namespace Tars.Bundle.Wasm.Interpreter;

/// <summary>Integer vector instructions that make lanes wider or narrower.</summary>
internal static class VectorWideningOperations
{
    public static readonly OperationRow[] Rows =
    [
        Low<sbyte, short>(Opcode.I16x8ExtendLowI8x16S, x => x),
        Low<byte, ushort>(Opcode.I16x8ExtendLowI8x16U, x => x),
        High<sbyte, short>(Opcode.I16x8ExtendHighI8x16S, x => x),
        High<byte, ushort>(Opcode.I16x8ExtendHighI8x16U, x => x),
        ZipLow<sbyte, short>(Opcode.I16x8ExtmulLowI8x16S, (x, y) => (short)(x * y)),
        ZipLow<byte, ushort>(Opcode.I16x8ExtmulLowI8x16U, (x, y) => (ushort)(x * y)),
        ZipHigh<sbyte, short>(Opcode.I16x8ExtmulHighI8x16S, (x, y) => (short)(x * y)),
        ZipHigh<byte, ushort>(Opcode.I16x8ExtmulHighI8x16U, (x, y) => (ushort)(x * y)),
        Pairs<sbyte, short>(Opcode.I16x8ExtaddPairwiseI8x16S, (x, y) => (short)(x + y)),
        Pairs<byte, ushort>(Opcode.I16x8ExtaddPairwiseI8x16U, (x, y) => (ushort)(x + y)),
        Low<short, int>(Opcode.I32x4ExtendLowI16x8S, x => x),
        Low<ushort, uint>(Opcode.I32x4ExtendLowI16x8U, x => x),
        High<short, int>(Opcode.I32x4ExtendHighI16x8S, x => x),
        High<ushort, uint>(Opcode.I32x4ExtendHighI16x8U, x => x),
        ZipLow<short, int>(Opcode.I32x4ExtmulLowI16x8S, (x, y) => x * y),
        ZipLow<ushort, uint>(Opcode.I32x4ExtmulLowI16x8U, (x, y) => (uint)x * y),
        ZipHigh<short, int>(Opcode.I32x4ExtmulHighI16x8S, (x, y) => x * y),
        ZipHigh<ushort, uint>(Opcode.I32x4ExtmulHighI16x8U, (x, y) => (uint)x * y),
        Pairs<short, int>(Opcode.I32x4ExtaddPairwiseI16x8S, (x, y) => x + y),
        Pairs<ushort, uint>(Opcode.I32x4ExtaddPairwiseI16x8U, (x, y) => (uint)(x + y)),
        Low<int, long>(Opcode.I64x2ExtendLowI32x4S, x => x),
        Low<uint, ulong>(Opcode.I64x2ExtendLowI32x4U, x => x),
        High<int, long>(Opcode.I64x2ExtendHighI32x4S, x => x),
        High<uint, ulong>(Opcode.I64x2ExtendHighI32x4U, x => x),
        ZipLow<int, long>(Opcode.I64x2ExtmulLowI32x4S, (x, y) => (long)x * y),
        ZipLow<uint, ulong>(Opcode.I64x2ExtmulLowI32x4U, (x, y) => (ulong)x * y),
        ZipHigh<int, long>(Opcode.I64x2ExtmulHighI32x4S, (x, y) => (long)x * y),
        ZipHigh<uint, ulong>(Opcode.I64x2ExtmulHighI32x4U, (x, y) => (ulong)x * y),
        Narrow<short, sbyte>(Opcode.I8x16NarrowI16x8S, x => (sbyte)Math.Clamp(x, sbyte.MinValue, sbyte.MaxValue)),
        Narrow<short, byte>(Opcode.I8x16NarrowI16x8U, x => (byte)Math.Clamp(x, byte.MinValue, byte.MaxValue)),
        Narrow<int, short>(Opcode.I16x8NarrowI32x4S, x => (short)Math.Clamp(x, short.MinValue, short.MaxValue)),
        Narrow<int, ushort>(Opcode.I16x8NarrowI32x4U, x => (ushort)Math.Clamp(x, ushort.MinValue, ushort.MaxValue)),
        new(Opcode.I32x4DotI16x8S, Dot),
    ];

    private static WasmTrap? Dot(Span<Value> o, byte lane)
    {
        var x = o[0].Lanes<short>();
        var y = o[1].Lanes<short>();
        o[0] = Make(place => (x[2 * place] * y[2 * place]) + (x[(2 * place) + 1] * y[(2 * place) + 1]));
        return null;
    }
}
