using System.Buffers.Binary;
using System.Numerics;
using Tars.Bundle.Wasm;
using Tars.Lang.Emitting.Writing;

namespace Tars.Lang.Library;

/// <summary>
/// sin and cos, by the published algorithms of fdlibm for the kernels and of Payne and Hanek for large angles.
/// </summary>
internal sealed class Circular(ModuleWriter module)
{
    private const int TableLimbs = 42;
    private const int WindowLimbs = 7;

    private static readonly double[] _sine =
    [
        -1.66666666666666324348e-01, 8.33333333332248946124e-03, -1.98412698298579493134e-04,
        2.75573137070700676789e-06, -2.50507602534068634195e-08, 1.58969099521155010221e-10,
    ];

    private static readonly double[] _cosine =
    [
        4.16666666666666019037e-02, -1.38888888888741095749e-03, 2.48015872894767294178e-05,
        -2.75573143513906633035e-07, 2.08757232129817482790e-09, -1.13596475577881948265e-11,
    ];

    public Routine Sin => module.Routine("float.sin", [ValType.F64], [ValType.F64], body =>
        WriteCircular(body, quadrant: 0));

    public Routine Cos => module.Routine("float.cos", [ValType.F64], [ValType.F64], body =>
        WriteCircular(body, quadrant: 1));

    // The cosine is the sine a quarter turn further.
    private void WriteCircular(Body body, int quadrant)
    {
        var x = body.Parameters[0];
        body.If(!(x - x).Is(0.0), () => body.Return(Term.I64(0x7FF8000000000000).FromBits()));
        if (quadrant == 0)
        {
            body.If(x.Is(0.0), () => body.Return(x));
        }

        var frame = Frames.Enter(body, 16);
        var turns = body.I32(Reduce.Call(x, frame) + quadrant);
        var high = body.F64(frame.LoadF64());
        var low = body.F64(frame.LoadF64(8));
        Frames.Leave(body, frame);
        var value = body.F64(Term.Choose(turns & 1, CosineKernel.Call(high, low), SineKernel.Call(high, low)));
        body.Push(Term.Select(turns & 2, -value.Get(), value));
    }

    private Routine SineKernel => module.Routine("float.sin_kernel", [ValType.F64, ValType.F64], [ValType.F64], body =>
    {
        var (x, rest) = (body.Parameters[0], body.Parameters[1]);
        var z = body.F64(x * x);
        var cube = body.F64(z * x);
        var r = Elementary.Polynomial(z, _sine[1], _sine[2], _sine[3])
            + (z * z * z * Elementary.Polynomial(z, _sine[4], _sine[5]));
        body.Push(x - (((z * ((rest * 0.5) - (cube * r))) - rest) - (cube * _sine[0])));
    });

    private Routine CosineKernel =>
        module.Routine("float.cos_kernel", [ValType.F64, ValType.F64], [ValType.F64], body =>
    {
        var (x, rest) = (body.Parameters[0], body.Parameters[1]);
        var z = body.F64(x * x);
        var square = body.F64(z * z);
        var r = (z * Elementary.Polynomial(z, _cosine[0], _cosine[1], _cosine[2]))
            + (square * square * Elementary.Polynomial(z, _cosine[3], _cosine[4], _cosine[5]));
        var half = body.F64(z * 0.5);
        var w = body.F64(Term.F64(1.0) - half);
        body.Push(w + (((Term.F64(1.0) - w) - half) + ((z * r) - (x * rest))));
    });

    /// <summary>
    /// (x, to) → the number of quarter turns, of which the low two bits are right; the rest of the angle goes to memory
    /// as a sum of two.
    /// </summary>
    private Routine Reduce => module.Routine("float.reduce", [ValType.F64, ValType.I32], [ValType.I32], body =>
    {
        var (x, to) = (body.Parameters[0], body.Parameters[1]);
        var size = body.F64(x.Get().Unary(Opcode.F64Abs));
        body.If(size <= (0.25 * Math.PI), () =>
        {
            body.StoreF64(to, x);
            body.StoreF64(to, 0.0, 8);
            body.Return(0);
        });
        body.If(size >= 1647099.0, () => body.Return(ReduceLarge.Call(x, to)));
        // π/2 in parts of 33 bits, so that the products with a count below 2^20 are exact, and what is left.
        var count = body.F64((x * 6.36619772367581382433e-01).Unary(Opcode.F64Nearest));
        var high = body.F64(x - (count * 1.57079632673412561417e+00));
        var lost = body.F64(0.0);
        Subtract(body, high, lost, count * 6.07710050630396597660e-11);
        Subtract(body, high, lost, count * 2.02226624871116645580e-21);
        body.Set(lost, lost - (count * 8.47842766036889956997e-32));
        var sum = body.F64(high + lost);
        body.StoreF64(to, sum);
        body.StoreF64(to, (high - sum) + lost, 8);
        body.Push(count.Get().Truncate().Wrap());
    });

    // The difference, and what its rounding lost added to the rest (Knuth).
    private static void Subtract(Body body, Variable from, Variable lost, Term part)
    {
        var taken = body.F64(part);
        var left = body.F64(from - taken);
        var back = body.F64(left - from);
        body.Set(lost, lost + ((from - (left - back)) - (taken + back)));
        body.Set(from, left);
    }

