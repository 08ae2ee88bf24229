using Tars.Base;
using Tars.Lang.Diagnostics;
using Tars.Lang.Syntax;
using Tars.Lang.Types;

namespace Tars.Lang.Binding;

/// <summary>Operators: which types they take and what they give.</summary>
internal sealed partial class BodyBinder
{
    private BoundExpr BindUnary(Expr.Unary unary, LangType? expected) => unary.Op switch
    {
        UnaryOp.Not => new BoundExpr.Not(BindAs(unary.Operand, CoreTypes.Bool), unary.Span),
        UnaryOp.Negate => BindNegate(unary, expected),
    };

    private BoundExpr BindNegate(Expr.Unary unary, LangType? expected)
    {
        BoundExpr operand = BindSome(unary.Operand, expected);
        if (IsLeastInt(unary.Operand))
        {
            return operand; // Its value has the sign already.
        }

        switch (operand)
        {
            case BoundExpr.IntLiteral number when number.Value != long.MinValue:
                return new BoundExpr.IntLiteral(-number.Value, number.Type, unary.Span);
            case BoundExpr.FloatLiteral number:
                return new BoundExpr.FloatLiteral(-number.Value, unary.Span);
            default:
                break;
        }

        if (operand.Type is LangType.Int or LangType.Float or LangType.Duration)
        {
            return new BoundExpr.Negate(operand, unary.Span);
        }

        if (!operand.Type.IsBad())
        {
            Report(Diagnostics.Report.WrongType(
                unary.Span, "a number or a duration", TypeText.Of(operand.Type), MendOf(operand.Type, CoreTypes.Int)));
        }

        return new BoundExpr.Bad(unary.Span);
    }

    // In hexadecimal the same bits are the least int already, and to negate them overflows.
    private static bool IsLeastInt(Expr operand) =>
        operand is Expr.Int { Value: long.MinValue } number
        && !number.Written.StartsWith("0x", StringComparison.Ordinal);

    private BoundExpr BindBinary(Expr.Binary binary, LangType? expected) => binary.Op switch
    {
        BinaryOp.Or => new BoundExpr.Or(
            BindAs(binary.Left, CoreTypes.Bool), BindAs(binary.Right, CoreTypes.Bool), binary.Span),
        BinaryOp.And => new BoundExpr.And(
            BindAs(binary.Left, CoreTypes.Bool), BindAs(binary.Right, CoreTypes.Bool), binary.Span),
        BinaryOp.Equal => BindCompare(binary, BoundCompareOp.Equal),
        BinaryOp.NotEqual => BindCompare(binary, BoundCompareOp.NotEqual),
        BinaryOp.Less => BindCompare(binary, BoundCompareOp.Less),
        BinaryOp.LessOrEqual => BindCompare(binary, BoundCompareOp.LessOrEqual),
        BinaryOp.Greater => BindCompare(binary, BoundCompareOp.Greater),
        BinaryOp.GreaterOrEqual => BindCompare(binary, BoundCompareOp.GreaterOrEqual),
        BinaryOp.Coalesce => BindCoalesce(binary, expected),
        BinaryOp.BitAnd => BindBits(binary, BoundBinaryOp.BitAnd),
        BinaryOp.BitOr => BindBits(binary, BoundBinaryOp.BitOr),
        BinaryOp.BitXor => BindBits(binary, BoundBinaryOp.BitXor),
        BinaryOp.ShiftLeft => BindBits(binary, BoundBinaryOp.ShiftLeft),
        BinaryOp.ShiftRight => BindBits(binary, BoundBinaryOp.ShiftRight),
        BinaryOp.Add => BindArithmetic(binary, BoundBinaryOp.Add, expected),
        BinaryOp.Subtract => BindArithmetic(binary, BoundBinaryOp.Subtract, expected),
        BinaryOp.Multiply => BindArithmetic(binary, BoundBinaryOp.Multiply, expected),
        BinaryOp.Divide => BindArithmetic(binary, BoundBinaryOp.Divide, expected),
        BinaryOp.Remainder => BindArithmetic(binary, BoundBinaryOp.Remainder, expected),
    };

    private BoundExpr.Binary BindBits(Expr.Binary binary, BoundBinaryOp op) => new(
        op, BindAs(binary.Left, CoreTypes.Int), BindAs(binary.Right, CoreTypes.Int), CoreTypes.Int, binary.Span);

