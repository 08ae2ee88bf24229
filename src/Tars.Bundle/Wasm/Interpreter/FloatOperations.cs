namespace Tars.Bundle.Wasm.Interpreter;

/// <summary>Float arithmetic and comparison, f32 and f64.</summary>
internal static class FloatOperations
{
    private const uint CanonicalF32 = 0x7FC00000;
    private const ulong CanonicalF64 = 0x7FF8000000000000;
    private const uint SignF32 = 0x80000000;
    private const ulong SignF64 = 0x8000000000000000;

    public static readonly OperationRow[] Rows = [.. Rows32(), .. Rows64()];

    /// <summary>The number, or the canonical NaN.</summary>
    public static float Canonical(float value) =>
        float.IsNaN(value) ? BitConverter.UInt32BitsToSingle(CanonicalF32) : value;

    /// <summary>The number, or the canonical NaN.</summary>
    public static double Canonical(double value) =>
        double.IsNaN(value) ? BitConverter.UInt64BitsToDouble(CanonicalF64) : value;

    private static OperationRow[] Rows32() =>
    [
        Test32(Opcode.F32Eq, (x, y) => x == y),
        Test32(Opcode.F32Ne, (x, y) => x != y),
        Test32(Opcode.F32Lt, (x, y) => x < y),
        Test32(Opcode.F32Gt, (x, y) => x > y),
        Test32(Opcode.F32Le, (x, y) => x <= y),
        Test32(Opcode.F32Ge, (x, y) => x >= y),
        Bits(Opcode.F32Abs, (x, _) => x & ~SignF32, operands: 1),
        Bits(Opcode.F32Neg, (x, _) => x ^ SignF32, operands: 1),
        Bits(Opcode.F32Copysign, (x, y) => (x & ~SignF32) | (y & SignF32)),
        Map32(Opcode.F32Ceil, MathF.Ceiling),
        Map32(Opcode.F32Floor, MathF.Floor),
        Map32(Opcode.F32Trunc, MathF.Truncate),
        Map32(Opcode.F32Nearest, x => MathF.Round(x, MidpointRounding.ToEven)),
        Map32(Opcode.F32Sqrt, MathF.Sqrt),
        Zip32(Opcode.F32Add, (x, y) => x + y),
        Zip32(Opcode.F32Sub, (x, y) => x - y),
        Zip32(Opcode.F32Mul, (x, y) => x * y),
        Zip32(Opcode.F32Div, (x, y) => x / y),
        Zip32(Opcode.F32Min, MathF.Min),
        Zip32(Opcode.F32Max, MathF.Max),
    ];

    private static OperationRow[] Rows64() =>
    [
        Test64(Opcode.F64Eq, (x, y) => x == y),
        Test64(Opcode.F64Ne, (x, y) => x != y),
        Test64(Opcode.F64Lt, (x, y) => x < y),
        Test64(Opcode.F64Gt, (x, y) => x > y),
        Test64(Opcode.F64Le, (x, y) => x <= y),
        Test64(Opcode.F64Ge, (x, y) => x >= y),
        Bits(Opcode.F64Abs, (x, _) => x & ~SignF64, operands: 1),
        Bits(Opcode.F64Neg, (x, _) => x ^ SignF64, operands: 1),
        Bits(Opcode.F64Copysign, (x, y) => (x & ~SignF64) | (y & SignF64)),
        Map64(Opcode.F64Ceil, Math.Ceiling),
        Map64(Opcode.F64Floor, Math.Floor),
        Map64(Opcode.F64Trunc, Math.Truncate),
        Map64(Opcode.F64Nearest, x => Math.Round(x, MidpointRounding.ToEven)),
        Map64(Opcode.F64Sqrt, Math.Sqrt),
        Zip64(Opcode.F64Add, (x, y) => x + y),
        Zip64(Opcode.F64Sub, (x, y) => x - y),
        Zip64(Opcode.F64Mul, (x, y) => x * y),
        Zip64(Opcode.F64Div, (x, y) => x / y),
        Zip64(Opcode.F64Min, Math.Min),
        Zip64(Opcode.F64Max, Math.Max),
    ];

    private static OperationRow Map32(Opcode opcode, Func<float, float> f) => new(opcode, (o, _) =>
    {
        o[0] = Value.Of(Canonical(f(o[0].F32)));
        return null;
    });

    private static OperationRow Zip32(Opcode opcode, Func<float, float, float> f) => new(opcode, (o, _) =>
    {
        o[0] = Value.Of(Canonical(f(o[0].F32, o[1].F32)));
        return null;
    });

    private static OperationRow Test32(Opcode opcode, Func<float, float, bool> f) => new(opcode, (o, _) =>
    {
        o[0] = Value.Of(f(o[0].F32, o[1].F32));
        return null;
    });

    private static OperationRow Map64(Opcode opcode, Func<double, double> f) => new(opcode, (o, _) =>
    {
        o[0] = Value.Of(Canonical(f(o[0].F64)));
        return null;
    });

    private static OperationRow Zip64(Opcode opcode, Func<double, double, double> f) => new(opcode, (o, _) =>
    {
        o[0] = Value.Of(Canonical(f(o[0].F64, o[1].F64)));
        return null;
    });

    private static OperationRow Test64(Opcode opcode, Func<double, double, bool> f) => new(opcode, (o, _) =>
    {
        o[0] = Value.Of(f(o[0].F64, o[1].F64));
        return null;
    });

    private static OperationRow Bits(Opcode opcode, Func<ulong, ulong, ulong> f, int operands = 2) =>
        new(opcode, (o, _) =>
        {
            o[0] = Value.Of(f(o[0].Low, o[operands - 1].Low));
            return null;
        });
}
