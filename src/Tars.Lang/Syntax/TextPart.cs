using Tars.Base;

namespace Tars.Lang.Syntax;

/// <summary>A part of a text with holes: of a text literal or of a template.</summary>
public abstract record TextPart
{
    private TextPart(TextSpan span) => Span = span;

    public TextSpan Span { get; }

    /// <summary>Characters as such.</summary>
    /// <param name="Value">What the program sees.</param>
    /// <param name="Written">What the author wrote, escapes and all.</param>
    public sealed record Literal(TextSpan Span, string Value, string Written) : TextPart(Span);

    /// <summary><c>{value}</c> or <c>{value:format}</c>. A format is what stands after the colon: <c>.2</c>.</summary>
    public sealed record Hole(TextSpan Span, Expr Value, Identifier? Format) : TextPart(Span);
}
