using Tars.Bundle.Wasm;
using Tars.Lang.Emitting.Writing;

namespace Tars.Lang.Library;

/// <summary>Floats in texts, read to the nearest float, half to even.</summary>
/// <remarks>
/// Up to 15 digits with a small exponent are one exact multiplication or division. Everything else is a quotient of
/// two whole numbers whose bits are taken one by one; digits past 800 only matter by whether one is not zero.
/// </remarks>
internal sealed class FloatParsing(ModuleWriter module)
{
    private const int DigitsMax = 800;
    private const int LimbMax = 170;
    private const int ExactPowerMax = 22;
    private const int ExponentMax = 100_000;

    private BigNumbers Big => new(module);

    /// <summary>
    /// (at, end) → 1 when the range is a float; the cell Result then holds it. Also nan, inf and -inf.
    /// </summary>
    public Routine Float => module.Routine("parse.float", [ValType.I32, ValType.I32], [ValType.I32], body =>
    {
        var (at, end) = (body.Parameters[0], body.Parameters[1]);
        var minus = body.I32(at.Below(end).AndThen(at.Load8().Is('-')));
        body.Set(at, at + minus);
        var start = body.I32(at);
        var size = end - start;
        body.If(size.Is(3).AndThen((start.Load32() & 0xFFFFFF).Is(0x666E69)), () =>
            Answer(body, minus, double.PositiveInfinity));
        body.If(
            (size.Is(3) & !minus).AndThen((start.Load32() & 0xFFFFFF).Is(0x6E616E)),
            () => Answer(body, minus, Term.I64(0x7FF8000000000000).FromBits()));
        // First the form: digits with at most one point, then perhaps an exponent.
        var digits = body.I32(0);
        var dots = body.I32(0);
        var octet = body.I32();
        body.While(at.Below(end).AndThen(octet.Tee(at.Load8()).Is('.') | (octet - '0').Below(10)), () =>
        {
            body.If(octet.Is('.'), () => body.Set(dots, dots + 1), () => body.Set(digits, digits + 1));
            body.Set(at, at + 1);
        });
        body.If(!digits | (dots > 1), () => body.Return(0));
        var stop = body.I32(at);
        var exponent = body.I32(0);
        body.If(at.Below(end), () =>
        {
            body.If((at.Load8() | 0x20).IsNot('e'), () => body.Return(0));
            ReadExponent(body, at, end, exponent);
        });
        Answer(body, minus, Value.Call(start, stop, exponent));
        body.Push(0);
    });

    // Leaves a number far above what matters alone, so that it cannot overflow.
    private static void ReadExponent(Body body, Variable at, Variable end, Variable exponent)
    {
        var minus = body.I32();
        body.Set(at, at + 1);
        body.Set(minus, at.Below(end).AndThen(at.Load8().Is('-')));
        body.Set(at, at + at.Below(end).AndThen(at.Load8().Is('-') | at.Load8().Is('+')));
        body.If(at.AtLeast(end), () => body.Return(0));
        body.While(at.Below(end), () =>
        {
            body.If((at.Load8() - '0').AtLeast(10), () => body.Return(0));
            body.If(exponent < ExponentMax, () => body.Set(exponent, (exponent * 10) + at.Load8() - '0'));
            body.Set(at, at + 1);
        });
        body.If(minus, () => body.Set(exponent, -exponent.Get()));
    }

    private static void Answer(Body body, Variable minus, Term value)
    {
        var result = body.F64(value);
        body.StoreF64(MemoryMap.Result, Term.Select(minus, -result.Get(), result));
        body.Return(1);
    }

    /// <summary>(start, stop, exponent) → the value of digits with at most one point, times a power of ten</summary>
    private Routine Value => module.Routine(
        "parse.value", [ValType.I32, ValType.I32, ValType.I32], [ValType.F64], body =>
    {
        var (start, stop, exponent) = (body.Parameters[0], body.Parameters[1], body.Parameters[2]);
        var at = body.I32(start);
        var count = body.I32(0);
        var mantissa = body.I64(0L);
        var behind = body.I32(0);
        var octet = body.I32();
        // Zeros in front do not count as digits.
        body.While(at.Below(stop), () =>
        {
            body.Set(octet, at.Load8());
            body.If(octet.Is('.'), () => body.Set(behind, 1), () =>
            {
                body.Set(exponent, exponent - behind);
                body.Set(count, count + (count.Get() | octet.IsNot('0')).IsNot(0));
                body.If(count <= 15, () => body.Set(mantissa, (mantissa * 10L) + (octet - '0').ExtendUnsigned()));
            });
            body.Set(at, at + 1);
        });
        body.If(!count, () => body.Return(0.0));
        int powers = module.TableAt("powers of ten", FloatTexts.PowersOfTen());
        body.If((count <= 15) & (exponent >= -ExactPowerMax) & (exponent <= ExactPowerMax), () => body.If(
            exponent < 0,
            () => body.Return(mantissa.Get().ToFloat() / (powers - (exponent << 3)).LoadF64()),
            () => body.Return(mantissa.Get().ToFloat() * (powers + (exponent << 3)).LoadF64())));
        body.If((count + exponent) > 310, () => body.Return(double.PositiveInfinity));
        body.If((count + exponent) < -330, () => body.Return(0.0));
        body.Push(Exact.Call(start, stop, count, exponent));
    });

