using Tars.Bundle.Wasm;
using Tars.Lang.Emitting.Writing;

namespace Tars.Lang.Library;

/// <summary>
/// pow, by the published algorithm of fdlibm: log2 of the base in extra precision, times the exponent, then 2 to that.
/// </summary>
internal sealed class Powers(ModuleWriter module)
{
    private static readonly double[] _log =
    [
        5.99999999999994648725e-01, 4.28571428578550184252e-01, 3.33333329818377432918e-01,
        2.72728123808534006489e-01, 2.30660745775561754067e-01, 2.06975017800338417784e-01,
    ];

    private static readonly double _nan = BitConverter.Int64BitsToDouble(0x7FF8000000000000);

    /// <summary>(x, y) → x to the power of y, with the special cases of IEEE 754-2008, section 9.2.1</summary>
    public Routine Pow => module.Routine("float.pow", [ValType.F64, ValType.F64], [ValType.F64], body =>
    {
        var (x, y) = (body.Parameters[0], body.Parameters[1]);
        body.If(y.Is(0.0) | x.Is(1.0), () => body.Return(1.0));
        body.If(x.IsNot(x) | y.IsNot(y), () => body.Return(_nan));
        var size = body.F64(x.Get().Unary(Opcode.F64Abs));
        var isOdd = body.I32(IsOdd.Call(y));
        var infinite = Term.F64(double.PositiveInfinity);
        body.If(y.Get().Unary(Opcode.F64Abs).Is(infinite), () =>
        {
            body.If(size.Is(1.0), () => body.Return(1.0));
            body.Return(Term.Select((size > 1.0).Is(y > 0.0), infinite, 0.0));
        });
        var sign = body.F64(Term.Select((x.Get().Bits() < 0L) & isOdd, -1.0, 1.0));
        body.If(size.Is(0.0) | size.Is(infinite), () =>
            body.Return(sign * Term.Select(size.Is(0.0).Is(y > 0.0), 0.0, infinite)));
        body.If((x < 0.0) & y.IsNot(y.Get().Unary(Opcode.F64Nearest)), () => body.Return(_nan));
        // From here the result is far beyond what a float holds, unless the base is close to one.
        body.If(y.Get().Unary(Opcode.F64Abs) > Math.ScaleB(1, 64), () =>
            body.If(size.IsNot(1.0), () => body.Return(Term.Select((size > 1.0).Is(y > 0.0), infinite, 0.0) * sign)));
        body.If(size.Is(1.0), () => body.Return(sign));
        var frame = Frames.Enter(body, 16);
        body.Call(Log2, size, frame);
        var high = body.F64(frame.LoadF64());
        var low = body.F64(frame.LoadF64(8));
        Frames.Leave(body, frame);
        // y times the logarithm, with y in two parts so that the first product is exact.
        var top = body.F64(Cut(y));
        body.Set(low, ((y - top) * high) + (y * low));
        body.Set(high, top * high);
        body.Push(sign * Exp2.Call(high, low));
    });

    /// <summary>(y) → 1 when it is an odd whole number</summary>
    private Routine IsOdd => module.Routine("float.is_odd", [ValType.F64], [ValType.I32], body =>
    {
        var y = body.F64(body.Parameters[0].Get().Unary(Opcode.F64Abs));
        body.If(!(y < Math.ScaleB(1, 53)), () => body.Return(0));
        body.If(y.IsNot(y.Get().Unary(Opcode.F64Trunc)), () => body.Return(0));
        body.Push(y.Get().Truncate().Wrap() & 1);
    });

