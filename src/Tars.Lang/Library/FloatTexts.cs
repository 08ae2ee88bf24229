using System.Buffers.Binary;
using Tars.Bundle.Wasm;
using Tars.Lang.Emitting.Writing;

namespace Tars.Lang.Library;

/// <summary>
/// Floats as text: the shortest digits that read back the same, or a given number of digits after the point.
/// </summary>
/// <remarks>
/// Most floats that people write have at most 15 digits: those are found by multiplying with powers of ten and proved
/// by dividing again, which is exact there. All others go by whole numbers of any size, after Steele and White (1990)
/// and Burger and Dybvig (1996).
/// </remarks>
internal sealed class FloatTexts(ModuleWriter module)
{
    /// <summary>Bytes that a float with up to nine digits after the point fits in.</summary>
    public const int DigitsRoom = 336;

    private const int DigitsMax = 20;
    private const int LimbMax = 80;
    private const int ExactPowerMax = 22;
    private const long HiddenBit = 1L << 52;

    // The common logarithm of 2, with 32 bits behind the point.
    private const long Log2 = 1292913986;

    private BigNumbers Big => new(module);

    /// <summary>(room, value) → text</summary>
    public Routine Shortest => module.Routine("float.shortest", [ValType.I32, ValType.F64], [ValType.I64], body =>
    {
        var (room, value) = (body.Parameters[0], body.Parameters[1]);
        body.If(!(value - value).Is(0.0), () => body.Return(Special(value)));
        var at = body.I32(room);
        WriteSign(body, at, value);
        body.Set(value, value.Get().Unary(Opcode.F64Abs));
        body.If(value.Is(0.0), () =>
        {
            body.Set(at, PutDigits.Call(at, room, 0, 1));
            body.Return(Texts.Pack(room, at - room));
        });
        var digits = Frames.Enter(body, DigitsMax + 4);
        var found = body.I64(Digits.Call(digits, value));
        var count = body.I32(found.Wrap());
        var point = body.I32((found >> 32L).Wrap());
        body.If(
            (value >= 1e-5) & (value < 1e16),
            () => body.Set(at, PutDigits.Call(at, digits, count, point)),
            () => body.Set(at, PutScientific.Call(at, digits, count, point)));
        Frames.Leave(body, digits);
        body.Push(Texts.Pack(room, at - room));
    });

    /// <summary>
    /// (room, value, count) → the exact value rounded to so many digits after the point, half to even
    /// </summary>
    public Routine WithDigits => module.Routine(
        "float.digits", [ValType.I32, ValType.F64, ValType.I32], [ValType.I64], body =>
    {
        var (room, value, count) = (body.Parameters[0], body.Parameters[1], body.Parameters[2]);
        body.If(!(value - value).Is(0.0), () => body.Return(Special(value)));
        var start = body.I32(room);
        WriteSign(body, start, value);
        var bits = body.I64(value.Get().Bits() & long.MaxValue);
        var exponent = body.I32(ExponentOf(bits));
        var number = Frames.Enter(body, BigNumbers.SizeOf(LimbMax));
        body.Call(Big.Set, number, FractionOf(bits));
        body.Call(Big.MultiplyByPowerOfTen, number, count);
        body.If(
            exponent >= 0,
            () => body.Call(Big.ShiftLeft, number, exponent),
            () => body.Call(Big.ShiftRightRounded, number, -exponent.Get()));
        // Written from the end of the room, nine digits at a time, then moved to its beginning.
        var end = room + DigitsRoom;
        var at = body.I32(end);
        var group = body.I64();
        var left = body.I32();
        var written = body.I32(0);
        body.While(number.Load32().OrElse(written <= count), () =>
        {
            body.Set(group, Big.DivideByBillion.Call(number).ExtendUnsigned());
            body.Set(left, 9);
            body.While(left.IsNot(0).AndThen(
                number.Load32().OrElse(group.IsNot(0L)).OrElse(written <= count)), () =>
            {
                body.If(written.Is(count) & count.IsNot(0), () =>
                {
                    body.Set(at, at - 1);
                    body.Store8(at, '.');
                });
                body.Set(at, at - 1);
                body.Store8(at, (group.Get() % 10L).Wrap() + '0');
                body.Set(group, group / 10L);
                body.Set(written, written + 1);
                body.Set(left, left - 1);
            });
        });
        Frames.Leave(body, number);
        body.Copy(start, at, end - at);
        body.Push(Texts.Pack(room, start + (end - at) - room));
    });

