using System.Numerics;
using System.Runtime.Intrinsics;

namespace Tars.Bundle.Wasm.Interpreter;

/// <summary>Makes rows for vector instructions from what they do to one lane.</summary>
internal static class LaneRows
{
    public static OperationRow Map<T>(Opcode opcode, Func<T, T> f) => new(opcode, (o, _) =>
    {
        var x = o[0].Lanes<T>();
        o[0] = Make<T>(lane => f(x[lane]));
        return null;
    });

    public static OperationRow Zip<T>(Opcode opcode, Func<T, T, T> f) => new(opcode, (o, _) =>
    {
        var x = o[0].Lanes<T>();
        var y = o[1].Lanes<T>();
        o[0] = Make<T>(lane => f(x[lane], y[lane]));
        return null;
    });

    /// <summary>All bits set in the lanes where the comparison holds.</summary>
    public static OperationRow Test<T>(Opcode opcode, Func<T, T, bool> f)
        where T : IBinaryNumber<T> => Zip<T>(opcode, (x, y) => f(x, y) ? T.AllBitsSet : T.Zero);

    /// <summary>The count is taken modulo the width of a lane.</summary>
    public static OperationRow Shift<T>(Opcode opcode, Func<T, int, T> f) => new(opcode, (o, _) =>
    {
        var x = o[0].Lanes<T>();
        int count = o[1].I32 & ((128 / Vector128<T>.Count) - 1);
        o[0] = Make<T>(lane => f(x[lane], count));
        return null;
    });

    public static OperationRow AllTrue<T>(Opcode opcode)
        where T : INumber<T> => new(opcode, (o, _) =>
    {
        var x = o[0].Lanes<T>();
        o[0] = Value.Of(Enumerable.Range(0, Vector128<T>.Count).All(lane => !T.IsZero(x[lane])));
        return null;
    });

    /// <summary>The sign of each lane as a bit.</summary>
    public static OperationRow Bitmask<T>(Opcode opcode)
        where T : INumber<T> => new(opcode, (o, _) =>
    {
        var x = o[0].Lanes<T>();
        o[0] = Value.Of(Enumerable.Range(0, Vector128<T>.Count).Sum(lane => T.IsNegative(x[lane]) ? 1 << lane : 0));
        return null;
    });

    public static OperationRow Splat<T>(Opcode opcode, Func<Value, T> f) => new(opcode, (o, _) =>
    {
        var x = f(o[0]);
        o[0] = Make<T>(_ => x);
        return null;
    });

    public static OperationRow Extract<T>(Opcode opcode, Func<T, Value> f) => new(opcode, (o, lane) =>
    {
        o[0] = f(o[0].Lanes<T>()[lane]);
        return null;
    });

    public static OperationRow Replace<T>(Opcode opcode, Func<Value, T> f) => new(opcode, (o, lane) =>
    {
        o[0] = Value.Of(o[0].Lanes<T>().WithElement(lane, f(o[1])));
        return null;
    });

    /// <summary>Fewer and wider lanes from the lower half.</summary>
    public static OperationRow Low<TFrom, TTo>(Opcode opcode, Func<TFrom, TTo> f) => new(opcode, (o, _) =>
    {
        var x = o[0].Lanes<TFrom>();
        o[0] = Make<TTo>(lane => f(x[lane]));
        return null;
    });

    /// <summary>Fewer and wider lanes from the upper half.</summary>
    public static OperationRow High<TFrom, TTo>(Opcode opcode, Func<TFrom, TTo> f) => new(opcode, (o, _) =>
    {
        var x = o[0].Lanes<TFrom>();
        o[0] = Make<TTo>(lane => f(x[lane + Vector128<TTo>.Count]));
        return null;
    });

    public static OperationRow ZipLow<TFrom, TTo>(Opcode opcode, Func<TFrom, TFrom, TTo> f) => new(opcode, (o, _) =>
    {
        var x = o[0].Lanes<TFrom>();
        var y = o[1].Lanes<TFrom>();
        o[0] = Make<TTo>(lane => f(x[lane], y[lane]));
        return null;
    });

    public static OperationRow ZipHigh<TFrom, TTo>(Opcode opcode, Func<TFrom, TFrom, TTo> f) => new(opcode, (o, _) =>
    {
        var x = o[0].Lanes<TFrom>();
        var y = o[1].Lanes<TFrom>();
        int half = Vector128<TTo>.Count;
        o[0] = Make<TTo>(lane => f(x[lane + half], y[lane + half]));
        return null;
    });

    /// <summary>One lane from each two neighbours.</summary>
    public static OperationRow Pairs<TFrom, TTo>(Opcode opcode, Func<TFrom, TFrom, TTo> f) => new(opcode, (o, _) =>
    {
        var x = o[0].Lanes<TFrom>();
        o[0] = Make<TTo>(lane => f(x[2 * lane], x[(2 * lane) + 1]));
        return null;
    });

    /// <summary>Narrower lanes, those of the first operand and then those of the second.</summary>
    public static OperationRow Narrow<TFrom, TTo>(Opcode opcode, Func<TFrom, TTo> f) => new(opcode, (o, _) =>
    {
        var x = o[0].Lanes<TFrom>();
        var y = o[1].Lanes<TFrom>();
        int half = Vector128<TFrom>.Count;
        o[0] = Make<TTo>(lane => f(lane < half ? x[lane] : y[lane - half]));
        return null;
    });

    /// <summary>Half as many lanes made of whole ones; the upper half becomes zero.</summary>
    public static OperationRow LowZero<TFrom, TTo>(Opcode opcode, Func<TFrom, TTo> f)
        where TTo : INumber<TTo> => new(opcode, (o, _) =>
    {
        var x = o[0].Lanes<TFrom>();
        o[0] = Make<TTo>(lane => lane < Vector128<TFrom>.Count ? f(x[lane]) : TTo.Zero);
        return null;
    });

    public static Value Make<T>(Func<int, T> lane)
    {
        var made = Vector128<T>.Zero;
        for (int place = 0; place < Vector128<T>.Count; place++)
        {
            made = made.WithElement(place, lane(place));
        }

        return Value.Of(made);
    }
}
