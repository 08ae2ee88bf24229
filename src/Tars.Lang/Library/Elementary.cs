using Tars.Bundle.Wasm;
using Tars.Lang.Emitting.Writing;

namespace Tars.Lang.Library;

/// <summary>exp, ln, pow and atan2, by the published algorithms of fdlibm; a host's own are never used.</summary>
/// <remarks>
/// Each result is less than one unit in the last place from the true value. Sines are in <see cref="Circular"/>.
/// </remarks>
internal sealed class Elementary(ModuleWriter module)
{
    private const double Ln2High = 6.93147180369123816490e-01;
    private const double Ln2Low = 1.90821492927058770002e-10;
    private const double OneOverLn2 = 1.44269504088896338700e+00;
    private const double PiLow = 1.2246467991473531772e-16;

    private static readonly double[] _exp =
    [
        1.66666666666666019037e-01, -2.77777777770155933842e-03, 6.61375632143793436117e-05,
        -1.65339022054652515390e-06, 4.13813679705723846039e-08,
    ];

    private static readonly double[] _ln =
    [
        6.666666666666735130e-01, 3.999999999940941908e-01, 2.857142874366239149e-01, 2.222219843214978396e-01,
        1.818357216161805012e-01, 1.531383769920937332e-01, 1.479819860511658591e-01,
    ];

    private static readonly double[] _atan =
    [
        3.33333333333329318027e-01, -1.99999999998764832476e-01, 1.42857142725034663711e-01,
        -1.11111104054623557880e-01, 9.09088713343650656196e-02, -7.69187620504482999495e-02,
        6.66107313738753120669e-02, -5.83357013379057348645e-02, 4.97687799461593236017e-02,
        -3.65315727442169155270e-02, 1.62858201153657823623e-02,
    ];

    public Routine Sin => new Circular(module).Sin;

    public Routine Cos => new Circular(module).Cos;

    public Routine Pow => new Powers(module).Pow;

    /// <summary>c0 + x·(c1 + x·(c2 + …))</summary>
    public static Term Polynomial(Variable x, params ReadOnlySpan<double> coefficients)
    {
        Term value = coefficients[^1];
        for (int place = coefficients.Length - 2; 0 <= place; place--)
        {
            value = coefficients[place] + (x * value);
        }

        return value;
    }

    /// <summary>The correction that both exp and pow apply to a small argument.</summary>
    public static Term ExpCorrection(Variable square) => square * Polynomial(square, _exp);

    /// <summary>x = k·ln 2 + r with |r| at most half of ln 2; then e^r by a rational function, times 2^k.</summary>
    public Routine Exp => module.Routine("float.exp", [ValType.F64], [ValType.F64], body =>
    {
        var x = body.Parameters[0];
        body.If(x.IsNot(x), () => body.Return(x));
        body.If(x > 7.09782712893383973096e+02, () => body.Return(double.PositiveInfinity));
        body.If(x < -7.45133219101941108420e+02, () => body.Return(0.0));
        var k = body.F64(0.0);
        var high = body.F64(x);
        var low = body.F64(0.0);
        body.If(x.Get().Unary(Opcode.F64Abs) > (0.5 * (Ln2High + Ln2Low)), () =>
        {
            body.Set(k, (x * OneOverLn2).Unary(Opcode.F64Nearest));
            body.Set(high, x - (k * Ln2High));
            body.Set(low, k * Ln2Low);
        });
        var rest = body.F64(high - low);
        var square = body.F64(rest * rest);
        var c = body.F64(rest - ExpCorrection(square));
        var value = Term.F64(1.0) - ((low - ((rest * c) / (2.0 - c.Get()))) - high);
        body.Push(TimesPowerOfTwo.Call(value, k.Get().Truncate()));
    });

    /// <summary>(x, k) → x · 2^k, rounded once</summary>
    public Routine TimesPowerOfTwo => module.Routine("float.scale", [ValType.F64, ValType.I64], [ValType.F64], body =>
    {
        var (x, k) = (body.Parameters[0], body.Parameters[1]);
        // Two steps upward, or downward with 53 bits to spare, so that only the last multiplication rounds.
        body.If(k > 1023L, () =>
        {
            body.Set(x, x * Math.ScaleB(1, 1023));
            body.Set(k, k - 1023L);
            body.If(k > 1023L, () => body.Set(k, 1023L));
        });
        body.If(k < -1022L, () =>
        {
            body.Set(x, x * Math.ScaleB(1, -969));
            body.Set(k, k + 969L);
            body.If(k < -1022L, () => body.Set(k, -1022L));
        });
        body.Push(x * ((k + 1023L) << 52L).FromBits());
    });

