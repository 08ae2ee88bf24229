using System.Numerics;
using static Tars.Bundle.Wasm.Interpreter.LaneRows;

namespace Tars.Bundle.Wasm.Interpreter;

/// <summary>Integer vector instructions whose lanes stay as wide as they are.</summary>
internal static class VectorIntegerOperations
{
    public static readonly OperationRow[] Rows = [.. Rows8(), .. Rows16(), .. Rows32(), .. Rows64()];

    private static OperationRow[] Rows8() =>
    [
        Test<sbyte>(Opcode.I8x16Eq, (x, y) => x == y),
        Test<sbyte>(Opcode.I8x16Ne, (x, y) => x != y),
        Test<sbyte>(Opcode.I8x16LtS, (x, y) => x < y),
        Test<byte>(Opcode.I8x16LtU, (x, y) => x < y),
        Test<sbyte>(Opcode.I8x16GtS, (x, y) => x > y),
        Test<byte>(Opcode.I8x16GtU, (x, y) => x > y),
        Test<sbyte>(Opcode.I8x16LeS, (x, y) => x <= y),
        Test<byte>(Opcode.I8x16LeU, (x, y) => x <= y),
        Test<sbyte>(Opcode.I8x16GeS, (x, y) => x >= y),
        Test<byte>(Opcode.I8x16GeU, (x, y) => x >= y),
        Map<sbyte>(Opcode.I8x16Abs, x => x < 0 ? (sbyte)(-x) : x),
        Map<sbyte>(Opcode.I8x16Neg, x => (sbyte)(-x)),
        Map<byte>(Opcode.I8x16Popcnt, x => (byte)BitOperations.PopCount(x)),
        AllTrue<sbyte>(Opcode.I8x16AllTrue),
        Bitmask<sbyte>(Opcode.I8x16Bitmask),
        Shift<sbyte>(Opcode.I8x16Shl, (x, count) => (sbyte)(x << count)),
        Shift<sbyte>(Opcode.I8x16ShrS, (x, count) => (sbyte)(x >> count)),
        Shift<byte>(Opcode.I8x16ShrU, (x, count) => (byte)(x >> count)),
        Zip<sbyte>(Opcode.I8x16Add, (x, y) => (sbyte)(x + y)),
        Zip<sbyte>(Opcode.I8x16Sub, (x, y) => (sbyte)(x - y)),
        Zip<sbyte>(Opcode.I8x16AddSatS, (x, y) => (sbyte)Math.Clamp(x + y, sbyte.MinValue, sbyte.MaxValue)),
        Zip<byte>(Opcode.I8x16AddSatU, (x, y) => (byte)Math.Clamp(x + y, byte.MinValue, byte.MaxValue)),
        Zip<sbyte>(Opcode.I8x16SubSatS, (x, y) => (sbyte)Math.Clamp(x - y, sbyte.MinValue, sbyte.MaxValue)),
        Zip<byte>(Opcode.I8x16SubSatU, (x, y) => (byte)Math.Clamp(x - y, byte.MinValue, byte.MaxValue)),
        Zip<byte>(Opcode.I8x16AvgrU, (x, y) => (byte)((x + y + 1) / 2)),
        Zip<sbyte>(Opcode.I8x16MinS, Math.Min),
        Zip<byte>(Opcode.I8x16MinU, Math.Min),
        Zip<sbyte>(Opcode.I8x16MaxS, Math.Max),
        Zip<byte>(Opcode.I8x16MaxU, Math.Max),
    ];

    private static OperationRow[] Rows16() =>
    [
        Test<short>(Opcode.I16x8Eq, (x, y) => x == y),
        Test<short>(Opcode.I16x8Ne, (x, y) => x != y),
        Test<short>(Opcode.I16x8LtS, (x, y) => x < y),
        Test<ushort>(Opcode.I16x8LtU, (x, y) => x < y),
        Test<short>(Opcode.I16x8GtS, (x, y) => x > y),
        Test<ushort>(Opcode.I16x8GtU, (x, y) => x > y),
        Test<short>(Opcode.I16x8LeS, (x, y) => x <= y),
        Test<ushort>(Opcode.I16x8LeU, (x, y) => x <= y),
        Test<short>(Opcode.I16x8GeS, (x, y) => x >= y),
        Test<ushort>(Opcode.I16x8GeU, (x, y) => x >= y),
        Map<short>(Opcode.I16x8Abs, x => x < 0 ? (short)(-x) : x),
        Map<short>(Opcode.I16x8Neg, x => (short)(-x)),
        AllTrue<short>(Opcode.I16x8AllTrue),
        Bitmask<short>(Opcode.I16x8Bitmask),
        Shift<short>(Opcode.I16x8Shl, (x, count) => (short)(x << count)),
        Shift<short>(Opcode.I16x8ShrS, (x, count) => (short)(x >> count)),
        Shift<ushort>(Opcode.I16x8ShrU, (x, count) => (ushort)(x >> count)),
        Zip<short>(Opcode.I16x8Add, (x, y) => (short)(x + y)),
        Zip<short>(Opcode.I16x8Sub, (x, y) => (short)(x - y)),
        Zip<short>(Opcode.I16x8AddSatS, (x, y) => (short)Math.Clamp(x + y, short.MinValue, short.MaxValue)),
        Zip<ushort>(Opcode.I16x8AddSatU, (x, y) => (ushort)Math.Clamp(x + y, ushort.MinValue, ushort.MaxValue)),
        Zip<short>(Opcode.I16x8SubSatS, (x, y) => (short)Math.Clamp(x - y, short.MinValue, short.MaxValue)),
        Zip<ushort>(Opcode.I16x8SubSatU, (x, y) => (ushort)Math.Clamp(x - y, ushort.MinValue, ushort.MaxValue)),
        Zip<ushort>(Opcode.I16x8AvgrU, (x, y) => (ushort)((x + y + 1) / 2)),
        Zip<short>(Opcode.I16x8Mul, (x, y) => (short)(x * y)),
        Zip<short>(Opcode.I16x8Q15mulrSatS, RoundedProduct),
        Zip<short>(Opcode.I16x8MinS, Math.Min),
        Zip<ushort>(Opcode.I16x8MinU, Math.Min),
        Zip<short>(Opcode.I16x8MaxS, Math.Max),
        Zip<ushort>(Opcode.I16x8MaxU, Math.Max),
    ];

