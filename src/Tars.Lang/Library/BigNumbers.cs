using Tars.Bundle.Wasm;
using Tars.Lang.Emitting.Writing;

namespace Tars.Lang.Library;

/// <summary>Whole numbers of any size, for exact conversions between floats and decimal digits.</summary>
/// <remarks>
/// A number is a u32 count of limbs, then the limbs, u32 each, the lowest first; the last is not zero. Who calls gives
/// the memory and knows how large the number can become.
/// </remarks>
internal sealed class BigNumbers(ModuleWriter module)
{
    /// <summary>Bytes of a number of so many limbs.</summary>
    public static int SizeOf(int limbCount) => 4 + (4 * limbCount);

    /// <summary>(number, value): it becomes the unsigned value.</summary>
    public Routine Set => module.Routine("big.set", [ValType.I32, ValType.I64], [], body =>
    {
        var (number, value) = (body.Parameters[0], body.Parameters[1]);
        body.Store32(number, value.Wrap(), 4);
        body.Store32(number, (value >>> 32L).Wrap(), 8);
        body.Store32(number, value.IsNot(0L) + (value >>> 32L).IsNot(0L));
    });

    /// <summary>(number, factor, more): it is multiplied and something is added; both are u32.</summary>
    public Routine MultiplyAdd =>
        module.Routine("big.multiply_add", [ValType.I32, ValType.I32, ValType.I32], [], body =>
    {
        var number = body.Parameters[0];
        var factor = body.I64(body.Parameters[1].ExtendUnsigned());
        var carry = body.I64(body.Parameters[2].ExtendUnsigned());
        var at = body.I32(number + 4);
        var end = body.I32(at + (number.Load32() << 2));
        body.While(at.Below(end), () =>
        {
            body.Set(carry, carry + (at.Load32().ExtendUnsigned() * factor));
            body.Store32(at, carry.Wrap());
            body.Set(carry, carry >>> 32L);
            body.Set(at, at + 4);
        });
        body.If(carry.IsNot(0L), () =>
        {
            body.Store32(at, carry.Wrap());
            body.Store32(number, number.Load32() + 1);
        });
    });

    /// <summary>(number, n): it is multiplied by 10^n.</summary>
    public Routine MultiplyByPowerOfTen => module.Routine("big.power_of_ten", [ValType.I32, ValType.I32], [], body =>
    {
        var (number, left) = (body.Parameters[0], body.Parameters[1]);
        body.While(left >= 9, () =>
        {
            body.Call(MultiplyAdd, number, 1_000_000_000, 0);
            body.Set(left, left - 9);
        });
        body.While(left > 0, () =>
        {
            body.Call(MultiplyAdd, number, 10, 0);
            body.Set(left, left - 1);
        });
    });

    /// <summary>(number, bits): it is multiplied by 2^bits.</summary>
    public Routine ShiftLeft => module.Routine("big.shift_left", [ValType.I32, ValType.I32], [], body =>
    {
        var (number, bits) = (body.Parameters[0], body.Parameters[1]);
        var limbs = body.I32(bits >>> 5);
        var count = body.I32(number.Load32());
        body.If(!count, () => body.Return());
        body.Copy(number + 4 + (limbs << 2), number + 4, count << 2);
        body.Fill(number + 4, 0, limbs << 2);
        body.Store32(number, count + limbs);
        body.Call(MultiplyAdd, number, Term.I32(1) << (bits & 31), 0);
    });

    /// <summary>(a, b) → -1, 0 or 1</summary>
    public Routine Compare => module.Routine("big.compare", [ValType.I32, ValType.I32], [ValType.I32], body =>
    {
        var (a, b) = (body.Parameters[0], body.Parameters[1]);
        var count = body.I32(a.Load32());
        body.If(count.IsNot(b.Load32()), () => body.Return(Term.Select(count.Below(b.Load32()), -1, 1)));
        var limb = body.I32();
        var other = body.I32();
        body.While(count, () =>
        {
            body.Set(limb, (a + (count << 2)).Load32());
            body.Set(other, (b + (count << 2)).Load32());
            body.If(limb.IsNot(other), () => body.Return(Term.Select(limb.Below(other), -1, 1)));
            body.Set(count, count - 1);
        });
        body.Push(0);
    });

    /// <summary>(a, b, c, scratch) → the order of a + b and c; scratch has room for the sum.</summary>
    public Routine CompareSum => module.Routine(
        "big.compare_sum", [ValType.I32, ValType.I32, ValType.I32, ValType.I32], [ValType.I32], body =>
    {
        var (a, b, c, sum) = (body.Parameters[0], body.Parameters[1], body.Parameters[2], body.Parameters[3]);
        var count = body.I32(Term.Select(a.Load32().Below(b.Load32()), b.Load32(), a.Load32()));
        var carry = body.I64(0L);
        var place = body.I32(1);
        body.While(place.AtMost(count), () =>
        {
            body.Set(carry, carry + Limb(a, place) + Limb(b, place));
            body.Store32(sum + (place << 2), carry.Wrap());
            body.Set(carry, carry >>> 32L);
            body.Set(place, place + 1);
        });
        body.Store32(sum + (place << 2), carry.Wrap());
        body.Store32(sum, count + carry.Wrap());
        body.Push(Compare.Call(sum, c));
    });