    private BoundExpr BindCoalesce(Expr.Binary binary, LangType? expected)
    {
        LangType? core = TypeRules.Core(expected);
        BoundExpr left = Bind(binary.Left, core is null ? null : new LangType.Optional(core));
        if (left.Type is not LangType.Optional optional)
        {
            Bind(binary.Right, expected);
            if (!left.Type.IsBad())
            {
                Report(Diagnostics.Report.NothingToUnwrap(
                    binary.Left.Span, "`??` needs a `T?` on its left", TypeText.Of(left.Type)));
            }

            return new BoundExpr.Bad(binary.Span);
        }

        BoundExpr right = Bind(binary.Right, optional.Inner);
        if (right.Type is LangType.NoneLiteral)
        {
            right = Convert(right, optional);
        }

        return right.Type.Equals(optional)
            ? new BoundExpr.Coalesce(left, right, optional, binary.Span)
            : new BoundExpr.Coalesce(left, Convert(right, optional.Inner), optional.Inner, binary.Span);
    }

    private BoundExpr BindCompare(Expr.Binary binary, BoundCompareOp op)
    {
        var (left, right) = BindOperands(binary);
        if (left.Type.IsBad() || right.Type.IsBad())
        {
            return new BoundExpr.Bad(binary.Span);
        }

        bool isEquality = op is BoundCompareOp.Equal or BoundCompareOp.NotEqual;
        if (!left.Type.Equals(right.Type) && isEquality)
        {
            left = TryConvert(left, right.Type) ?? left;
            right = TryConvert(right, left.Type) ?? right;
        }

        if (left.Type is LangType.Fallible || right.Type is LangType.Fallible)
        {
            Report(Diagnostics.Report.MayBeAbsent(
                binary.OpSpan, TypeText.Of(left.Type is LangType.Fallible ? left.Type : right.Type)));
            return new BoundExpr.Bad(binary.Span);
        }

        bool isKnown = left.Type is not (LangType.NoneLiteral or LangType.EmptyLiteral or LangType.Unit);
        if (isKnown && left.Type.Equals(right.Type) && (isEquality || TypeRules.IsOrdered(left.Type)))
        {
            return new BoundExpr.Compare(op, left, right, binary.Span);
        }

        string verb = isEquality ? "compared" : "ordered";
        Report(Diagnostics.Report.NotComparable(
            binary.OpSpan, verb, TypeText.Of(left.Type), TypeText.Of(right.Type), CompareMend(left.Type, right.Type)));
        return new BoundExpr.Bad(binary.Span);
    }

    private static string CompareMend(LangType left, LangType right) => (left, right) switch
    {
        (LangType.Optional, _) or (_, LangType.Optional) => "unwrap it first, with `??`, `if let` or `let … else`",
        (LangType.Int, LangType.Float) or (LangType.Float, LangType.Int) => "write `float(…)` round the int",
        (LangType.Variant variant, LangType.Text) => $"write `{variant.Symbol.Name}.case`, without quotes",
        (LangType.Text, LangType.Variant variant) => $"write `{variant.Symbol.Name}.case`, without quotes",
        _ when left.Equals(right) => "compare a field or another value that has an order",
        _ => "bring both sides to one type",
    };

    /// <summary>Both sides, left first. A literal, <c>none</c> or <c>[]</c> takes the type of the other side.</summary>
    private (BoundExpr Left, BoundExpr Right) BindOperands(Expr.Binary binary)
    {
        if (TakesTypeOfOther(binary.Left) && !TakesTypeOfOther(binary.Right))
        {
            BoundExpr second = Bind(binary.Right, expected: null);
            return (Bind(binary.Left, second.Type), second);
        }

        BoundExpr first = Bind(binary.Left, expected: null);
        return (first, Bind(binary.Right, first.Type));
    }

    private BoundExpr BindArithmetic(Expr.Binary binary, BoundBinaryOp op, LangType? expected)
    {
        if (op == BoundBinaryOp.Divide && IsIntLiteral(binary.Left) && IsIntLiteral(binary.Right))
        {
            Report(Diagnostics.Report.WholeDivision(binary.OpSpan));
            return new BoundExpr.Bad(binary.Span);
        }

        var (left, right) = BindNumbers(binary, expected);
        if (left.Type.IsBad() || right.Type.IsBad())
        {
            return new BoundExpr.Bad(binary.Span);
        }

        if (ResultOf(op, left.Type, right.Type) is LangType result)
        {
            return new BoundExpr.Binary(op, left, right, result, binary.Span);
        }

        Report(WrongOperands(binary.OpSpan, op, left.Type, right.Type));
        return new BoundExpr.Bad(binary.Span);
    }

    private (BoundExpr Left, BoundExpr Right) BindNumbers(Expr.Binary binary, LangType? expected)
    {
        bool leftIsLiteral = IsIntLiteral(binary.Left);
        bool rightIsLiteral = IsIntLiteral(binary.Right);
        bool wantsFloat = binary.Op != BinaryOp.Remainder && TypeRules.Core(expected) is LangType.Float;
        LangType? hint = wantsFloat ? CoreTypes.Float : null;
        if (leftIsLiteral && rightIsLiteral)
        {
            return (Bind(binary.Left, hint), Bind(binary.Right, hint));
        }

        if (leftIsLiteral)
        {
            BoundExpr second = Bind(binary.Right, hint);
            return (Bind(binary.Left, NumberBeside(second.Type, binary.Op)), second);
        }

        BoundExpr first = Bind(binary.Left, rightIsLiteral ? null : hint);
        return (first, Bind(binary.Right, rightIsLiteral ? NumberBeside(first.Type, binary.Op) : hint));
    }