    private static OperationRow[] Rows32() =>
    [
        Test<int>(Opcode.I32x4Eq, (x, y) => x == y),
        Test<int>(Opcode.I32x4Ne, (x, y) => x != y),
        Test<int>(Opcode.I32x4LtS, (x, y) => x < y),
        Test<uint>(Opcode.I32x4LtU, (x, y) => x < y),
        Test<int>(Opcode.I32x4GtS, (x, y) => x > y),
        Test<uint>(Opcode.I32x4GtU, (x, y) => x > y),
        Test<int>(Opcode.I32x4LeS, (x, y) => x <= y),
        Test<uint>(Opcode.I32x4LeU, (x, y) => x <= y),
        Test<int>(Opcode.I32x4GeS, (x, y) => x >= y),
        Test<uint>(Opcode.I32x4GeU, (x, y) => x >= y),
        Map<int>(Opcode.I32x4Abs, x => x < 0 ? -x : x),
        Map<int>(Opcode.I32x4Neg, x => -x),
        AllTrue<int>(Opcode.I32x4AllTrue),
        Bitmask<int>(Opcode.I32x4Bitmask),
        Shift<int>(Opcode.I32x4Shl, (x, count) => x << count),
        Shift<int>(Opcode.I32x4ShrS, (x, count) => x >> count),
        Shift<uint>(Opcode.I32x4ShrU, (x, count) => x >> count),
        Zip<int>(Opcode.I32x4Add, (x, y) => x + y),
        Zip<int>(Opcode.I32x4Sub, (x, y) => x - y),
        Zip<int>(Opcode.I32x4Mul, (x, y) => x * y),
        Zip<int>(Opcode.I32x4MinS, Math.Min),
        Zip<uint>(Opcode.I32x4MinU, Math.Min),
        Zip<int>(Opcode.I32x4MaxS, Math.Max),
        Zip<uint>(Opcode.I32x4MaxU, Math.Max),
    ];

    private static OperationRow[] Rows64() =>
    [
        Test<long>(Opcode.I64x2Eq, (x, y) => x == y),
        Test<long>(Opcode.I64x2Ne, (x, y) => x != y),
        Test<long>(Opcode.I64x2LtS, (x, y) => x < y),
        Test<long>(Opcode.I64x2GtS, (x, y) => x > y),
        Test<long>(Opcode.I64x2LeS, (x, y) => x <= y),
        Test<long>(Opcode.I64x2GeS, (x, y) => x >= y),
        Map<long>(Opcode.I64x2Abs, x => x < 0 ? -x : x),
        Map<long>(Opcode.I64x2Neg, x => -x),
        AllTrue<long>(Opcode.I64x2AllTrue),
        Bitmask<long>(Opcode.I64x2Bitmask),
        Shift<long>(Opcode.I64x2Shl, (x, count) => x << count),
        Shift<long>(Opcode.I64x2ShrS, (x, count) => x >> count),
        Shift<ulong>(Opcode.I64x2ShrU, (x, count) => x >> count),
        Zip<long>(Opcode.I64x2Add, (x, y) => x + y),
        Zip<long>(Opcode.I64x2Sub, (x, y) => x - y),
        Zip<long>(Opcode.I64x2Mul, (x, y) => x * y),
    ];

    // Numbers with 15 bits behind the point, rounded to nearest. Only the square of -1 does not fit.
    private static short RoundedProduct(short x, short y) =>
        (short)Math.Min(((x * y) + 0x4000) >> 15, short.MaxValue);
}
