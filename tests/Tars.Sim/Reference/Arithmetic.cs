using System.Diagnostics;
using Tars.Bundle.Abi;
using Tars.Lang.Binding;
using Tars.Lang.Types;

namespace Tars.Sim.Reference;

/// <summary>The operators of the language on plain values, with their traps.</summary>
internal static class Arithmetic
{
    public static object Apply(BoundBinaryOp op, object left, object right, LangType type) => (left, right) switch
    {
        (double a, double b) => (object)Float(op, a, b),
        (long d, double x) => Scale(d, x),
        (double x, long d) => Scale(d, x),
        (long a, long b) when type is LangType.Float => (double)a / b,
        (long a, long b) => Int(op, a, b),
        _ => throw new UnreachableException(),
    };

    public static long Subtract(long a, long b) => Int(BoundBinaryOp.Subtract, a, b);

    public static long Int(BoundBinaryOp op, long a, long b)
    {
        try
        {
            return op switch
            {
                BoundBinaryOp.Add => checked(a + b),
                BoundBinaryOp.Subtract => checked(a - b),
                BoundBinaryOp.Multiply => checked(a * b),
                BoundBinaryOp.Divide => b == -1 ? checked(-a) : a / b,
                BoundBinaryOp.Remainder => b == -1 ? 0 : a % b,
                BoundBinaryOp.BitAnd => a & b,
                BoundBinaryOp.BitOr => a | b,
                BoundBinaryOp.BitXor => a ^ b,
                BoundBinaryOp.ShiftLeft => a << Count(b),
                BoundBinaryOp.ShiftRight => a >> Count(b),
            };
        }
        catch (OverflowException)
        {
            throw new EvaluatorTrapException(GuestTrap.Overflow);
        }
        catch (DivideByZeroException)
        {
            throw new EvaluatorTrapException(GuestTrap.DivisionByZero);
        }
    }

    public static long Truncate(double x) =>
        x is >= -9223372036854775808.0 and < 9223372036854775808.0
            ? (long)x
            : throw new EvaluatorTrapException(GuestTrap.ValueOutOfRange);

    private static double Float(BoundBinaryOp op, double a, double b) => op switch
    {
        BoundBinaryOp.Add => a + b,
        BoundBinaryOp.Subtract => a - b,
        BoundBinaryOp.Multiply => a * b,
        BoundBinaryOp.Divide => a / b,
        BoundBinaryOp.Remainder or BoundBinaryOp.BitAnd or BoundBinaryOp.BitOr or BoundBinaryOp.BitXor
            or BoundBinaryOp.ShiftLeft or BoundBinaryOp.ShiftRight => throw new UnreachableException(),
    };

    private static long Scale(long duration, double factor)
    {
        double product = Math.Round(duration * factor, MidpointRounding.ToEven);
        return product is >= -9223372036854775808.0 and < 9223372036854775808.0
            ? (long)product
            : throw new EvaluatorTrapException(GuestTrap.Overflow);
    }

    private static int Count(long count) =>
        count is >= 0 and <= 63 ? (int)count : throw new EvaluatorTrapException(GuestTrap.ValueOutOfRange);
}
