using System.Runtime.Intrinsics;

namespace Tars.Engine.Cil.Vectors;

/// <summary>Instructions on four lanes of 32 bits, each named as its opcode.</summary>
internal static class I32x4Operators
{
    public static Vector128<byte> I32x4Splat(int a) => Vector128.Create(a).AsByte();

    public static int I32x4ExtractLane(Vector128<byte> a, int lane) => a.AsInt32().GetElement(lane);

    public static Vector128<byte> I32x4ReplaceLane(Vector128<byte> a, int b, int lane) =>
        a.AsInt32().WithElement(lane, b).AsByte();

    public static Vector128<byte> I32x4Eq(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.Equals(a.AsUInt32(), b.AsUInt32()).AsByte();

    public static Vector128<byte> I32x4Ne(Vector128<byte> a, Vector128<byte> b) =>
        ~Vector128.Equals(a.AsUInt32(), b.AsUInt32()).AsByte();

    public static Vector128<byte> I32x4LtS(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.LessThan(a.AsInt32(), b.AsInt32()).AsByte();

    public static Vector128<byte> I32x4LtU(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.LessThan(a.AsUInt32(), b.AsUInt32()).AsByte();

    public static Vector128<byte> I32x4GtS(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.GreaterThan(a.AsInt32(), b.AsInt32()).AsByte();

    public static Vector128<byte> I32x4GtU(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.GreaterThan(a.AsUInt32(), b.AsUInt32()).AsByte();

    public static Vector128<byte> I32x4LeS(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.LessThanOrEqual(a.AsInt32(), b.AsInt32()).AsByte();

    public static Vector128<byte> I32x4LeU(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.LessThanOrEqual(a.AsUInt32(), b.AsUInt32()).AsByte();

    public static Vector128<byte> I32x4GeS(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.GreaterThanOrEqual(a.AsInt32(), b.AsInt32()).AsByte();

    public static Vector128<byte> I32x4GeU(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.GreaterThanOrEqual(a.AsUInt32(), b.AsUInt32()).AsByte();

    public static Vector128<byte> I32x4Abs(Vector128<byte> a) => Vector128.Abs(a.AsInt32()).AsByte();

    public static Vector128<byte> I32x4Neg(Vector128<byte> a) => (-a.AsUInt32()).AsByte();

    public static int I32x4AllTrue(Vector128<byte> a) =>
        Vector128.EqualsAny(a.AsUInt32(), Vector128<uint>.Zero) ? 0 : 1;

    public static int I32x4Bitmask(Vector128<byte> a) => (int)a.AsUInt32().ExtractMostSignificantBits();

    public static Vector128<byte> I32x4Shl(Vector128<byte> a, int count) =>
        Vector128.ShiftLeft(a.AsUInt32(), count & 31).AsByte();

    public static Vector128<byte> I32x4ShrS(Vector128<byte> a, int count) =>
        Vector128.ShiftRightArithmetic(a.AsInt32(), count & 31).AsByte();

    public static Vector128<byte> I32x4ShrU(Vector128<byte> a, int count) =>
        Vector128.ShiftRightLogical(a.AsUInt32(), count & 31).AsByte();

    public static Vector128<byte> I32x4Add(Vector128<byte> a, Vector128<byte> b) =>
        (a.AsUInt32() + b.AsUInt32()).AsByte();

    public static Vector128<byte> I32x4Sub(Vector128<byte> a, Vector128<byte> b) =>
        (a.AsUInt32() - b.AsUInt32()).AsByte();

    public static Vector128<byte> I32x4Mul(Vector128<byte> a, Vector128<byte> b) =>
        (a.AsUInt32() * b.AsUInt32()).AsByte();

    public static Vector128<byte> I32x4MinS(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.Min(a.AsInt32(), b.AsInt32()).AsByte();

    public static Vector128<byte> I32x4MinU(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.Min(a.AsUInt32(), b.AsUInt32()).AsByte();

    public static Vector128<byte> I32x4MaxS(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.Max(a.AsInt32(), b.AsInt32()).AsByte();

    public static Vector128<byte> I32x4MaxU(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.Max(a.AsUInt32(), b.AsUInt32()).AsByte();

    public static Vector128<byte> I32x4ExtendLowI16x8S(Vector128<byte> a) =>
        Vector128.WidenLower(a.AsInt16()).AsByte();

    public static Vector128<byte> I32x4ExtmulLowI16x8S(Vector128<byte> a, Vector128<byte> b) =>
        (Vector128.WidenLower(a.AsInt16()) * Vector128.WidenLower(b.AsInt16())).AsByte();

    public static Vector128<byte> I32x4ExtendLowI16x8U(Vector128<byte> a) =>
        Vector128.WidenLower(a.AsUInt16()).AsByte();

    public static Vector128<byte> I32x4ExtmulLowI16x8U(Vector128<byte> a, Vector128<byte> b) =>
        (Vector128.WidenLower(a.AsUInt16()) * Vector128.WidenLower(b.AsUInt16())).AsByte();

    public static Vector128<byte> I32x4ExtendHighI16x8S(Vector128<byte> a) =>
        Vector128.WidenUpper(a.AsInt16()).AsByte();

    public static Vector128<byte> I32x4ExtmulHighI16x8S(Vector128<byte> a, Vector128<byte> b) =>
        (Vector128.WidenUpper(a.AsInt16()) * Vector128.WidenUpper(b.AsInt16())).AsByte();

    public static Vector128<byte> I32x4ExtendHighI16x8U(Vector128<byte> a) =>
        Vector128.WidenUpper(a.AsUInt16()).AsByte();

    public static Vector128<byte> I32x4ExtmulHighI16x8U(Vector128<byte> a, Vector128<byte> b) =>
        (Vector128.WidenUpper(a.AsUInt16()) * Vector128.WidenUpper(b.AsUInt16())).AsByte();

    public static Vector128<byte> I32x4ExtaddPairwiseI16x8S(Vector128<byte> a) =>
        (Vector128.ShiftRightArithmetic(Vector128.ShiftLeft(a.AsInt32(), 16), 16)
            + Vector128.ShiftRightArithmetic(a.AsInt32(), 16)).AsByte();

    public static Vector128<byte> I32x4ExtaddPairwiseI16x8U(Vector128<byte> a) =>
        ((a.AsUInt32() & Vector128.Create(0x0000FFFFu)) + Vector128.ShiftRightLogical(a.AsUInt32(), 16)).AsByte();

    public static Vector128<byte> I32x4TruncSatF32x4S(Vector128<byte> a) =>
        Vector128.ConvertToInt32(a.AsSingle()).AsByte();

    public static Vector128<byte> I32x4TruncSatF32x4U(Vector128<byte> a) =>
        Vector128.ConvertToUInt32(a.AsSingle()).AsByte();

    public static Vector128<byte> I32x4TruncSatF64x2SZero(Vector128<byte> a) =>
        Vector128.NarrowWithSaturation(Vector128.ConvertToInt64(a.AsDouble()), Vector128<long>.Zero).AsByte();

    public static Vector128<byte> I32x4TruncSatF64x2UZero(Vector128<byte> a) =>
        Vector128.NarrowWithSaturation(Vector128.ConvertToUInt64(a.AsDouble()), Vector128<ulong>.Zero).AsByte();

    /// <summary>Products of neighbouring words, added up in pairs.</summary>
    public static Vector128<byte> I32x4DotI16x8S(Vector128<byte> a, Vector128<byte> b)
    {
        var (x, y) = (a.AsInt32(), b.AsInt32());
        var even = Vector128.ShiftRightArithmetic(Vector128.ShiftLeft(x, 16), 16)
            * Vector128.ShiftRightArithmetic(Vector128.ShiftLeft(y, 16), 16);
        var odd = Vector128.ShiftRightArithmetic(x, 16) * Vector128.ShiftRightArithmetic(y, 16);
        return (even + odd).AsByte();
    }
}