    /// <summary>
    /// (to, value) → the count of digits that were written, and in the high half where the point is: 0.d1d2… · 10^point
    /// </summary>
    private Routine Digits => module.Routine("float.find_digits", [ValType.I32, ValType.F64], [ValType.I64], body =>
    {
        var (to, value) = (body.Parameters[0], body.Parameters[1]);
        int powers = module.TableAt("powers of ten", PowersOfTen());
        var power = body.I32(0);
        var scaled = body.F64();
        var factor = body.F64();
        body.If((value < 1e15) & (value >= 1e-7), () =>
            body.While(power <= ExactPowerMax, () =>
            {
                body.Set(factor, (powers + (power << 3)).LoadF64());
                body.Set(scaled, (value * factor).Unary(Opcode.F64Nearest));
                body.If(scaled >= 1e15, () => body.Set(power, ExactPowerMax));
                body.If((scaled < 1e15) & (scaled / factor).Is(value), () =>
                    body.Return(DigitsOfInt.Call(to, scaled.Get().Truncate(), power)));
                body.Set(power, power + 1);
            }));
        body.Push(ExactDigits.Call(to, value.Get().Bits()));
    });

    /// <summary>(to, whole, power) → as Digits, of whole / 10^power</summary>
    private Routine DigitsOfInt => module.Routine(
        "float.int_digits", [ValType.I32, ValType.I64, ValType.I32], [ValType.I64], body =>
    {
        var (to, whole, power) = (body.Parameters[0], body.Parameters[1], body.Parameters[2]);
        var count = body.I32(0);
        var left = body.I64(whole);
        body.While(left.IsNot(0L), () =>
        {
            body.Set(left, left / 10L);
            body.Set(count, count + 1);
        });
        var at = body.I32(to + count);
        var point = body.I32(count - power);
        body.Set(left, whole);
        body.While(at.IsNot(to), () =>
        {
            body.Set(at, at - 1);
            body.Store8(at, (left.Get() % 10L).Wrap() + '0');
            body.Set(left, left / 10L);
        });
        body.While(((to + count) - 1).Load8().Is('0'), () => body.Set(count, count - 1));
        body.Push(Texts.Pack(count, point));
    });

    /// <summary>(to, bits) → as Digits: the shortest digits between the neighbours' halves, exactly.</summary>
    private Routine ExactDigits =>
        module.Routine("float.exact_digits", [ValType.I32, ValType.I64], [ValType.I64], body =>
    {
        var (to, bits) = (body.Parameters[0], body.Parameters[1]);
        int size = BigNumbers.SizeOf(LimbMax);
        var rest = Frames.Enter(body, 5 * size);
        var scale = body.I32(rest + size);
        var above = body.I32(rest + (2 * size));
        var below = body.I32(rest + (3 * size));
        var scratch = body.I32(rest + (4 * size));
        var fraction = body.I64(FractionOf(bits));
        var exponent = body.I32(ExponentOf(bits));
        // At a power of two the neighbour below is half as far away, but for the least normal number.
        var uneven = body.I32(fraction.Is(HiddenBit) & (exponent > -1074));
        var even = body.I32((fraction.Wrap() & 1) ^ 1);
        Begin(body, fraction, exponent, uneven, (rest, scale, above, below));
        var last = 63 - fraction.Get().LeadingZeros().Wrap();
        var point = body.I32((((exponent + last).ExtendSigned() * Log2) >> 32L).Wrap() + 1);
        body.If(
            point >= 0,
            () => body.Call(Big.MultiplyByPowerOfTen, scale, point),
            () =>
            {
                body.Call(Big.MultiplyByPowerOfTen, rest, -point.Get());
                body.Call(Big.MultiplyByPowerOfTen, above, -point.Get());
                body.Call(Big.MultiplyByPowerOfTen, below, -point.Get());
            });
        body.If(
            Big.CompareSum.Call(rest, above, scale, scratch) >= (1 - even.Get()),
            () => body.Set(point, point + 1),
            () => TimesTen(body, rest, above, below));
        var count = body.I32(WriteShortest.Call(to, rest, even));
        Frames.Leave(body, rest);
        body.Push(Texts.Pack(count, point));
    });

    /// <summary>
    /// (to, rest, even) → how many digits were written. The other numbers follow the first in memory.
    /// </summary>
    private Routine WriteShortest => module.Routine(
        "float.write_digits", [ValType.I32, ValType.I32, ValType.I32], [ValType.I32], body =>
    {
        var (to, rest, even) = (body.Parameters[0], body.Parameters[1], body.Parameters[2]);
        int size = BigNumbers.SizeOf(LimbMax);
        var scale = body.I32(rest + size);
        var above = body.I32(rest + (2 * size));
        var below = body.I32(rest + (3 * size));
        var scratch = body.I32(rest + (4 * size));
        var at = body.I32(to);
        var digit = body.I32();
        var low = body.I32();
        var high = body.I32();
        var order = body.I32();
        body.Forever(exit =>
        {
            body.Set(digit, 0);
            body.While(Big.Compare.Call(rest, scale) >= 0, () =>
            {
                body.Call(Big.Subtract, rest, scale);
                body.Set(digit, digit + 1);
            });
            // The bounds themselves read back as this float exactly when its fraction is even.
            body.Set(low, Big.Compare.Call(rest, below) < even);
            body.Set(high, Big.CompareSum.Call(rest, above, scale, scratch) > -even.Get());
            body.If(low | high, () =>
            {
                body.Set(order, Big.CompareSum.Call(rest, rest, scale, scratch));
                var up = Term.Select(low & high, (order > 0) | (!order & (digit & 1)), high);
                body.Store8(at, digit + up + '0');
                body.Set(at, at + 1);
                body.Break(exit);
            });
            body.Store8(at, digit + '0');
            body.Set(at, at + 1);
            TimesTen(body, rest, above, below);
        });
        body.Push(at - to);
    });

