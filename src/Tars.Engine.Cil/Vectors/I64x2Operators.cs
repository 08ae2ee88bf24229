using System.Runtime.Intrinsics;

namespace Tars.Engine.Cil.Vectors;

/// <summary>Instructions on two lanes of 64 bits, each named as its opcode.</summary>
internal static class I64x2Operators
{
    public static Vector128<byte> I64x2Splat(long a) => Vector128.Create(a).AsByte();

    public static long I64x2ExtractLane(Vector128<byte> a, int lane) => a.AsInt64().GetElement(lane);

    public static Vector128<byte> I64x2ReplaceLane(Vector128<byte> a, long b, int lane) =>
        a.AsInt64().WithElement(lane, b).AsByte();

    public static Vector128<byte> I64x2Eq(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.Equals(a.AsUInt64(), b.AsUInt64()).AsByte();

    public static Vector128<byte> I64x2Ne(Vector128<byte> a, Vector128<byte> b) =>
        ~Vector128.Equals(a.AsUInt64(), b.AsUInt64()).AsByte();

    public static Vector128<byte> I64x2LtS(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.LessThan(a.AsInt64(), b.AsInt64()).AsByte();

    public static Vector128<byte> I64x2GtS(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.GreaterThan(a.AsInt64(), b.AsInt64()).AsByte();

    public static Vector128<byte> I64x2LeS(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.LessThanOrEqual(a.AsInt64(), b.AsInt64()).AsByte();

    public static Vector128<byte> I64x2GeS(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.GreaterThanOrEqual(a.AsInt64(), b.AsInt64()).AsByte();

    public static Vector128<byte> I64x2Abs(Vector128<byte> a) => Vector128.Abs(a.AsInt64()).AsByte();

    public static Vector128<byte> I64x2Neg(Vector128<byte> a) => (-a.AsUInt64()).AsByte();

    public static int I64x2AllTrue(Vector128<byte> a) =>
        Vector128.EqualsAny(a.AsUInt64(), Vector128<ulong>.Zero) ? 0 : 1;

    public static int I64x2Bitmask(Vector128<byte> a) => (int)a.AsUInt64().ExtractMostSignificantBits();

    public static Vector128<byte> I64x2Shl(Vector128<byte> a, int count) =>
        Vector128.ShiftLeft(a.AsUInt64(), count & 63).AsByte();

    public static Vector128<byte> I64x2ShrS(Vector128<byte> a, int count) =>
        Vector128.ShiftRightArithmetic(a.AsInt64(), count & 63).AsByte();

    public static Vector128<byte> I64x2ShrU(Vector128<byte> a, int count) =>
        Vector128.ShiftRightLogical(a.AsUInt64(), count & 63).AsByte();

    public static Vector128<byte> I64x2Add(Vector128<byte> a, Vector128<byte> b) =>
        (a.AsUInt64() + b.AsUInt64()).AsByte();

    public static Vector128<byte> I64x2Sub(Vector128<byte> a, Vector128<byte> b) =>
        (a.AsUInt64() - b.AsUInt64()).AsByte();

    public static Vector128<byte> I64x2Mul(Vector128<byte> a, Vector128<byte> b) =>
        (a.AsUInt64() * b.AsUInt64()).AsByte();

    public static Vector128<byte> I64x2ExtendLowI32x4S(Vector128<byte> a) =>
        Vector128.WidenLower(a.AsInt32()).AsByte();

    public static Vector128<byte> I64x2ExtmulLowI32x4S(Vector128<byte> a, Vector128<byte> b) =>
        (Vector128.WidenLower(a.AsInt32()) * Vector128.WidenLower(b.AsInt32())).AsByte();

    public static Vector128<byte> I64x2ExtendLowI32x4U(Vector128<byte> a) =>
        Vector128.WidenLower(a.AsUInt32()).AsByte();

    public static Vector128<byte> I64x2ExtmulLowI32x4U(Vector128<byte> a, Vector128<byte> b) =>
        (Vector128.WidenLower(a.AsUInt32()) * Vector128.WidenLower(b.AsUInt32())).AsByte();

    public static Vector128<byte> I64x2ExtendHighI32x4S(Vector128<byte> a) =>
        Vector128.WidenUpper(a.AsInt32()).AsByte();

    public static Vector128<byte> I64x2ExtmulHighI32x4S(Vector128<byte> a, Vector128<byte> b) =>
        (Vector128.WidenUpper(a.AsInt32()) * Vector128.WidenUpper(b.AsInt32())).AsByte();

    public static Vector128<byte> I64x2ExtendHighI32x4U(Vector128<byte> a) =>
        Vector128.WidenUpper(a.AsUInt32()).AsByte();

    public static Vector128<byte> I64x2ExtmulHighI32x4U(Vector128<byte> a, Vector128<byte> b) =>
        (Vector128.WidenUpper(a.AsUInt32()) * Vector128.WidenUpper(b.AsUInt32())).AsByte();
}