    /// <summary>
    /// As Reduce, for angles that the parts of π/2 do not suffice for: with as many bits of 2/π as matter.
    /// </summary>
    private Routine ReduceLarge =>
        module.Routine("float.reduce_large", [ValType.F64, ValType.I32], [ValType.I32], body =>
    {
        var (x, to) = (body.Parameters[0], body.Parameters[1]);
        int table = module.TableAt("2/pi", TwoOverPi());
        var bits = body.I64(x.Get().Bits());
        var exponent = body.I32(((bits >>> 52L) & 0x7FFL).Wrap() - 1075);
        var fraction = body.I64((bits & 0xFFFFFFFFFFFFFL) | (1L << 52));
        // Limbs further left only add whole multiples of four quarter turns.
        var first = body.I32(Term.Select(exponent >= 2, (exponent - 2) >>> 5, 0));
        var product = Frames.Enter(body, 4 * (WindowLimbs + 3));
        Multiply(body, product, table, first, fraction);
        // The point stands so many bits above the lowest bit of the product.
        var point = body.I32(((first + WindowLimbs) << 5) - exponent);
        var turns = body.I32(Word.Call(product, point).Wrap() & 3);
        var high = body.I64(Word.Call(product, point - 64));
        var low = body.I64(Word.Call(product, point - 128));
        Frames.Leave(body, product);
        var negative = body.I32(high < 0L);
        // More than half a quarter turn is the next one, less what is missing.
        body.If(negative, () =>
        {
            body.Set(turns, turns + 1);
            body.Set(low, -low.Get());
            body.Set(high, (high ^ -1L) + (!low).ExtendUnsigned());
        });
        StoreAngle(body, to, high, low);
        body.If(negative.IsNot((bits >>> 63L).Wrap()), () =>
        {
            body.StoreF64(to, -to.LoadF64());
            body.StoreF64(to, -to.LoadF64(8), 8);
        });
        body.Push(Term.Select((bits >>> 63L).Wrap(), -turns.Get(), turns));
    });

    // The product of the fraction and the window of limbs, lowest limb first; two spare limbs stay zero above.
    private static void Multiply(Body body, Variable product, int table, Variable first, Variable fraction)
    {
        body.Fill(product, 0, 4 * (WindowLimbs + 3));
        var low = body.I64(fraction & 0xFFFFFFFFL);
        var high = body.I64(fraction >>> 32L);
        var place = body.I32(0);
        var carry = body.I64();
        var limb = body.I64();
        var at = body.I32();
        body.While(place < WindowLimbs, () =>
        {
            body.Set(limb, (((first + (WindowLimbs - 1) - place) << 2) + table).Load32().ExtendUnsigned());
            body.Set(at, product + (place << 2));
            body.Set(carry, (limb * low) + at.Load32().ExtendUnsigned());
            body.Store32(at, carry.Wrap());
            body.Set(carry, (carry >>> 32L) + (limb * high) + at.Load32(4).ExtendUnsigned());
            body.Store32(at, carry.Wrap(), 4);
            body.Store32(at, at.Load32(8) + (carry >>> 32L).Wrap(), 8);
            body.Set(place, place + 1);
        });
    }

    /// <summary>(limbs, bit) → the 64 bits from that bit on</summary>
    private Routine Word => module.Routine("float.word", [ValType.I32, ValType.I32], [ValType.I64], body =>
    {
        var (limbs, bit) = (body.Parameters[0], body.Parameters[1]);
        var at = body.I32(limbs + ((bit >>> 5) << 2));
        var shift = body.I64((bit & 31).ExtendUnsigned());
        body.Push((at.Load64() >>> shift)
            | Term.Select(shift.Is(0L), 0L, at.Load32(8).ExtendUnsigned() << (Term.I64(64) - shift)));
    });

    // (high, low) are 128 bits behind the point of a part of a quarter turn: multiplied by π/2 as a sum of two.
    private static void StoreAngle(Body body, Variable to, Variable high, Variable low)
    {
        var a = body.F64((high & ~0x7FFL).ToFloatUnsigned() * Math.ScaleB(1, -64));
        var b = body.F64((((high & 0x7FFL) << 53L) | (low >>> 11L)).ToFloatUnsigned() * Math.ScaleB(1, -117));
        const double PiHalf = 1.57079632679489655800e+00;
        const double PiHalfLow = 6.12323399573676603587e-17;
        // The exact product of two floats as a sum of two, after Dekker.
        const double Split = 134217729.0;
        var first = body.F64(a + b);
        var rest = body.F64((a - first) + b);
        var top = body.F64((first * Split) - ((first * Split) - first));
        var tail = body.F64(first - top);
        double piTop = (PiHalf * Split) - ((PiHalf * Split) - PiHalf);
        double piTail = PiHalf - piTop;
        var product = body.F64(first * PiHalf);
        var error = body.F64((((top * piTop) - product) + (top * piTail) + (tail * piTop)) + (tail * piTail));
        body.Set(error, error + (first * PiHalfLow) + (rest * PiHalf));
        var sum = body.F64(product + error);
        body.StoreF64(to, sum);
        body.StoreF64(to, (product - sum) + error, 8);
    }

    /// <summary>The digits of 2/π behind the point in base 2^32, by Machin's formula.</summary>
    private static byte[] TwoOverPi()
    {
        const int Bits = 32 * (TableLimbs + 2);
        var one = BigInteger.One << Bits;
        var pi = 4 * ((4 * ArcTangentOfInverse(5)) - ArcTangentOfInverse(239));
        var quotient = ((one * one) << 1) / pi;
        byte[] table = new byte[4 * TableLimbs];
        for (int limb = 0; limb < TableLimbs; limb++)
        {
            uint value = (uint)((quotient >> (Bits - (32 * (limb + 1)))) & uint.MaxValue);
            BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(4 * limb), value);
        }

        return table;

        BigInteger ArcTangentOfInverse(int x)
        {
            var power = one / x;
            var sum = power;
            for (int odd = 3; !power.IsZero; odd += 2)
            {
                power /= -x * x;
                sum += power / odd;
            }

            return sum;
        }
    }
}
