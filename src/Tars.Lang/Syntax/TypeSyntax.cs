using Tars.Base;

namespace Tars.Lang.Syntax;

/// <summary>A type, as written.</summary>
public abstract record TypeSyntax
{
    private TypeSyntax(TextSpan span) => Span = span;

    public TextSpan Span { get; }

    /// <summary>
    /// <c>int</c>, <c>Type</c> or <c>module.Type</c>. A lower-case name that is no type is kept here too: the checker
    /// knows the names and says which was meant.
    /// </summary>
    public sealed record Named(TextSpan Span, Identifier? Module, Identifier Name) : TypeSyntax(Span);

    public sealed record List(TextSpan Span, TypeSyntax Element) : TypeSyntax(Span);

    public sealed record Map(TextSpan Span, TypeSyntax Key, TypeSyntax Value) : TypeSyntax(Span);

    /// <summary><c>ref&lt;agent&gt;</c>.</summary>
    public sealed record Ref(TextSpan Span, Identifier Agent) : TypeSyntax(Span);

    /// <summary><c>cap&lt;kind&gt;</c>: a capability for a device of that kind.</summary>
    public sealed record Cap(TextSpan Span, Identifier Kind) : TypeSyntax(Span);

    /// <summary><c>T?</c>.</summary>
    public sealed record Optional(TextSpan Span, TypeSyntax Inner) : TypeSyntax(Span);

    /// <summary><c>T!</c>.</summary>
    public sealed record Fallible(TextSpan Span, TypeSyntax Inner) : TypeSyntax(Span);

    /// <summary>Stands where no type could be read; already reported.</summary>
    public sealed record Missing(TextSpan Span) : TypeSyntax(Span);
}

/// <summary>A declaration: <c>TYPE</c> or <c>TYPE = EXPR</c>.</summary>
public sealed record Decl(TextSpan Span, TypeSyntax Type, Expr? Value);
