using System.Collections.Immutable;
using Tars.Base;

namespace Tars.Lang.Syntax;

/// <summary>The body of a <c>text:</c> function: parts of text and holes, line ends included.</summary>
public sealed record TemplateSyntax(TextSpan Span, ImmutableArray<TextPart> Parts);