    // value = rest / scale; the halves of the way to the neighbours are above / scale and below / scale.
    private void Begin(
        Body body,
        Variable fraction,
        Variable exponent,
        Variable uneven,
        (Variable Value, Variable Scale, Variable Above, Variable Below) numbers)
    {
        body.Call(Big.Set, numbers.Value, fraction);
        body.Call(Big.Set, numbers.Scale, 1L);
        body.Call(Big.Set, numbers.Above, 1L);
        body.Call(Big.Set, numbers.Below, 1L);
        body.Call(Big.ShiftLeft, numbers.Value, uneven + 1);
        body.Call(Big.ShiftLeft, numbers.Scale, uneven + 1);
        body.Call(Big.ShiftLeft, numbers.Above, uneven);
        body.If(
            exponent >= 0,
            () =>
            {
                body.Call(Big.ShiftLeft, numbers.Value, exponent);
                body.Call(Big.ShiftLeft, numbers.Above, exponent);
                body.Call(Big.ShiftLeft, numbers.Below, exponent);
            },
            () => body.Call(Big.ShiftLeft, numbers.Scale, -exponent.Get()));
    }

    private void TimesTen(Body body, params ReadOnlySpan<Variable> numbers)
    {
        foreach (var number in numbers)
        {
            body.Call(Big.MultiplyAdd, number, 10, 0);
        }
    }

    /// <summary>
    /// (at, digits, count, point) → the address behind the number, with at least one digit on both sides of the point.
    /// </summary>
    private Routine PutDigits => module.Routine(
        "float.put", [ValType.I32, ValType.I32, ValType.I32, ValType.I32], [ValType.I32], body =>
    {
        var (at, digits, count, point) = (body.Parameters[0], body.Parameters[1], body.Parameters[2],
            body.Parameters[3]);
        var place = body.I32(Term.Select(point < 1, point - 1, 0));
        var end = body.I32(Term.Select(count > point, count, point + 1));
        body.While(place < end, () =>
        {
            body.If(place.Is(point), () => Put(body, at, '.'));
            Put(body, at, Term.Choose((place >= 0) & (place < count), (digits + place).Load8(), '0'));
            body.Set(place, place + 1);
        });
        body.Push(at);
    });

    /// <summary>(at, digits, count, point) → the address behind the number with its exponent.</summary>
    private Routine PutScientific => module.Routine(
        "float.put_scientific", [ValType.I32, ValType.I32, ValType.I32, ValType.I32], [ValType.I32], body =>
    {
        var (at, digits, count, point) = (body.Parameters[0], body.Parameters[1], body.Parameters[2],
            body.Parameters[3]);
        Put(body, at, digits.Load8());
        body.If(count > 1, () =>
        {
            Put(body, at, '.');
            body.Copy(at, digits + 1, count - 1);
            body.Set(at, at + count - 1);
        });
        Put(body, at, 'e');
        body.Set(point, point - 1);
        body.If(point < 0, () =>
        {
            Put(body, at, '-');
            body.Set(point, -point.Get());
        });
        body.If(point >= 100, () => Put(body, at, (point / 100) + '0'));
        body.If(point >= 10, () => Put(body, at, (point / 10).ModUnsigned(10) + '0'));
        Put(body, at, point.Get().ModUnsigned(10) + '0');
        body.Push(at);
    });

    private static void Put(Body body, Variable at, Term octet)
    {
        body.Store8(at, octet);
        body.Set(at, at + 1);
    }

    private Term Special(Variable value) => Term.Select(
        value.IsNot(value), module.TextValue("nan"),
            Term.Select(value < 0.0, module.TextValue("-inf"), module.TextValue("inf")));

    private static void WriteSign(Body body, Variable at, Variable value) =>
        body.If(value.Get().Bits() < 0L, () => Put(body, at, '-'));

    private static Term ExponentOf(Variable bits)
    {
        var stored = (bits >>> 52L).Wrap();
        return Term.Select(stored, stored, 1) - 1075;
    }

    private static Term FractionOf(Variable bits) => (bits & (HiddenBit - 1))
        | Term.Select((bits >>> 52L).IsNot(0L), HiddenBit, 0L);

    internal static byte[] PowersOfTen()
    {
        byte[] table = new byte[8 * (ExactPowerMax + 1)];
        double power = 1;
        for (int place = 0; place <= ExactPowerMax; place++)
        {
            // Exact up to 10^22, so repeated multiplication is.
            BinaryPrimitives.WriteDoubleLittleEndian(table.AsSpan(8 * place), power);
            power *= 10;
        }

        return table;
    }
}