    // A duration is multiplied by a float, so a whole number beside it is one.
    private static LangType NumberBeside(LangType other, BinaryOp op) =>
        other is LangType.Float || (other is LangType.Duration && op == BinaryOp.Multiply)
            ? CoreTypes.Float
            : CoreTypes.Int;

    private static LangType? ResultOf(BoundBinaryOp op, LangType left, LangType right)
    {
        bool isSum = op is BoundBinaryOp.Add or BoundBinaryOp.Subtract;
        return (left, right) switch
        {
            (LangType.Int, LangType.Int) => CoreTypes.Int,
            (LangType.Float, LangType.Float) when op != BoundBinaryOp.Remainder => CoreTypes.Float,
            (LangType.Duration, LangType.Duration) when isSum => CoreTypes.Duration,
            (LangType.Duration, LangType.Duration) when op == BoundBinaryOp.Divide => CoreTypes.Float,
            (LangType.Instant, LangType.Instant) when op == BoundBinaryOp.Subtract => CoreTypes.Duration,
            (LangType.Instant, LangType.Duration) when isSum => CoreTypes.Instant,
            (LangType.Duration, LangType.Float) when op == BoundBinaryOp.Multiply => CoreTypes.Duration,
            (LangType.Float, LangType.Duration) when op == BoundBinaryOp.Multiply => CoreTypes.Duration,
            _ => null,
        };
    }

    private Diagnostic WrongOperands(
        TextSpan at, BoundBinaryOp op, LangType left, LangType right) => (left, right) switch
        {
            (LangType.Text, _) or (_, LangType.Text) when op == BoundBinaryOp.Add =>
                Diagnostics.Report.TextSum(at, _isInHole),
            (LangType.Int, LangType.Float) or (LangType.Float, LangType.Int) when op != BoundBinaryOp.Remainder =>
                Diagnostics.Report.MixedNumbers(at),
            _ => Diagnostics.Report.NoSuchOperator(
                at, Sign(op), TypeText.Of(left), TypeText.Of(right), OperandMend(op, left, right)),
        };

    private static string OperandMend(BoundBinaryOp op, LangType left, LangType right) => (left, right) switch
    {
        (LangType.Optional, _) or (_, LangType.Optional) => "unwrap it first, with `??`, `if let` or `let … else`",
        (LangType.Fallible, _) or (_, LangType.Fallible) => "unwrap it first: `let x = … else why { … }`",
        (LangType.NoneLiteral, _) or (_, LangType.NoneLiteral) => "`none` is no number: give a value",
        (LangType.Duration, LangType.Float or LangType.Int) when op == BoundBinaryOp.Divide =>
            "multiply by the inverse, `d * (1 / x)`, or divide by a duration, which gives a float",
        (LangType.Duration, LangType.Int) or (LangType.Int, LangType.Duration) =>
            "write the number as a duration (`5s`), or as a float to multiply by it",
        (LangType.Float, LangType.Float) => "floats have no remainder; use ints",
        (LangType.Instant, LangType.Instant) => "instants are subtracted, which gives a duration",
        _ => "use values that the operator takes",
    };

    private static string Sign(BoundBinaryOp op) => op switch
    {
        BoundBinaryOp.Add => "+",
        BoundBinaryOp.Subtract => "-",
        BoundBinaryOp.Multiply => "*",
        BoundBinaryOp.Divide => "/",
        BoundBinaryOp.Remainder => "%",
        BoundBinaryOp.BitAnd => "&",
        BoundBinaryOp.BitOr => "|",
        BoundBinaryOp.BitXor => "^",
        BoundBinaryOp.ShiftLeft => "<<",
        BoundBinaryOp.ShiftRight => ">>",
    };

    /// <summary>
    /// A whole number as written, or arithmetic of such: it may be a float where its place wants one.
    /// </summary>
    private static bool IsIntLiteral(Expr expr) => expr switch
    {
        Expr.Int => true,
        Expr.Parenthesized inner => IsIntLiteral(inner.Inner),
        Expr.Unary { Op: UnaryOp.Negate } unary => IsIntLiteral(unary.Operand),
        Expr.Binary { Op: BinaryOp.Add or BinaryOp.Subtract or BinaryOp.Multiply or BinaryOp.Divide } binary =>
            IsIntLiteral(binary.Right) && IsIntLiteral(binary.Left),
        _ => false,
    };

    private static bool TakesTypeOfOther(Expr expr) =>
        expr is Expr.None or Expr.List { Items.IsEmpty: true } || IsIntLiteral(expr);
}
