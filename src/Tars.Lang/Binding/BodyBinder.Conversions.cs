using Tars.Lang.Types;

namespace Tars.Lang.Binding;

/// <summary>The few conversions of the language, each a node of its own.</summary>
internal sealed partial class BodyBinder
{
    /// <summary>Makes a value fit its place, or says why it does not.</summary>
    private BoundExpr Convert(BoundExpr value, LangType expected)
    {
        if (TryConvert(value, expected) is BoundExpr fitting)
        {
            return fitting;
        }

        if (!_complaints.IsSettled)
        {
            Report(Diagnostics.Report.WrongType(
                value.Span, TypeText.Of(expected), TypeText.Of(value.Type), MendOf(value.Type, expected)));
        }

        return new BoundExpr.Bad(value.Span);
    }

    /// <summary>Null where it does not fit. A bad type fits everywhere.</summary>
    private static BoundExpr? TryConvert(BoundExpr value, LangType expected)
    {
        LangType type = value.Type;
        if (type.Equals(expected) || type.IsBad() || expected.IsBad())
        {
            return value;
        }

        switch (expected)
        {
            case LangType.Fallible when TypeRules.IsFailure(type):
                return new BoundExpr.FailureOf(value, expected);
            case LangType.Fallible when type is LangType.Fallible:
                return null;
            case LangType.Fallible fallible:
                return TryConvert(value, fallible.Inner) is BoundExpr inner
                    ? new BoundExpr.Success(inner, expected)
                    : null;
            case LangType.Optional when type is LangType.NoneLiteral:
                return new BoundExpr.None(expected, value.Span);
            case LangType.Optional optional when type is not (LangType.Optional or LangType.Fallible):
                return TryConvert(value, optional.Inner) is BoundExpr held ? new BoundExpr.Some(held) : null;
            case LangType.List when type is LangType.EmptyLiteral:
                return new BoundExpr.ListLiteral([], expected, value.Span);
            case LangType.Map when type is LangType.EmptyLiteral:
                return new BoundExpr.MapLiteral([], expected, value.Span);
            default:
                return null;
        }
    }

    private static string MendOf(LangType given, LangType expected) => (given, TypeRules.Core(expected)) switch
    {
        (LangType.Int, LangType.Float) => "write `float(…)`, or a number with a point",
        (LangType.Float, LangType.Int) => "write `int(…)`, which cuts toward zero, or `int(round(…))`",
        (LangType.Fallible, _) => "unwrap it first: `let x = … else why { … }`",
        (LangType.Optional optional, { } core) when optional.Inner.Equals(core) =>
            "unwrap it with `??`, `if let` or `let … else`",
        (LangType.NoneLiteral, _) => "only a `T?` can be `none`: give the place such a type, or another value",
        (LangType.Unit, _) => "call it as a statement of its own",
        (_, LangType.Text) when TypeRules.CanBeText(given) => "write `\"{x}\"`",
        (LangType.Text, LangType.Int or LangType.Float) =>
            "read it with `match` and a pattern such as `\"{n:int}\"` or `\"{x:float}\"`",
        _ => "give a value of the expected type",
    };
}