    /// <summary>(start, stop, count, exponent) → the nearest float to that many digits times a power of ten</summary>
    private Routine Exact => module.Routine(
        "parse.exact", [ValType.I32, ValType.I32, ValType.I32, ValType.I32], [ValType.F64], body =>
    {
        var (at, stop, count, exponent) = (body.Parameters[0], body.Parameters[1], body.Parameters[2],
            body.Parameters[3]);
        int size = BigNumbers.SizeOf(LimbMax);
        var above = Frames.Enter(body, 2 * size);
        var below = body.I32(above + size);
        ReadDigits(body, at, stop, above, count, exponent);
        body.Call(Big.Set, below, 1L);
        body.If(
            exponent < 0,
            () => body.Call(Big.MultiplyByPowerOfTen, below, -exponent.Get()),
            () => body.Call(Big.MultiplyByPowerOfTen, above, exponent));
        // Brought to a quotient in [1, 2) times 2^log.
        var log = body.I32(Big.BitCount.Call(above) - Big.BitCount.Call(below));
        body.If(
            log < 0,
            () => body.Call(Big.ShiftLeft, above, -log.Get()),
            () => body.Call(Big.ShiftLeft, below, log));
        body.If(Big.Compare.Call(above, below) < 0, () =>
        {
            body.Call(Big.ShiftLeft, above, 1);
            body.Set(log, log - 1);
        });
        var fraction = body.I64(Quotient.Call(above, below, log + 1075));
        Frames.Leave(body, above);
        body.If(log > 1023, () => body.Return(double.PositiveInfinity));
        // Adding lets a fraction that was rounded up to the next power of two carry into the exponent.
        body.If(log < -1022, () => body.Return(fraction.Get().FromBits()));
        body.Push((((log + 1022).ExtendUnsigned() << 52L) + fraction).FromBits());
    });

    /// <summary>(above, below, bits) → so many bits of the quotient, 53 at most, rounded half to even</summary>
    private Routine Quotient => module.Routine(
        "parse.quotient", [ValType.I32, ValType.I32, ValType.I32], [ValType.I64], body =>
    {
        var (above, below, bits) = (body.Parameters[0], body.Parameters[1], body.Parameters[2]);
        var fraction = body.I64(0L);
        var order = body.I32();
        body.If(bits < 0, () => body.Return(0L));
        body.If(bits > 53, () => body.Set(bits, 53));
        body.While(bits, () =>
        {
            body.Set(fraction, fraction << 1L);
            body.If(Big.Compare.Call(above, below) >= 0, () =>
            {
                body.Call(Big.Subtract, above, below);
                body.Set(fraction, fraction | 1L);
            });
            body.Call(Big.ShiftLeft, above, 1);
            body.Set(bits, bits - 1);
        });
        body.Set(order, Big.Compare.Call(above, below));
        body.Push(fraction + ((order > 0) | (!order & fraction.Wrap() & 1)).ExtendUnsigned());
    });

    private void ReadDigits(Body body, Variable at, Variable stop, Variable number, Variable count, Variable exponent)
    {
        var octet = body.I32();
        var taken = body.I32(0);
        var rest = body.I32(0);
        body.Call(Big.Set, number, 0L);
        body.While(at.Below(stop), () =>
        {
            body.Set(octet, at.Load8());
            body.If(octet.IsNot('.').AndThen(taken.Get() | octet.IsNot('0')), () =>
            {
                body.Set(taken, taken + 1);
                body.If(
                    taken <= DigitsMax,
                    () => body.Call(AddDigit, number, octet - '0'),
                    () => body.Set(rest, rest | octet.IsNot('0')));
            });
            body.Set(at, at + 1);
        });
        body.If(count > DigitsMax, () =>
        {
            body.Set(exponent, exponent + count - DigitsMax - 1);
            body.Call(AddDigit, number, rest);
        });
    }

    private Routine AddDigit => module.Routine("parse.add_digit", [ValType.I32, ValType.I32], [], body =>
    {
        var (number, digit) = (body.Parameters[0], body.Parameters[1]);
        body.If(
            number.Load32(),
            () => body.Call(Big.MultiplyAdd, number, 10, digit),
            () => body.Call(Big.Set, number, digit.ExtendUnsigned()));
    });
}