    /// <summary>x = 2^k·(1 + f) with 1 + f near 1; then ln(1 + f) by a polynomial in f / (2 + f).</summary>
    public Routine Ln => module.Routine("float.ln", [ValType.F64], [ValType.F64], body =>
    {
        var x = body.Parameters[0];
        body.If(x.Is(0.0), () => body.Return(double.NegativeInfinity));
        body.If(!(x > 0.0), () => body.Return(Term.I64(0x7FF8000000000000).FromBits()));
        body.If(x.Is(double.PositiveInfinity), () => body.Return(x));
        var k = body.I64(0L);
        body.If(x < Math.ScaleB(1, -1022), () =>
        {
            body.Set(x, x * Math.ScaleB(1, 54));
            body.Set(k, -54L);
        });
        // The fraction is brought into [√½, √2) by carrying into the exponent.
        const long HalfRoot = 0x3FE6A09E00000000;
        var bits = body.I64(x.Get().Bits() + (0x3FF0000000000000L - HalfRoot));
        body.Set(k, k + (bits >>> 52L) - 1023L);
        var f = body.F64((((bits & 0x000FFFFFFFFFFFFFL) + HalfRoot).FromBits()) - 1.0);
        var half = body.F64(f * f * 0.5);
        var s = body.F64(f / (f + 2.0));
        var z = body.F64(s * s);
        var w = body.F64(z * z);
        var even = w * Polynomial(w, _ln[1], _ln[3], _ln[5]);
        var odd = z * Polynomial(w, _ln[0], _ln[2], _ln[4], _ln[6]);
        var scale = body.F64(k.Get().ToFloat());
        body.Push((s * (half + (odd + even))) + (scale * Ln2Low) - half + f + (scale * Ln2High));
    });

    /// <summary>(y, x) → the angle of the point, from -π to π</summary>
    public Routine Atan2 => module.Routine("float.atan2", [ValType.F64, ValType.F64], [ValType.F64], body =>
    {
        var (y, x) = (body.Parameters[0], body.Parameters[1]);
        body.If(x.IsNot(x) | y.IsNot(y), () => body.Return(x + y));
        var isLeft = body.I32(x.Get().Bits() < 0L);
        var isBelow = body.I32(y.Get().Bits() < 0L);
        body.Set(y, y.Get().Unary(Opcode.F64Abs));
        body.Set(x, x.Get().Unary(Opcode.F64Abs));
        var angle = body.F64();
        var infinite = Term.F64(double.PositiveInfinity);
        body.If(y.Is(0.0), () => body.Set(angle, 0.0), () => body.If(
            x.Is(infinite) & y.Is(infinite),
            () => body.Set(angle, 0.25 * Math.PI),
            () => body.If(
                // So far from the diagonal that the quotient says nothing more, or cannot be had.
                x.Is(0.0) | y.Is(infinite) | ((y.Get().Bits() - x.Get().Bits()) > (60L << 52)),
                () => body.Set(angle, 0.5 * Math.PI),
                () => body.Set(angle, Atan.Call(y / x)))));
        // The part of π that a float cannot hold is taken off again.
        body.If(isLeft, () => body.Set(angle, Term.F64(Math.PI) - (angle - PiLow)));
        body.Push(Term.Select(isBelow, -angle.Get(), angle));
    });

    /// <summary>(x, not negative) → its arctangent: reduced to a small argument by one of four fixed angles.</summary>
    private Routine Atan => module.Routine("float.atan", [ValType.F64], [ValType.F64], body =>
    {
        var x = body.Parameters[0];
        var high = body.F64(0.0);
        var low = body.F64(0.0);
        body.If(x < Math.ScaleB(1, -27), () => body.Return(x));
        body.If(x >= Math.ScaleB(1, 66), () => body.Return(0.5 * Math.PI));
        body.If(x >= 2.4375, () => Reduce(1.57079632679489655800e+00, 6.12323399573676603587e-17, Term.F64(-1.0) / x),
            () => body.If(
            x >= 1.1875,
            () => Reduce(9.82793723247329054082e-01, 1.39033110312309984516e-17, (x - 1.5) / (1.0 + (x * 1.5))),
            () => body.If(
                x >= 0.6875,
                () => Reduce(7.85398163397448278999e-01, 3.06161699786838301793e-17, (x - 1.0) / (x + 1.0)),
                () => body.If(x >= 0.4375, () =>
                    Reduce(4.63647609000806093515e-01, 2.26987774529616870924e-17, ((x * 2.0) - 1.0) / (x + 2.0))))));
        var z = body.F64(x * x);
        var w = body.F64(z * z);
        var odd = z * Polynomial(w, _atan[0], _atan[2], _atan[4], _atan[6], _atan[8], _atan[10]);
        var even = w * Polynomial(w, _atan[1], _atan[3], _atan[5], _atan[7], _atan[9]);
        body.Push(high - ((x * (odd + even)) - low - x));

        void Reduce(double angle, double rest, Term argument)
        {
            body.Set(high, angle);
            body.Set(low, rest);
            body.Set(x, argument);
        }
    });
}
