using Tars.Base;

namespace Tars.Lang.Syntax;

/// <summary>A comment of code or YAML: its text from the <c>#</c> on, without blanks at the end.</summary>
/// <param name="BlankBefore">Whether an empty line stands before it.</param>
public sealed record Comment(TextSpan Span, string Text, bool BlankBefore);
