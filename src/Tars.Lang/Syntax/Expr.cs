using System.Collections.Immutable;
using Tars.Base;

namespace Tars.Lang.Syntax;

/// <summary>An expression, as written.</summary>
/// <remarks>
/// A node is a value: no parent, no symbol, no type. What the checker learns goes elsewhere.
/// The private constructor closes the family, so a switch over it can be complete.
/// Every span is in offsets of the whole file.
/// </remarks>
public abstract record Expr
{
    private Expr(TextSpan span) => Span = span;

    public TextSpan Span { get; }

    /// <summary>A name not yet resolved: a local, state, a param, a constant, a module.</summary>
    public sealed record Name(TextSpan Span, string Value) : Expr(Span);

    public sealed record Self(TextSpan Span) : Expr(Span);

    public sealed record None(TextSpan Span) : Expr(Span);

    public sealed record Bool(TextSpan Span, bool Value) : Expr(Span);

    /// <summary>A number as the author wrote it: <c>200_000</c>, <c>0xff</c>.</summary>
    public sealed record Int(TextSpan Span, long Value, string Written) : Expr(Span);

    public sealed record Float(TextSpan Span, double Value, string Written) : Expr(Span);

    public sealed record Duration(TextSpan Span, long Nanoseconds, string Written) : Expr(Span);

    public sealed record Text(TextSpan Span, ImmutableArray<TextPart> Parts) : Expr(Span);

    /// <summary><c>(inner)</c>; kept so that code is written back as it was.</summary>
    public sealed record Parenthesized(TextSpan Span, Expr Inner) : Expr(Span);

    public sealed record Unary(TextSpan Span, UnaryOp Op, Expr Operand) : Expr(Span);

    /// <summary>
    /// Two operands. Evaluated left to right; a chain leans left, except <c>??</c>, which leans right.
    /// </summary>
    public sealed record Binary(TextSpan Span, BinaryOp Op, TextSpan OpSpan, Expr Left, Expr Right) : Expr(Span);

    /// <summary><c>target.name</c>: a field, or a constant of an imported module.</summary>
    public sealed record Field(TextSpan Span, Expr Target, Identifier Member) : Expr(Span);

    /// <summary><c>target.name(…)</c>: a method, or a function of an imported module.</summary>
    public sealed record Method(TextSpan Span, Expr Target, Identifier Member, ArgumentList Arguments) : Expr(Span);

    public sealed record Index(TextSpan Span, Expr Target, Expr At) : Expr(Span);

    /// <summary><c>name(…)</c>: a function, a procedure or a built-in.</summary>
    public sealed record Call(TextSpan Span, Identifier Callee, ArgumentList Arguments) : Expr(Span);

    /// <summary><c>Type(field = value)</c> or <c>module.Type(field = value)</c>: a record.</summary>
    public sealed record Make(TextSpan Span, TypeSyntax.Named Type, ArgumentList Arguments) : Expr(Span);

    /// <summary><c>Type.case</c> or <c>Type.case(field = value)</c>. No argument list means none was written.</summary>
    public sealed record Case(
        TextSpan Span, TypeSyntax.Named Type, Identifier CaseName, ArgumentList? Arguments) : Expr(Span);

    /// <summary><c>[a, b]</c>, or <c>[]</c>, which is the empty list or map, as its place expects.</summary>
    public sealed record List(TextSpan Span, ImmutableArray<ListItem> Items) : Expr(Span);

    /// <summary><c>[key => value]</c>, with at least one entry.</summary>
    public sealed record Map(TextSpan Span, ImmutableArray<MapEntry> Entries) : Expr(Span);

    /// <summary><c>if c { a } else { b }</c> as a value. The else side may be another If.</summary>
    public sealed record If(TextSpan Span, Expr Condition, Expr Then, Expr Else) : Expr(Span);

    /// <summary>Stands where no expression could be read. A diagnostic covers its place, so say nothing more.</summary>
    public sealed record Missing(TextSpan Span) : Expr(Span);
}

/// <summary>An item of a list literal.</summary>
public sealed record ListItem(Expr Value, Trivia Trivia);

/// <summary>An entry of a map literal.</summary>
public sealed record MapEntry(Expr Key, Expr Value, Trivia Trivia);

public enum UnaryOp
{
    Negate,
    Not,
}

public enum BinaryOp
{
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Coalesce,
    BitAnd,
    BitOr,
    BitXor,
    ShiftLeft,
    ShiftRight,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}
