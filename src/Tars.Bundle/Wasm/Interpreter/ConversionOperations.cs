namespace Tars.Bundle.Wasm.Interpreter;

/// <summary>Conversions between number types, and the null test.</summary>
internal static class ConversionOperations
{
    // The first double beyond each range; every range below is open at these.
    private const double TwoTo31 = 2147483648.0;
    private const double TwoTo32 = 4294967296.0;
    private const double TwoTo63 = 9223372036854775808.0;
    private const double TwoTo64 = 18446744073709551616.0;

    public static readonly OperationRow[] Rows =
    [
        Convert(Opcode.RefIsNull, x => Value.Of(x.Reference is null)),
        Convert(Opcode.I32WrapI64, x => Value.Of(x.I32)),
        Convert(Opcode.I64ExtendI32S, x => Value.Of((long)x.I32)),
        Convert(Opcode.I64ExtendI32U, x => Value.Of((ulong)x.U32)),
        Convert(Opcode.F32ConvertI32S, x => Value.Of((float)x.I32)),
        Convert(Opcode.F32ConvertI32U, x => Value.Of((float)x.U32)),
        Convert(Opcode.F32ConvertI64S, x => Value.Of((float)x.I64)),
        Convert(Opcode.F32ConvertI64U, x => Value.Of((float)x.Low)),
        Convert(Opcode.F32DemoteF64, x => Value.Of(FloatOperations.Canonical((float)x.F64))),
        Convert(Opcode.F64ConvertI32S, x => Value.Of((double)x.I32)),
        Convert(Opcode.F64ConvertI32U, x => Value.Of((double)x.U32)),
        Convert(Opcode.F64ConvertI64S, x => Value.Of((double)x.I64)),
        Convert(Opcode.F64ConvertI64U, x => Value.Of((double)x.Low)),
        Convert(Opcode.F64PromoteF32, x => Value.Of(FloatOperations.Canonical((double)x.F32))),
        Convert(Opcode.I32ReinterpretF32, x => x),
        Convert(Opcode.I64ReinterpretF64, x => x),
        Convert(Opcode.F32ReinterpretI32, x => x),
        Convert(Opcode.F64ReinterpretI64, x => x),
        Truncate(Opcode.I32TruncF32S, x => x.F32, -TwoTo31, TwoTo31, x => Value.Of((int)x)),
        Truncate(Opcode.I32TruncF32U, x => x.F32, 0, TwoTo32, x => Value.Of((uint)x)),
        Truncate(Opcode.I32TruncF64S, x => x.F64, -TwoTo31, TwoTo31, x => Value.Of((int)x)),
        Truncate(Opcode.I32TruncF64U, x => x.F64, 0, TwoTo32, x => Value.Of((uint)x)),
        Truncate(Opcode.I64TruncF32S, x => x.F32, -TwoTo63, TwoTo63, x => Value.Of((long)x)),
        Truncate(Opcode.I64TruncF32U, x => x.F32, 0, TwoTo64, x => Value.Of((ulong)x)),
        Truncate(Opcode.I64TruncF64S, x => x.F64, -TwoTo63, TwoTo63, x => Value.Of((long)x)),
        Truncate(Opcode.I64TruncF64U, x => x.F64, 0, TwoTo64, x => Value.Of((ulong)x)),
        Convert(Opcode.I32TruncSatF32S, x => Value.Of(ToInt32(x.F32))),
        Convert(Opcode.I32TruncSatF32U, x => Value.Of(ToUInt32(x.F32))),
        Convert(Opcode.I32TruncSatF64S, x => Value.Of(ToInt32(x.F64))),
        Convert(Opcode.I32TruncSatF64U, x => Value.Of(ToUInt32(x.F64))),
        Convert(Opcode.I64TruncSatF32S, x => Value.Of(ToInt64(x.F32))),
        Convert(Opcode.I64TruncSatF32U, x => Value.Of(ToUInt64(x.F32))),
        Convert(Opcode.I64TruncSatF64S, x => Value.Of(ToInt64(x.F64))),
        Convert(Opcode.I64TruncSatF64U, x => Value.Of(ToUInt64(x.F64))),
    ];

    /// <summary>Towards zero, the nearest number when it does not fit, 0 for a NaN; so too the next three.</summary>
    public static int ToInt32(double x) =>
        double.IsNaN(x) ? 0 : x <= -TwoTo31 ? int.MinValue : TwoTo31 <= x ? int.MaxValue : (int)x;

    public static uint ToUInt32(double x) =>
        double.IsNaN(x) || x <= 0 ? 0 : TwoTo32 <= x ? uint.MaxValue : (uint)x;

    private static long ToInt64(double x) =>
        double.IsNaN(x) ? 0 : x <= -TwoTo63 ? long.MinValue : TwoTo63 <= x ? long.MaxValue : (long)x;

    private static ulong ToUInt64(double x) =>
        double.IsNaN(x) || x <= 0 ? 0 : TwoTo64 <= x ? ulong.MaxValue : (ulong)x;

    private static OperationRow Convert(Opcode opcode, Func<Value, Value> f) => new(opcode, (o, _) =>
    {
        o[0] = f(o[0]);
        return null;
    });

    // The whole part must be at least the smallest number and below the bound. -0.9 has the whole part -0, which is 0.
    private static OperationRow Truncate(
        Opcode opcode, Func<Value, double> from, double smallest, double bound, Func<double, Value> to) =>
        new(opcode, (o, _) =>
        {
            double whole = Math.Truncate(from(o[0]));
            if (double.IsNaN(whole))
            {
                return WasmTrap.InvalidConversion;
            }

            if (whole < smallest || bound <= whole)
            {
                return WasmTrap.IntegerOverflow;
            }

            o[0] = to(whole);
            return null;
        });
}
