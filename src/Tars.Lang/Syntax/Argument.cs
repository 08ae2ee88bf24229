using System.Collections.Immutable;
using Tars.Base;

namespace Tars.Lang.Syntax;

/// <summary>One argument of a call, by position or by name.</summary>
/// <param name="Name">Null where the argument stands by position.</param>
public sealed record Argument(TextSpan Span, Identifier? Name, ArgumentValue Value, Trivia Trivia);

/// <summary>The arguments between round brackets; the span holds the brackets.</summary>
public sealed record ArgumentList(TextSpan Span, ImmutableArray<Argument> Items);

/// <summary>What may stand as an argument: more than an expression.</summary>
public abstract record ArgumentValue
{
    private ArgumentValue(TextSpan span) => Span = span;

    public TextSpan Span { get; }

    public sealed record Value(Expr Expr) : ArgumentValue(Expr.Span);

    /// <summary><c>x => body</c>: expanded in place by a list method, never a value.</summary>
    public sealed record Lambda(TextSpan Span, Identifier Parameter, Expr Body) : ArgumentValue(Span);

    /// <summary>A type: the first argument of <c>json_decode</c> and <c>returns</c> of a model.</summary>
    public sealed record TypeArgument(TypeSyntax Type) : ArgumentValue(Type.Span);
}