    /// <summary>(a, b): b is taken from a, which is not less.</summary>
    public Routine Subtract => module.Routine("big.subtract", [ValType.I32, ValType.I32], [], body =>
    {
        var (a, b) = (body.Parameters[0], body.Parameters[1]);
        var count = body.I32(a.Load32());
        var carry = body.I64(0L);
        var place = body.I32(1);
        body.While(place.AtMost(count), () =>
        {
            body.Set(carry, carry + Limb(a, place) - Limb(b, place));
            body.Store32(a + (place << 2), carry.Wrap());
            body.Set(carry, carry >> 32L);
            body.Set(place, place + 1);
        });
        body.Call(Normalize, a);
    });

    /// <summary>(number) → the remainder of a division by 10^9; the number becomes the quotient.</summary>
    public Routine DivideByBillion => module.Routine("big.divide", [ValType.I32], [ValType.I32], body =>
    {
        var number = body.Parameters[0];
        var place = body.I32(number.Load32());
        var rest = body.I64(0L);
        var at = body.I32();
        body.While(place, () =>
        {
            body.Set(at, number + (place << 2));
            body.Set(rest, (rest << 32L) | at.Load32().ExtendUnsigned());
            body.Store32(at, rest.Get().OverUnsigned(1_000_000_000L).Wrap());
            body.Set(rest, rest.Get().ModUnsigned(1_000_000_000L));
            body.Set(place, place - 1);
        });
        body.Call(Normalize, number);
        body.Push(rest.Wrap());
    });

    /// <summary>(number) → how many bits it has</summary>
    public Routine BitCount => module.Routine("big.bits", [ValType.I32], [ValType.I32], body =>
    {
        var number = body.Parameters[0];
        var count = body.I32(number.Load32());
        body.If(!count, () => body.Return(0));
        body.Push((count << 5) - (number + (count << 2)).Load32().LeadingZeros());
    });

    /// <summary>(number, bits): it is divided by 2^bits and rounded, half to even.</summary>
    public Routine ShiftRightRounded => module.Routine("big.shift_right", [ValType.I32, ValType.I32], [], body =>
    {
        var (number, bits) = (body.Parameters[0], body.Parameters[1]);
        var size = body.I32(BitCount.Call(number));
        // Less than a half of one.
        body.If(size < bits, () =>
        {
            body.Store32(number, 0);
            body.Return();
        });
        var half = body.I32(BitAt(number, bits - 1));
        var place = body.I32(0);
        var rest = body.I32(0);
        body.While(place < (bits - 1), () =>
        {
            body.Set(rest, rest | BitAt(number, place));
            body.Set(place, place + 1);
        });
        body.If(size.Is(bits), () => body.Store32(number, 0), () => body.Call(CutLow, number, bits));
        body.If(half & (rest | (number.Load32().AndThen(number.Load32(4) & 1))), () => body.Call(Increment, number));
    });

    private Routine CutLow => module.Routine("big.cut", [ValType.I32, ValType.I32], [], body =>
    {
        var (number, bits) = (body.Parameters[0], body.Parameters[1]);
        var limbs = body.I32(bits >>> 5);
        var count = body.I32(number.Load32() - limbs);
        var place = body.I32(1);
        var from = body.I32();
        body.While(place.AtMost(count), () =>
        {
            body.Set(from, number + ((place + limbs) << 2));
            var high = Term.Choose(place.Is(count), 0L, from.Load32(4).ExtendUnsigned() << 32L);
            body.Store32(
                number + (place << 2),
                    ((from.Load32().ExtendUnsigned() | high) >>> (bits & 31).ExtendUnsigned()).Wrap());
            body.Set(place, place + 1);
        });
        body.Store32(number, count);
        body.Call(Normalize, number);
    });

    private Routine Increment => module.Routine("big.increment", [ValType.I32], [], body =>
    {
        var number = body.Parameters[0];
        body.If(!number.Load32(), () =>
        {
            body.Call(Set, number, 1L);
            body.Return();
        });
        body.Call(MultiplyAdd, number, 1, 1);
    });

    private Routine Normalize => module.Routine("big.normalize", [ValType.I32], [], body =>
    {
        var number = body.Parameters[0];
        var count = body.I32(number.Load32());
        body.While(count.IsNot(0).AndThen(!(number + (count << 2)).Load32()), () => body.Set(count, count - 1));
        body.Store32(number, count);
    });

    // The limb at a place counted from one, or zero past the end.
    private static Term Limb(Variable number, Variable place) => Term.Choose(
        place.AtMost(number.Load32()), (number + (place << 2)).Load32().ExtendUnsigned(), 0L);

    private static Term BitAt(Variable number, Term bit) =>
        ((number + ((bit >>> 5) << 2)).Load32(4) >>> (bit & 31)) & 1;
}
