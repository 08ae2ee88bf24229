using System.Collections.Immutable;
using Tars.Base;

namespace Tars.Lang.Syntax;

/// <summary>One arm of a match: <c>pattern => statement</c> or <c>pattern => { … }</c>.</summary>
public sealed record MatchArm(TextSpan Span, Trivia Trivia, Pattern Pattern, Block Body);

/// <summary>What an arm tries.</summary>
public abstract record Pattern
{
    private Pattern(TextSpan span) => Span = span;

    public TextSpan Span { get; }

    /// <summary><c>name</c> or <c>name(a, _)</c>. An empty array of binds: no brackets were written.</summary>
    public sealed record Case(TextSpan Span, Identifier Name, ImmutableArray<PatternBind> Binds) : Pattern(Span);

    public sealed record Text(TextSpan Span, ImmutableArray<PatternPart> Parts) : Pattern(Span);

    public sealed record Else(TextSpan Span) : Pattern(Span);

    public sealed record Missing(TextSpan Span) : Pattern(Span);
}

/// <summary>A name that a pattern binds; null for <c>_</c>, which skips.</summary>
public sealed record PatternBind(TextSpan Span, Identifier? Name);

/// <summary>A part of a text pattern.</summary>
public abstract record PatternPart
{
    private PatternPart(TextSpan span) => Span = span;

    public TextSpan Span { get; }

    public sealed record Literal(TextSpan Span, string Value, string Written) : PatternPart(Span);

    /// <summary>
    /// <c>{name}</c>, <c>{name:int}</c>, <c>{name:float}</c> or <c>{_}</c>; the name of the last is null.
    /// </summary>
    public sealed record Hole(TextSpan Span, Identifier? Name, Identifier? Format) : PatternPart(Span);
}
