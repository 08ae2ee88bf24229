using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;
using Tars.Lang.Emitting.Writing;

namespace Tars.Lang.Library;

/// <summary>
/// Arithmetic that traps instead of wrapping, and what else the operators and built-ins of numbers need. Sums and
/// differences are written where they stand.
/// </summary>
internal sealed class Numbers(ModuleWriter module)
{
    private static readonly ValType[] _twoInts = [ValType.I64, ValType.I64];

    public Routine Multiply => module.Routine("int.multiply", _twoInts, [ValType.I64], body =>
    {
        var (a, b) = (body.Parameters[0], body.Parameters[1]);
        var product = body.I64(a * b);
        var small = ((a + 0x8000_0000L) | (b + 0x8000_0000L)) >>> 32L;
        body.If(small.IsNot(0L), () =>
        {
            body.If(!a, () => body.Return(0L));
            body.TrapIf(a.Is(-1L) & b.Is(long.MinValue), GuestTrap.Overflow);
            // a is not -1 beside the least int here, so the division cannot trap by itself.
            body.TrapIf(a.Is(-1L) & product.Is(long.MinValue), GuestTrap.Overflow);
            body.TrapIf((product / a).IsNot(b), GuestTrap.Overflow);
        });
        body.Push(product);
    });

    /// <summary>Rounds toward zero.</summary>
    public Routine Divide => module.Routine("int.divide", _twoInts, [ValType.I64], body =>
    {
        var (a, b) = (body.Parameters[0], body.Parameters[1]);
        body.TrapIf(!b, GuestTrap.DivisionByZero);
        body.TrapIf(b.Is(-1L) & a.Is(long.MinValue), GuestTrap.Overflow);
        body.Push(a / b);
    });

    /// <summary>Has the sign of the dividend.</summary>
    public Routine Remainder => module.Routine("int.remainder", _twoInts, [ValType.I64], body =>
    {
        var (a, b) = (body.Parameters[0], body.Parameters[1]);
        body.TrapIf(!b, GuestTrap.DivisionByZero);
        body.Push(a.Get() % b);
    });

    public Routine ShiftLeft => module.Routine("int.shift_left", _twoInts, [ValType.I64], body =>
    {
        var (a, b) = (body.Parameters[0], body.Parameters[1]);
        body.TrapIf(b.Above(63L), GuestTrap.ValueOutOfRange);
        body.Push(a << b);
    });

    public Routine ShiftRight => module.Routine("int.shift_right", _twoInts, [ValType.I64], body =>
    {
        var (a, b) = (body.Parameters[0], body.Parameters[1]);
        body.TrapIf(b.Above(63L), GuestTrap.ValueOutOfRange);
        body.Push(a >> b);
    });

    public Routine Absolute => module.Routine("int.abs", [ValType.I64], [ValType.I64], body =>
    {
        var a = body.Parameters[0];
        body.TrapIf(a.Is(long.MinValue), GuestTrap.Overflow);
        body.Push(Term.Select(a < 0L, -a.Get(), a));
    });

    /// <summary>Toward zero; traps when it does not fit.</summary>
    public Routine OfFloat => module.Routine("int.of_float", [ValType.F64], [ValType.I64], body =>
    {
        var x = body.Parameters[0];
        // Written so that a NaN fails it.
        body.TrapIf(!((x >= -9223372036854775808.0) & (x < 9223372036854775808.0)), GuestTrap.ValueOutOfRange);
        body.Push(x.Get().Truncate());
    });

    /// <summary>(duration, float) → the product rounded to the nearest nanosecond, half to even.</summary>
    public Routine Scale => module.Routine("duration.scale", [ValType.I64, ValType.F64], [ValType.I64], body =>
    {
        var x = body.F64((body.Parameters[0].Get().ToFloat() * body.Parameters[1]).Unary(Opcode.F64Nearest));
        body.TrapIf(!((x >= -9223372036854775808.0) & (x < 9223372036854775808.0)), GuestTrap.Overflow);
        body.Push(x.Get().Truncate());
    });

    /// <summary>(float, duration) → the same.</summary>
    public Routine ScaleBy => module.Routine("duration.scale_by", [ValType.F64, ValType.I64], [ValType.I64], body =>
        body.Push(Scale.Call(body.Parameters[1], body.Parameters[0])));

    /// <summary>-1, 0 or 1 of two ints, durations or instants.</summary>
    public static Term Compare(Term a, Term b) => (a > b) - (a < b);
}
