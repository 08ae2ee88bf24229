using System.Runtime.Intrinsics;

namespace Tars.Engine.Cil.Vectors;

/// <summary>Instructions on sixteen lanes of 8 bits, each named as its opcode.</summary>
internal static class I8x16Operators
{
    public static Vector128<byte> I8x16Splat(int a) => Vector128.Create((byte)a);

    public static int I8x16ExtractLaneS(Vector128<byte> a, int lane) => a.AsSByte().GetElement(lane);

    public static int I8x16ExtractLaneU(Vector128<byte> a, int lane) => a.GetElement(lane);

    public static Vector128<byte> I8x16ReplaceLane(Vector128<byte> a, int b, int lane) =>
        a.WithElement(lane, (byte)b);

    public static Vector128<byte> I8x16Eq(Vector128<byte> a, Vector128<byte> b) => Vector128.Equals(a, b);

    public static Vector128<byte> I8x16Ne(Vector128<byte> a, Vector128<byte> b) => ~Vector128.Equals(a, b);

    public static Vector128<byte> I8x16LtS(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.LessThan(a.AsSByte(), b.AsSByte()).AsByte();

    public static Vector128<byte> I8x16LtU(Vector128<byte> a, Vector128<byte> b) => Vector128.LessThan(a, b);

    public static Vector128<byte> I8x16GtS(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.GreaterThan(a.AsSByte(), b.AsSByte()).AsByte();

    public static Vector128<byte> I8x16GtU(Vector128<byte> a, Vector128<byte> b) => Vector128.GreaterThan(a, b);

    public static Vector128<byte> I8x16LeS(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.LessThanOrEqual(a.AsSByte(), b.AsSByte()).AsByte();

    public static Vector128<byte> I8x16LeU(Vector128<byte> a, Vector128<byte> b) => Vector128.LessThanOrEqual(a, b);

    public static Vector128<byte> I8x16GeS(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.GreaterThanOrEqual(a.AsSByte(), b.AsSByte()).AsByte();

    public static Vector128<byte> I8x16GeU(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.GreaterThanOrEqual(a, b);

    public static Vector128<byte> I8x16Abs(Vector128<byte> a) => Vector128.Abs(a.AsSByte()).AsByte();

    public static Vector128<byte> I8x16Neg(Vector128<byte> a) => -a;

    public static int I8x16AllTrue(Vector128<byte> a) => Vector128.EqualsAny(a, Vector128<byte>.Zero) ? 0 : 1;

    public static int I8x16Bitmask(Vector128<byte> a) => (int)a.ExtractMostSignificantBits();

    public static Vector128<byte> I8x16Shl(Vector128<byte> a, int count) => Vector128.ShiftLeft(a, count & 7);

    public static Vector128<byte> I8x16ShrS(Vector128<byte> a, int count) =>
        Vector128.ShiftRightArithmetic(a.AsSByte(), count & 7).AsByte();

    public static Vector128<byte> I8x16ShrU(Vector128<byte> a, int count) =>
        Vector128.ShiftRightLogical(a, count & 7);

    public static Vector128<byte> I8x16Add(Vector128<byte> a, Vector128<byte> b) => a + b;

    public static Vector128<byte> I8x16Sub(Vector128<byte> a, Vector128<byte> b) => a - b;

    public static Vector128<byte> I8x16AddSatS(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.AddSaturate(a.AsSByte(), b.AsSByte()).AsByte();

    public static Vector128<byte> I8x16AddSatU(Vector128<byte> a, Vector128<byte> b) => Vector128.AddSaturate(a, b);

    public static Vector128<byte> I8x16SubSatS(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.SubtractSaturate(a.AsSByte(), b.AsSByte()).AsByte();

    public static Vector128<byte> I8x16SubSatU(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.SubtractSaturate(a, b);

    public static Vector128<byte> I8x16MinS(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.Min(a.AsSByte(), b.AsSByte()).AsByte();

    public static Vector128<byte> I8x16MinU(Vector128<byte> a, Vector128<byte> b) => Vector128.Min(a, b);

    public static Vector128<byte> I8x16MaxS(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.Max(a.AsSByte(), b.AsSByte()).AsByte();

    public static Vector128<byte> I8x16MaxU(Vector128<byte> a, Vector128<byte> b) => Vector128.Max(a, b);

    public static Vector128<byte> I8x16AvgrU(Vector128<byte> a, Vector128<byte> b) =>
        (a | b) - Vector128.ShiftRightLogical(a ^ b, 1);

    public static Vector128<byte> I8x16NarrowI16x8S(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.NarrowWithSaturation(a.AsInt16(), b.AsInt16()).AsByte();

    public static Vector128<byte> I8x16NarrowI16x8U(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.Narrow(Octets(a), Octets(b));

    public static Vector128<byte> I8x16Swizzle(Vector128<byte> a, Vector128<byte> b) => Vector128.Shuffle(a, b);

    /// <summary>The immediate is split: lanes of the first, lanes of the second, 255 where the other gives.</summary>
    public static Vector128<byte> I8x16Shuffle(
        Vector128<byte> a, Vector128<byte> b, Vector128<byte> firstLanes, Vector128<byte> secondLanes) =>
        Vector128.Shuffle(a, firstLanes) | Vector128.Shuffle(b, secondLanes);

    public static Vector128<byte> I8x16Popcnt(Vector128<byte> a)
    {
        var pairs = a - (Vector128.ShiftRightLogical(a, 1) & Vector128.Create((byte)0x55));
        var low = Vector128.Create((byte)0x33);
        var fours = (pairs & low) + (Vector128.ShiftRightLogical(pairs, 2) & low);
        return (fours + Vector128.ShiftRightLogical(fours, 4)) & Vector128.Create((byte)0x0F);
    }

    // Signed words cut down to what an octet can hold.
    private static Vector128<ushort> Octets(Vector128<byte> words) =>
        Vector128.Min(Vector128.Max(words.AsInt16(), Vector128<short>.Zero), Vector128.Create((short)255)).AsUInt16();
}
