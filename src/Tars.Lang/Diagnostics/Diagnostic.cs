using Tars.Base;

namespace Tars.Lang.Diagnostics;

/// <summary>One thing to tell the author about one place. Made only by the methods of <see cref="Report"/>.</summary>
/// <param name="Title">What is wrong, without a full stop; it must make sense on its own line.</param>
/// <param name="Hint">What to do next, in the imperative.</param>
/// <param name="Related">Another place that explains this one, such as the declaration.</param>
public sealed record Diagnostic(
    string Code, Severity Severity, TextSpan Span, string Title, string Hint, TextSpan? Related = null);

public enum Severity
{
    Warning,
    Error,
}
