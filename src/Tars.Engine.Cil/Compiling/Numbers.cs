using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Tars.Engine.Cil.Compiling;

/// <summary>
/// Operators that CIL has no instruction for. The JIT puts them in line where generated code calls them.
/// </summary>
internal static class Numbers
{
    private const uint CanonicalF32 = 0x7FC00000;
    private const ulong CanonicalF64 = 0x7FF8000000000000;

    public static float Canonical(float value) =>
        float.IsNaN(value) ? BitConverter.UInt32BitsToSingle(CanonicalF32) : value;

    public static double Canonical(double value) =>
        double.IsNaN(value) ? BitConverter.UInt64BitsToDouble(CanonicalF64) : value;

    /// <summary>A float by its bits, kept out of line.</summary>
    /// <remarks>The JIT holds a float that it knows as a double, which makes a signalling NaN quiet.</remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static float SingleFromBits(int bits) => BitConverter.Int32BitsToSingle(bits);

    public static int Select(int first, int second, int condition) => condition != 0 ? first : second;

    public static long Select(long first, long second, int condition) => condition != 0 ? first : second;

    public static float Select(float first, float second, int condition) => condition != 0 ? first : second;

    public static double Select(double first, double second, int condition) => condition != 0 ? first : second;

    public static nint Select(nint first, nint second, int condition) => condition != 0 ? first : second;

    public static Vector128<byte> Select(Vector128<byte> first, Vector128<byte> second, int condition) =>
        condition != 0 ? first : second;

    // .NET throws for the smallest number and -1; the divisor is known not to be zero.
    public static int Remainder(int value, int divisor) => divisor == -1 ? 0 : value % divisor;

    public static long Remainder(long value, long divisor) => divisor == -1 ? 0 : value % divisor;

    // By way of a double the number would be rounded twice. Half of it with the lost bit kept rounds the same way.
    public static float ToSingle(ulong value)
    {
        if (value <= long.MaxValue)
        {
            return (long)value;
        }

        float half = (long)((value >> 1) | (value & 1));
        return half + half;
    }

    public static double ToDouble(ulong value)
    {
        if (value <= long.MaxValue)
        {
            return (long)value;
        }

        double half = (long)((value >> 1) | (value & 1));
        return half + half;
    }
}
