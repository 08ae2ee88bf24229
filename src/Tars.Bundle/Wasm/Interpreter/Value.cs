using System.Runtime.Intrinsics;

namespace Tars.Bundle.Wasm.Interpreter;

/// <summary>One value of any type, as the oracle keeps it: up to 128 bits, or a reference.</summary>
/// <param name="Low">A number's bits, an i32 or f32 zero-extended; the low half of a vector.</param>
/// <param name="Reference">A function or whatever the host put in; null is the null reference.</param>
public readonly record struct Value(ulong Low, ulong High = 0, object? Reference = null)
{
    public int I32 => (int)Low;

    public uint U32 => (uint)Low;

    public long I64 => (long)Low;

    public float F32 => BitConverter.UInt32BitsToSingle((uint)Low);

    public double F64 => BitConverter.UInt64BitsToDouble(Low);

    public static Value Of(int value) => new((uint)value);

    public static Value Of(uint value) => new(value);

    public static Value Of(long value) => new((ulong)value);

    public static Value Of(ulong value) => new(value);

    public static Value Of(bool value) => new(value ? 1u : 0u);

    public static Value Of(float value) => new(BitConverter.SingleToUInt32Bits(value));

    public static Value Of(double value) => new(BitConverter.DoubleToUInt64Bits(value));

    public static Value Of<T>(Vector128<T> lanes)
    {
        var halves = lanes.AsUInt64();
        return new Value(halves[0], halves[1]);
    }

    public static Value OfReference(object? reference) => new(0, 0, reference);

    /// <summary>The lanes of a vector.</summary>
    public Vector128<T> Lanes<T>() => Vector128.Create(Low, High).As<ulong, T>();
}
