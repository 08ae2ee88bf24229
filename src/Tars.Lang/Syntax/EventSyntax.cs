using System.Collections.Immutable;
using Tars.Base;

namespace Tars.Lang.Syntax;

/// <summary>A key under <c>handlers</c>: which event it handles and what it binds.</summary>
public abstract record EventSyntax
{
    private EventSyntax(TextSpan span) => Span = span;

    public TextSpan Span { get; }

    public sealed record Start(TextSpan Span) : EventSyntax(Span);

    public sealed record Stop(TextSpan Span) : EventSyntax(Span);

    public sealed record Timer(TextSpan Span, Identifier Name) : EventSyntax(Span);

    /// <summary><c>message a/{b} as name</c>.</summary>
    public sealed record Message(TextSpan Span, PathPattern Channel, Identifier Bind) : EventSyntax(Span);

    public sealed record Ask(TextSpan Span, Identifier Name) : EventSyntax(Span);

    public sealed record Exit(TextSpan Span, Identifier Agent, Identifier Bind) : EventSyntax(Span);

    /// <summary><c>http GET /a/{b} as name</c>.</summary>
    public sealed record Http(TextSpan Span, Identifier Method, PathPattern Path, Identifier Bind) : EventSyntax(Span);

    public sealed record Device(TextSpan Span, Identifier Name, Identifier Bind) : EventSyntax(Span);

    /// <summary><c>migrate 1.4 as name</c>; the version is a prefix of numbers.</summary>
    public sealed record Migrate(TextSpan Span, Identifier Version, Identifier Bind) : EventSyntax(Span);

    /// <summary><c>refused as name</c>: the kernel refused an effect of this process.</summary>
    public sealed record Refused(TextSpan Span, Identifier Bind) : EventSyntax(Span);

    /// <summary>No event; already reported.</summary>
    public sealed record Missing(TextSpan Span) : EventSyntax(Span);
}

/// <summary>A channel pattern or a path of HTTP: segments between slashes.</summary>
/// <param name="Rooted">Whether it begins with a slash, as paths of HTTP do.</param>
public sealed record PathPattern(TextSpan Span, bool Rooted, ImmutableArray<PathSegment> Segments);

/// <summary>One segment of a <see cref="PathPattern"/>.</summary>
public abstract record PathSegment
{
    private PathSegment(TextSpan span) => Span = span;

    public TextSpan Span { get; }

    public sealed record Literal(TextSpan Span, string Text) : PathSegment(Span);

    /// <summary><c>{name}</c>: any segment, bound as text.</summary>
    public sealed record Capture(TextSpan Span, Identifier Name) : PathSegment(Span);

    /// <summary><c>+</c> in capabilities: any segment.</summary>
    public sealed record Any(TextSpan Span) : PathSegment(Span);
}
