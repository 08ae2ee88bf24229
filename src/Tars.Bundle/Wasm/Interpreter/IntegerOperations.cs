using System.Numerics;

namespace Tars.Bundle.Wasm.Interpreter;

/// <summary>Integer arithmetic and comparison, i32 and i64.</summary>
internal static class IntegerOperations
{
    public static readonly OperationRow[] Rows =
    [
        .. Common32(),
        .. Common64(),
        Test32(Opcode.I32Eqz, (x, _) => x == 0, operands: 1),
        Test32(Opcode.I32LtU, (x, y) => (uint)x < (uint)y),
        Test32(Opcode.I32GtU, (x, y) => (uint)x > (uint)y),
        Test32(Opcode.I32LeU, (x, y) => (uint)x <= (uint)y),
        Test32(Opcode.I32GeU, (x, y) => (uint)x >= (uint)y),
        Test64(Opcode.I64Eqz, (x, _) => x == 0, operands: 1),
        Test64(Opcode.I64LtU, (x, y) => (ulong)x < (ulong)y),
        Test64(Opcode.I64GtU, (x, y) => (ulong)x > (ulong)y),
        Test64(Opcode.I64LeU, (x, y) => (ulong)x <= (ulong)y),
        Test64(Opcode.I64GeU, (x, y) => (ulong)x >= (ulong)y),
        new(Opcode.I32DivS, (o, _) => Divide(o, x: o[0].I32, y: o[1].I32, int.MinValue, x => Value.Of((int)x))),
        new(Opcode.I64DivS, (o, _) => Divide(o, x: o[0].I64, y: o[1].I64, long.MinValue, Value.Of)),
        Unless0(Opcode.I32DivU, o => Value.Of(o[0].U32 / o[1].U32)),
        Unless0(Opcode.I64DivU, o => Value.Of(o[0].Low / o[1].Low)),

        // The remainder by -1 is 0, also of the smallest number, where .NET would trap.
        Unless0(Opcode.I32RemS, o => Value.Of(o[1].I32 == -1 ? 0 : o[0].I32 % o[1].I32)),
        Unless0(Opcode.I64RemS, o => Value.Of(o[1].I64 == -1 ? 0 : o[0].I64 % o[1].I64)),
        Unless0(Opcode.I32RemU, o => Value.Of(o[0].U32 % o[1].U32)),
        Unless0(Opcode.I64RemU, o => Value.Of(o[0].Low % o[1].Low)),
    ];

    private static OperationRow[] Common32() =>
    [
        Test32(Opcode.I32Eq, (x, y) => x == y),
        Test32(Opcode.I32Ne, (x, y) => x != y),
        Test32(Opcode.I32LtS, (x, y) => x < y),
        Test32(Opcode.I32GtS, (x, y) => x > y),
        Test32(Opcode.I32LeS, (x, y) => x <= y),
        Test32(Opcode.I32GeS, (x, y) => x >= y),
        Map32(Opcode.I32Clz, x => BitOperations.LeadingZeroCount((uint)x)),
        Map32(Opcode.I32Ctz, BitOperations.TrailingZeroCount),
        Map32(Opcode.I32Popcnt, x => BitOperations.PopCount((uint)x)),
        Map32(Opcode.I32Extend8S, x => (sbyte)x),
        Map32(Opcode.I32Extend16S, x => (short)x),
        Zip32(Opcode.I32Add, (x, y) => x + y),
        Zip32(Opcode.I32Sub, (x, y) => x - y),
        Zip32(Opcode.I32Mul, (x, y) => x * y),
        Zip32(Opcode.I32And, (x, y) => x & y),
        Zip32(Opcode.I32Or, (x, y) => x | y),
        Zip32(Opcode.I32Xor, (x, y) => x ^ y),
        Zip32(Opcode.I32Shl, (x, y) => x << y),
        Zip32(Opcode.I32ShrS, (x, y) => x >> y),
        Zip32(Opcode.I32ShrU, (x, y) => x >>> y),
        Zip32(Opcode.I32Rotl, (x, y) => (int)BitOperations.RotateLeft((uint)x, y)),
        Zip32(Opcode.I32Rotr, (x, y) => (int)BitOperations.RotateRight((uint)x, y)),
    ];