    /// <summary>(x above 0, to): log2 of x as a sum of two; the first has its low half zero.</summary>
    private Routine Log2 => module.Routine("float.log2", [ValType.F64, ValType.I32], [], body =>
    {
        var (x, to) = (body.Parameters[0], body.Parameters[1]);
        var n = body.I64(0L);
        body.If(x < Math.ScaleB(1, -1022), () =>
        {
            body.Set(x, x * Math.ScaleB(1, 53));
            body.Set(n, -53L);
        });
        var bits = body.I64(x.Get().Bits());
        body.Set(n, n + (bits >>> 52L) - 1023L);
        body.Set(bits, (bits & 0xFFFFFFFFFFFFFL) | 0x3FF0000000000000L);
        // Near 1, near 1.5, or near 2, which is 1 of the next power.
        var middle = body.I32(0);
        body.If(bits >= 0x3FFBB67A00000000L, () =>
        {
            body.Set(n, n + 1L);
            body.Set(bits, bits - (1L << 52));
        }, () => body.Set(middle, bits > 0x3FF3988EFFFFFFFFL));
        var a = body.F64(bits.Get().FromBits());
        var centre = body.F64(Term.Select(middle, 1.5, 1.0));
        WriteLogOfFraction(body, to, a, centre, middle, n);
    });

    private static void WriteLogOfFraction(Body body, Variable to, Variable a, Variable centre, Variable middle,
        Variable n)
    {
        // s = (a - c) / (a + c), in two parts.
        var u = body.F64(a - centre);
        var v = body.F64(Term.F64(1.0) / (a + centre));
        var s = body.F64(u * v);
        var sHigh = body.F64(Cut(s));
        var tHigh = body.F64(Cut(a + centre));
        var tLow = body.F64(a - (tHigh - centre));
        var sLow = body.F64(v * ((u - (sHigh * tHigh)) - (sHigh * tLow)));
        // ln((1 + s) / (1 - s)) in two parts.
        var square = body.F64(s * s);
        var r = body.F64(square * square * Elementary.Polynomial(square, _log));
        body.Set(r, r + (sLow * (sHigh + s)));
        body.Set(square, sHigh * sHigh);
        body.Set(tHigh, Cut((square + 3.0) + r));
        body.Set(tLow, r - ((tHigh - 3.0) - square));
        body.Set(u, sHigh * tHigh);
        body.Set(v, (sLow * tHigh) + (tLow * s));
        var pHigh = body.F64(Cut(u + v));
        var pLow = body.F64(v - (pHigh - u));
        // Divided by 3 ln 2 / 2, in two parts.
        var zHigh = body.F64(pHigh * 9.61796700954437255859e-01);
        var zLow = body.F64(
            (pHigh * -7.02846165095275826516e-09) + (pLow * 9.61796693925975554329e-01)
            + Term.Select(middle, 1.35003920212974897128e-08, 0.0));
        var power = body.F64(n.Get().ToFloat());
        var base2 = body.F64(Term.Select(middle, 5.84962487220764160156e-01, 0.0));
        var first = body.F64(Cut(((zHigh + zLow) + base2) + power));
        body.StoreF64(to, first);
        body.StoreF64(to, zLow - (((first - power) - base2) - zHigh), 8);
    }

    /// <summary>(high, low) → 2 to their sum</summary>
    private Routine Exp2 => module.Routine("float.exp2", [ValType.F64, ValType.F64], [ValType.F64], body =>
    {
        var (high, low) = (body.Parameters[0], body.Parameters[1]);
        var sum = body.F64(high + low);
        body.If((sum > 1024.0) | (sum.Is(1024.0) & (low + 8.0085662595372944372e-17 > 0.0)), () =>
            body.Return(double.PositiveInfinity));
        body.If(sum <= -1076.0, () => body.Return(0.0));
        var n = body.F64(sum.Get().Unary(Opcode.F64Nearest));
        body.Set(high, high - n);
        var t = body.F64(Cut(low + high));
        var u = body.F64(t * 6.93147182464599609375e-01);
        var v = body.F64(((low - (t - high)) * 6.93147180559945286227e-01) + (t * -1.90465429995776804525e-09));
        var z = body.F64(u + v);
        var w = body.F64(v - (z - u));
        var square = body.F64(z * z);
        var c = body.F64(z - Elementary.ExpCorrection(square));
        var r = body.F64(((z * c) / (c - 2.0)) - (w + (z * w)));
        body.Push(new Elementary(module).TimesPowerOfTwo.Call(Term.F64(1.0) - (r - z), n.Get().Truncate()));
    });

    // The float with the low 32 bits of its fraction cut off.
    private static Term Cut(Term value) => (value.Bits() & -0x1_0000_0000L).FromBits();
}
