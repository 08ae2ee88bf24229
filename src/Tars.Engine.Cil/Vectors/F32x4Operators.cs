using System.Runtime.Intrinsics;
using Tars.Engine.Cil.Compiling;

namespace Tars.Engine.Cil.Vectors;

/// <summary>Instructions on four floats of 32 bits, each named as its opcode.</summary>
internal static class F32x4Operators
{
    public static Vector128<byte> F32x4Splat(float a) => Vector128.Create(a).AsByte();

    public static float F32x4ExtractLane(Vector128<byte> a, int lane) =>
        Numbers.SingleFromBits(a.AsInt32().GetElement(lane));

    public static Vector128<byte> F32x4ReplaceLane(Vector128<byte> a, float b, int lane) =>
        a.AsSingle().WithElement(lane, b).AsByte();

    public static Vector128<byte> F32x4Eq(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.Equals(a.AsSingle(), b.AsSingle()).AsByte();

    public static Vector128<byte> F32x4Ne(Vector128<byte> a, Vector128<byte> b) =>
        ~Vector128.Equals(a.AsSingle(), b.AsSingle()).AsByte();

    public static Vector128<byte> F32x4Lt(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.LessThan(a.AsSingle(), b.AsSingle()).AsByte();

    public static Vector128<byte> F32x4Gt(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.GreaterThan(a.AsSingle(), b.AsSingle()).AsByte();

    public static Vector128<byte> F32x4Le(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.LessThanOrEqual(a.AsSingle(), b.AsSingle()).AsByte();

    public static Vector128<byte> F32x4Ge(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.GreaterThanOrEqual(a.AsSingle(), b.AsSingle()).AsByte();

    public static Vector128<byte> F32x4Ceil(Vector128<byte> a) => Vector128.Ceiling(a.AsSingle()).AsByte();

    public static Vector128<byte> F32x4Floor(Vector128<byte> a) => Vector128.Floor(a.AsSingle()).AsByte();

    public static Vector128<byte> F32x4Trunc(Vector128<byte> a) => Vector128.Truncate(a.AsSingle()).AsByte();

    public static Vector128<byte> F32x4Nearest(Vector128<byte> a) => Vector128.Round(a.AsSingle()).AsByte();

    public static Vector128<byte> F32x4Sqrt(Vector128<byte> a) => Vector128.Sqrt(a.AsSingle()).AsByte();

    public static Vector128<byte> F32x4Abs(Vector128<byte> a) => Vector128.Abs(a.AsSingle()).AsByte();

    public static Vector128<byte> F32x4Neg(Vector128<byte> a) => a ^ Vector128.Create(0x80000000).AsByte();

    public static Vector128<byte> F32x4Add(Vector128<byte> a, Vector128<byte> b) =>
        (a.AsSingle() + b.AsSingle()).AsByte();

    public static Vector128<byte> F32x4Sub(Vector128<byte> a, Vector128<byte> b) =>
        (a.AsSingle() - b.AsSingle()).AsByte();

    public static Vector128<byte> F32x4Mul(Vector128<byte> a, Vector128<byte> b) =>
        (a.AsSingle() * b.AsSingle()).AsByte();

    public static Vector128<byte> F32x4Div(Vector128<byte> a, Vector128<byte> b) =>
        (a.AsSingle() / b.AsSingle()).AsByte();

    public static Vector128<byte> F32x4Min(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.Min(a.AsSingle(), b.AsSingle()).AsByte();

    public static Vector128<byte> F32x4Max(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.Max(a.AsSingle(), b.AsSingle()).AsByte();

    public static Vector128<byte> F32x4Pmin(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.ConditionalSelect(Vector128.LessThan(b.AsSingle(), a.AsSingle()).AsByte(), b, a);

    public static Vector128<byte> F32x4Pmax(Vector128<byte> a, Vector128<byte> b) =>
        Vector128.ConditionalSelect(Vector128.LessThan(a.AsSingle(), b.AsSingle()).AsByte(), b, a);

    public static Vector128<byte> F32x4ConvertI32x4S(Vector128<byte> a) =>
        Vector128.ConvertToSingle(a.AsInt32()).AsByte();

    public static Vector128<byte> F32x4ConvertI32x4U(Vector128<byte> a) =>
        Vector128.ConvertToSingle(a.AsUInt32()).AsByte();

    public static Vector128<byte> F32x4DemoteF64x2Zero(Vector128<byte> a) =>
        Vector128.Narrow(a.AsDouble(), Vector128<double>.Zero).AsByte();

    /// <summary>Every lane that is a NaN becomes the canonical one.</summary>
    public static Vector128<byte> Canonical(Vector128<byte> a) => Vector128.ConditionalSelect(
        Vector128.Equals(a.AsSingle(), a.AsSingle()).AsByte(), a, Vector128.Create(0x7FC00000u).AsByte());
}
