using System.Runtime.Intrinsics;

namespace Tars.Engine.Cil.Vectors;

/// <summary>Instructions on eight lanes of 16 bits, each named as its opcode.</summary>
internal static class I16x8Operators
{
    public static Vector128<byte> I16x8Splat(int a) => Vector128.Create((ushort)a).AsByte();

    public static int I16x8ExtractLaneS(Vector128<byte> a, int lane) => a.AsInt16().GetElement(lane);

    public static int I16x8ExtractLaneU(Vector128<byte> a, int lane) => a.AsUInt16().GetElement(lane);

    public static Vector128<byte> I16x8ReplaceLane(Vector128<byte> a, int b, int lane) =>
        a.AsInt16().WithElement(lane, (short)b).AsByte();

    public static Vector128<byte> I16x8Eq(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.Equals(a.AsUInt16(), b.AsUInt16()).AsByte();

    public static Vector128<byte> I16x8Ne(Vector128<byte> a, Vector128<byte> b) =>
        ~Vector128.Equals(a.AsUInt16(), b.AsUInt16()).AsByte();

    public static Vector128<byte> I16x8LtS(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.LessThan(a.AsInt16(), b.AsInt16()).AsByte();

    public static Vector128<byte> I16x8LtU(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.LessThan(a.AsUInt16(), b.AsUInt16()).AsByte();

    public static Vector128<byte> I16x8GtS(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.GreaterThan(a.AsInt16(), b.AsInt16()).AsByte();

    public static Vector128<byte> I16x8GtU(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.GreaterThan(a.AsUInt16(), b.AsUInt16()).AsByte();

    public static Vector128<byte> I16x8LeS(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.LessThanOrEqual(a.AsInt16(), b.AsInt16()).AsByte();

    public static Vector128<byte> I16x8LeU(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.LessThanOrEqual(a.AsUInt16(), b.AsUInt16()).AsByte();

    public static Vector128<byte> I16x8GeS(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.GreaterThanOrEqual(a.AsInt16(), b.AsInt16()).AsByte();

    public static Vector128<byte> I16x8GeU(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.GreaterThanOrEqual(a.AsUInt16(), b.AsUInt16()).AsByte();

    public static Vector128<byte> I16x8Abs(Vector128<byte> a) => Vector128.Abs(a.AsInt16()).AsByte();

    public static Vector128<byte> I16x8Neg(Vector128<byte> a) => (-a.AsUInt16()).AsByte();

    public static int I16x8AllTrue(Vector128<byte> a) =>
        Vector128.EqualsAny(a.AsUInt16(), Vector128<ushort>.Zero) ? 0 : 1;

    public static int I16x8Bitmask(Vector128<byte> a) => (int)a.AsUInt16().ExtractMostSignificantBits();

    public static Vector128<byte> I16x8Shl(Vector128<byte> a, int count) =>
        Vector128.ShiftLeft(a.AsUInt16(), count & 15).AsByte();

    public static Vector128<byte> I16x8ShrS(Vector128<byte> a, int count) =>
        Vector128.ShiftRightArithmetic(a.AsInt16(), count & 15).AsByte();

    public static Vector128<byte> I16x8ShrU(Vector128<byte> a, int count) =>
        Vector128.ShiftRightLogical(a.AsUInt16(), count & 15).AsByte();

    public static Vector128<byte> I16x8Add(Vector128<byte> a, Vector128<byte> b) =>
        (a.AsUInt16() + b.AsUInt16()).AsByte();

    public static Vector128<byte> I16x8Sub(Vector128<byte> a, Vector128<byte> b) =>
        (a.AsUInt16() - b.AsUInt16()).AsByte();

    public static Vector128<byte> I16x8Mul(Vector128<byte> a, Vector128<byte> b) =>
        (a.AsUInt16() * b.AsUInt16()).AsByte();

    public static Vector128<byte> I16x8AddSatS(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.AddSaturate(a.AsInt16(), b.AsInt16()).AsByte();

    public static Vector128<byte> I16x8AddSatU(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.AddSaturate(a.AsUInt16(), b.AsUInt16()).AsByte();

    public static Vector128<byte> I16x8SubSatS(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.SubtractSaturate(a.AsInt16(), b.AsInt16()).AsByte();

    public static Vector128<byte> I16x8SubSatU(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.SubtractSaturate(a.AsUInt16(), b.AsUInt16()).AsByte();

    public static Vector128<byte> I16x8MinS(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.Min(a.AsInt16(), b.AsInt16()).AsByte();

    public static Vector128<byte> I16x8MinU(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.Min(a.AsUInt16(), b.AsUInt16()).AsByte();

    public static Vector128<byte> I16x8MaxS(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.Max(a.AsInt16(), b.AsInt16()).AsByte();

    public static Vector128<byte> I16x8MaxU(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.Max(a.AsUInt16(), b.AsUInt16()).AsByte();

    public static Vector128<byte> I16x8AvgrU(Vector128<byte> a, Vector128<byte> b) =>
        ((a.AsUInt16() | b.AsUInt16()) - Vector128.ShiftRightLogical(a.AsUInt16() ^ b.AsUInt16(), 1)).AsByte();

    public static Vector128<byte> I16x8ExtendLowI8x16S(Vector128<byte> a) =>
        Vector128.WidenLower(a.AsSByte()).AsByte();

    public static Vector128<byte> I16x8ExtmulLowI8x16S(Vector128<byte> a, Vector128<byte> b) =>
        (Vector128.WidenLower(a.AsSByte()) * Vector128.WidenLower(b.AsSByte())).AsByte();

    public static Vector128<byte> I16x8ExtendLowI8x16U(Vector128<byte> a) => Vector128.WidenLower(a).AsByte();

    public static Vector128<byte> I16x8ExtmulLowI8x16U(Vector128<byte> a, Vector128<byte> b) =>
        (Vector128.WidenLower(a) * Vector128.WidenLower(b)).AsByte();

    public static Vector128<byte> I16x8ExtendHighI8x16S(Vector128<byte> a) =>
        Vector128.WidenUpper(a.AsSByte()).AsByte();

    public static Vector128<byte> I16x8ExtmulHighI8x16S(Vector128<byte> a, Vector128<byte> b) =>
        (Vector128.WidenUpper(a.AsSByte()) * Vector128.WidenUpper(b.AsSByte())).AsByte();

    public static Vector128<byte> I16x8ExtendHighI8x16U(Vector128<byte> a) => Vector128.WidenUpper(a).AsByte();

    public static Vector128<byte> I16x8ExtmulHighI8x16U(Vector128<byte> a, Vector128<byte> b) =>
        (Vector128.WidenUpper(a) * Vector128.WidenUpper(b)).AsByte();

    public static Vector128<byte> I16x8ExtaddPairwiseI8x16S(Vector128<byte> a) =>
        (Vector128.ShiftRightArithmetic(Vector128.ShiftLeft(a.AsInt16(), 8), 8)
            + Vector128.ShiftRightArithmetic(a.AsInt16(), 8)).AsByte();

    public static Vector128<byte> I16x8ExtaddPairwiseI8x16U(Vector128<byte> a) =>
        ((a.AsUInt16() & Vector128.Create((ushort)0x00FF)) + Vector128.ShiftRightLogical(a.AsUInt16(), 8)).AsByte();

    public static Vector128<byte> I16x8NarrowI32x4S(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.NarrowWithSaturation(a.AsInt32(), b.AsInt32()).AsByte();

    public static Vector128<byte> I16x8NarrowI32x4U(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.Narrow(Words(a), Words(b)).AsByte();

    /// <summary>The product of two fractions of 15 bits, rounded; only the product of -1 and -1 does not fit.</summary>
    public static Vector128<byte> I16x8Q15mulrSatS(Vector128<byte> a, Vector128<byte> b)
    {
        var (x, y) = (a.AsInt16(), b.AsInt16());
        var low = Fraction(Vector128.WidenLower(x) * Vector128.WidenLower(y));
        var high = Fraction(Vector128.WidenUpper(x) * Vector128.WidenUpper(y));
        return Vector128.NarrowWithSaturation(low, high).AsByte();
    }

    private static Vector128<int> Fraction(Vector128<int> product) =>
        Vector128.ShiftRightArithmetic(product + Vector128.Create(0x4000), 15);

    // Signed double words cut down to what a word can hold.
    private static Vector128<uint> Words(Vector128<byte> doubles) =>
        Vector128.Min(Vector128.Max(doubles.AsInt32(), Vector128<int>.Zero), Vector128.Create(65_535)).AsUInt32();
}