    private static OperationRow[] Common64() =>
    [
        Test64(Opcode.I64Eq, (x, y) => x == y),
        Test64(Opcode.I64Ne, (x, y) => x != y),
        Test64(Opcode.I64LtS, (x, y) => x < y),
        Test64(Opcode.I64GtS, (x, y) => x > y),
        Test64(Opcode.I64LeS, (x, y) => x <= y),
        Test64(Opcode.I64GeS, (x, y) => x >= y),
        Map64(Opcode.I64Clz, x => BitOperations.LeadingZeroCount((ulong)x)),
        Map64(Opcode.I64Ctz, x => BitOperations.TrailingZeroCount(x)),
        Map64(Opcode.I64Popcnt, x => BitOperations.PopCount((ulong)x)),
        Map64(Opcode.I64Extend8S, x => (sbyte)x),
        Map64(Opcode.I64Extend16S, x => (short)x),
        Map64(Opcode.I64Extend32S, x => (int)x),
        Zip64(Opcode.I64Add, (x, y) => x + y),
        Zip64(Opcode.I64Sub, (x, y) => x - y),
        Zip64(Opcode.I64Mul, (x, y) => x * y),
        Zip64(Opcode.I64And, (x, y) => x & y),
        Zip64(Opcode.I64Or, (x, y) => x | y),
        Zip64(Opcode.I64Xor, (x, y) => x ^ y),
        Zip64(Opcode.I64Shl, (x, y) => x << (int)y),
        Zip64(Opcode.I64ShrS, (x, y) => x >> (int)y),
        Zip64(Opcode.I64ShrU, (x, y) => x >>> (int)y),
        Zip64(Opcode.I64Rotl, (x, y) => (long)BitOperations.RotateLeft((ulong)x, (int)y)),
        Zip64(Opcode.I64Rotr, (x, y) => (long)BitOperations.RotateRight((ulong)x, (int)y)),
    ];

    private static OperationRow Map32(Opcode opcode, Func<int, int> f) => new(opcode, (o, _) =>
    {
        o[0] = Value.Of(f(o[0].I32));
        return null;
    });

    private static OperationRow Zip32(Opcode opcode, Func<int, int, int> f) => new(opcode, (o, _) =>
    {
        o[0] = Value.Of(f(o[0].I32, o[1].I32));
        return null;
    });

    private static OperationRow Test32(Opcode opcode, Func<int, int, bool> f, int operands = 2) => new(opcode, (o, _) =>
    {
        o[0] = Value.Of(f(o[0].I32, o[operands - 1].I32));
        return null;
    });

    private static OperationRow Map64(Opcode opcode, Func<long, long> f) => new(opcode, (o, _) =>
    {
        o[0] = Value.Of(f(o[0].I64));
        return null;
    });

    private static OperationRow Zip64(Opcode opcode, Func<long, long, long> f) => new(opcode, (o, _) =>
    {
        o[0] = Value.Of(f(o[0].I64, o[1].I64));
        return null;
    });

    private static OperationRow Test64(Opcode opcode, Func<long, long, bool> f, int operands = 2) =>
        new(opcode, (o, _) =>
        {
            o[0] = Value.Of(f(o[0].I64, o[operands - 1].I64));
            return null;
        });

    private static OperationRow Unless0(Opcode opcode, Func<Span<Value>, Value> f) => new(opcode, (o, _) =>
    {
        if (o[1].Low == 0)
        {
            return WasmTrap.IntegerDivideByZero;
        }

        o[0] = f(o);
        return null;
    });

    private static WasmTrap? Divide(Span<Value> o, long x, long y, long smallest, Func<long, Value> wrap)
    {
        if (y == 0)
        {
            return WasmTrap.IntegerDivideByZero;
        }

        if (x == smallest && y == -1)
        {
            return WasmTrap.IntegerOverflow;
        }

        o[0] = wrap(x / y);
        return null;
    }
}
