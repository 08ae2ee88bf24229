using System.Runtime.Intrinsics;

namespace Tars.Engine.Cil.Vectors;

/// <summary>Instructions on all bits of a vector, and what loads make of the bits they have read.</summary>
internal static class V128Operators
{
    public static Vector128<byte> V128Not(Vector128<byte> a) => ~a;

    public static Vector128<byte> V128And(Vector128<byte> a, Vector128<byte> b) => a & b;

    public static Vector128<byte> V128Andnot(Vector128<byte> a, Vector128<byte> b) => a & ~b;

    public static Vector128<byte> V128Or(Vector128<byte> a, Vector128<byte> b) => a | b;

    public static Vector128<byte> V128Xor(Vector128<byte> a, Vector128<byte> b) => a ^ b;

    public static Vector128<byte> V128Bitselect(Vector128<byte> a, Vector128<byte> b, Vector128<byte> mask) =>
        Vector128.ConditionalSelect(mask, a, b);

    public static int V128AnyTrue(Vector128<byte> a) => a == Vector128<byte>.Zero ? 0 : 1;

    public static Vector128<byte> V128Load8x8S(long bits) =>
        Vector128.WidenLower(Vector128.CreateScalar(bits).AsSByte()).AsByte();

    public static Vector128<byte> V128Load8x8U(long bits) =>
        Vector128.WidenLower(Vector128.CreateScalar(bits).AsByte()).AsByte();

    public static Vector128<byte> V128Load16x4S(long bits) =>
        Vector128.WidenLower(Vector128.CreateScalar(bits).AsInt16()).AsByte();

    public static Vector128<byte> V128Load16x4U(long bits) =>
        Vector128.WidenLower(Vector128.CreateScalar(bits).AsUInt16()).AsByte();

    public static Vector128<byte> V128Load32x2S(long bits) =>
        Vector128.WidenLower(Vector128.CreateScalar(bits).AsInt32()).AsByte();

    public static Vector128<byte> V128Load32x2U(long bits) =>
        Vector128.WidenLower(Vector128.CreateScalar(bits).AsUInt32()).AsByte();

    public static Vector128<byte> V128Load8Splat(int bits) => Vector128.Create((byte)bits);

    public static Vector128<byte> V128Load16Splat(int bits) => Vector128.Create((short)bits).AsByte();

    public static Vector128<byte> V128Load32Splat(int bits) => Vector128.Create(bits).AsByte();

    public static Vector128<byte> V128Load64Splat(long bits) => Vector128.Create(bits).AsByte();

    public static Vector128<byte> V128Load32Zero(int bits) => Vector128.CreateScalar(bits).AsByte();

    public static Vector128<byte> V128Load64Zero(long bits) => Vector128.CreateScalar(bits).AsByte();
}
