using System.Runtime.Intrinsics;

namespace Tars.Engine.Cil.Vectors;

/// <summary>Instructions on two floats of 64 bits, each named as its opcode.</summary>
internal static class F64x2Operators
{
    public static Vector128<byte> F64x2Splat(double a) => Vector128.Create(a).AsByte();

    public static double F64x2ExtractLane(Vector128<byte> a, int lane) => a.AsDouble().GetElement(lane);

    public static Vector128<byte> F64x2ReplaceLane(Vector128<byte> a, double b, int lane) =>
        a.AsDouble().WithElement(lane, b).AsByte();

    public static Vector128<byte> F64x2Eq(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.Equals(a.AsDouble(), b.AsDouble()).AsByte();

    public static Vector128<byte> F64x2Ne(Vector128<byte> a, Vector128<byte> b) =>
        ~Vector128.Equals(a.AsDouble(), b.AsDouble()).AsByte();

    public static Vector128<byte> F64x2Lt(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.LessThan(a.AsDouble(), b.AsDouble()).AsByte();

    public static Vector128<byte> F64x2Gt(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.GreaterThan(a.AsDouble(), b.AsDouble()).AsByte();

    public static Vector128<byte> F64x2Le(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.LessThanOrEqual(a.AsDouble(), b.AsDouble()).AsByte();

    public static Vector128<byte> F64x2Ge(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.GreaterThanOrEqual(a.AsDouble(), b.AsDouble()).AsByte();

    public static Vector128<byte> F64x2Ceil(Vector128<byte> a) => Vector128.Ceiling(a.AsDouble()).AsByte();

    public static Vector128<byte> F64x2Floor(Vector128<byte> a) => Vector128.Floor(a.AsDouble()).AsByte();

    public static Vector128<byte> F64x2Trunc(Vector128<byte> a) => Vector128.Truncate(a.AsDouble()).AsByte();

    public static Vector128<byte> F64x2Nearest(Vector128<byte> a) => Vector128.Round(a.AsDouble()).AsByte();

    public static Vector128<byte> F64x2Sqrt(Vector128<byte> a) => Vector128.Sqrt(a.AsDouble()).AsByte();

    public static Vector128<byte> F64x2Abs(Vector128<byte> a) => Vector128.Abs(a.AsDouble()).AsByte();

    public static Vector128<byte> F64x2Neg(Vector128<byte> a) => a ^ Vector128.Create(0x8000000000000000).AsByte();

    public static Vector128<byte> F64x2Add(Vector128<byte> a, Vector128<byte> b) =>
        (a.AsDouble() + b.AsDouble()).AsByte();

    public static Vector128<byte> F64x2Sub(Vector128<byte> a, Vector128<byte> b) =>
        (a.AsDouble() - b.AsDouble()).AsByte();

    public static Vector128<byte> F64x2Mul(Vector128<byte> a, Vector128<byte> b) =>
        (a.AsDouble() * b.AsDouble()).AsByte();

    public static Vector128<byte> F64x2Div(Vector128<byte> a, Vector128<byte> b) =>
        (a.AsDouble() / b.AsDouble()).AsByte();

    public static Vector128<byte> F64x2Min(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.Min(a.AsDouble(), b.AsDouble()).AsByte();

    public static Vector128<byte> F64x2Max(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.Max(a.AsDouble(), b.AsDouble()).AsByte();

    public static Vector128<byte> F64x2Pmin(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.ConditionalSelect(Vector128.LessThan(b.AsDouble(), a.AsDouble()).AsByte(), b, a);

    public static Vector128<byte> F64x2Pmax(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.ConditionalSelect(Vector128.LessThan(a.AsDouble(), b.AsDouble()).AsByte(), b, a);

    public static Vector128<byte> F64x2ConvertLowI32x4S(Vector128<byte> a) =>
        Vector128.ConvertToDouble(Vector128.WidenLower(a.AsInt32())).AsByte();

    public static Vector128<byte> F64x2ConvertLowI32x4U(Vector128<byte> a) =>
        Vector128.ConvertToDouble(Vector128.WidenLower(a.AsUInt32())).AsByte();

    public static Vector128<byte> F64x2PromoteLowF32x4(Vector128<byte> a) =>
        Vector128.WidenLower(a.AsSingle()).AsByte();

    /// <summary>Every lane that is a NaN becomes the canonical one.</summary>
    public static Vector128<byte> Canonical(Vector128<byte> a) => Vector128.ConditionalSelect(
        Vector128.Equals(a.AsDouble(), a.AsDouble()).AsByte(), a, Vector128.Create(0x7FF8000000000000ul).AsByte());
}
