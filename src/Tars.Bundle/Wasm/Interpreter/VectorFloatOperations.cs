using static Tars.Bundle.Wasm.Interpreter.FloatOperations;
using static Tars.Bundle.Wasm.Interpreter.LaneRows;

namespace Tars.Bundle.Wasm.Interpreter;

/// <summary>Float vector instructions and the conversions between float and integer lanes.</summary>
internal static class VectorFloatOperations
{
    public static readonly OperationRow[] Rows = [.. Rows32(), .. Rows64(), .. Conversions()];

    private static OperationRow[] Rows32() =>
    [
        Test<float>(Opcode.F32x4Eq, (x, y) => x == y),
        Test<float>(Opcode.F32x4Ne, (x, y) => x != y),
        Test<float>(Opcode.F32x4Lt, (x, y) => x < y),
        Test<float>(Opcode.F32x4Gt, (x, y) => x > y),
        Test<float>(Opcode.F32x4Le, (x, y) => x <= y),
        Test<float>(Opcode.F32x4Ge, (x, y) => x >= y),
        Map<float>(Opcode.F32x4Ceil, x => Canonical(MathF.Ceiling(x))),
        Map<float>(Opcode.F32x4Floor, x => Canonical(MathF.Floor(x))),
        Map<float>(Opcode.F32x4Trunc, x => Canonical(MathF.Truncate(x))),
        Map<float>(Opcode.F32x4Nearest, x => Canonical(MathF.Round(x, MidpointRounding.ToEven))),
        Map<float>(Opcode.F32x4Sqrt, x => Canonical(MathF.Sqrt(x))),
        Map<uint>(Opcode.F32x4Abs, x => x & ~0x80000000),
        Map<uint>(Opcode.F32x4Neg, x => x ^ 0x80000000),
        Zip<float>(Opcode.F32x4Add, (x, y) => Canonical(x + y)),
        Zip<float>(Opcode.F32x4Sub, (x, y) => Canonical(x - y)),
        Zip<float>(Opcode.F32x4Mul, (x, y) => Canonical(x * y)),
        Zip<float>(Opcode.F32x4Div, (x, y) => Canonical(x / y)),
        Zip<float>(Opcode.F32x4Min, (x, y) => Canonical(MathF.Min(x, y))),
        Zip<float>(Opcode.F32x4Max, (x, y) => Canonical(MathF.Max(x, y))),
        Zip<float>(Opcode.F32x4Pmin, (x, y) => y < x ? y : x),
        Zip<float>(Opcode.F32x4Pmax, (x, y) => x < y ? y : x),
    ];

    private static OperationRow[] Rows64() =>
    [
        Test<double>(Opcode.F64x2Eq, (x, y) => x == y),
        Test<double>(Opcode.F64x2Ne, (x, y) => x != y),
        Test<double>(Opcode.F64x2Lt, (x, y) => x < y),
        Test<double>(Opcode.F64x2Gt, (x, y) => x > y),
        Test<double>(Opcode.F64x2Le, (x, y) => x <= y),
        Test<double>(Opcode.F64x2Ge, (x, y) => x >= y),
        Map<double>(Opcode.F64x2Ceil, x => Canonical(Math.Ceiling(x))),
        Map<double>(Opcode.F64x2Floor, x => Canonical(Math.Floor(x))),
        Map<double>(Opcode.F64x2Trunc, x => Canonical(Math.Truncate(x))),
        Map<double>(Opcode.F64x2Nearest, x => Canonical(Math.Round(x, MidpointRounding.ToEven))),
        Map<double>(Opcode.F64x2Sqrt, x => Canonical(Math.Sqrt(x))),
        Map<ulong>(Opcode.F64x2Abs, x => x & ~0x8000000000000000),
        Map<ulong>(Opcode.F64x2Neg, x => x ^ 0x8000000000000000),
        Zip<double>(Opcode.F64x2Add, (x, y) => Canonical(x + y)),
        Zip<double>(Opcode.F64x2Sub, (x, y) => Canonical(x - y)),
        Zip<double>(Opcode.F64x2Mul, (x, y) => Canonical(x * y)),
        Zip<double>(Opcode.F64x2Div, (x, y) => Canonical(x / y)),
        Zip<double>(Opcode.F64x2Min, (x, y) => Canonical(Math.Min(x, y))),
        Zip<double>(Opcode.F64x2Max, (x, y) => Canonical(Math.Max(x, y))),
        Zip<double>(Opcode.F64x2Pmin, (x, y) => y < x ? y : x),
        Zip<double>(Opcode.F64x2Pmax, (x, y) => x < y ? y : x),
    ];

    private static OperationRow[] Conversions() =>
    [
        Low<float, int>(Opcode.I32x4TruncSatF32x4S, x => ConversionOperations.ToInt32(x)),
        Low<float, uint>(Opcode.I32x4TruncSatF32x4U, x => ConversionOperations.ToUInt32(x)),
        LowZero<double, int>(Opcode.I32x4TruncSatF64x2SZero, ConversionOperations.ToInt32),
        LowZero<double, uint>(Opcode.I32x4TruncSatF64x2UZero, ConversionOperations.ToUInt32),
        Low<int, float>(Opcode.F32x4ConvertI32x4S, x => x),
        Low<uint, float>(Opcode.F32x4ConvertI32x4U, x => x),
        LowZero<double, float>(Opcode.F32x4DemoteF64x2Zero, x => Canonical((float)x)),
        Low<int, double>(Opcode.F64x2ConvertLowI32x4S, x => x),
        Low<uint, double>(Opcode.F64x2ConvertLowI32x4U, x => x),
        Low<float, double>(Opcode.F64x2PromoteLowF32x4, x => Canonical((double)x)),
    ];
}
