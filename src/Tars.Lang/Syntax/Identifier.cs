using Tars.Base;

namespace Tars.Lang.Syntax;

/// <summary>A name as written, with its place. The text is empty where a name is missing.</summary>
public readonly record struct Identifier(TextSpan Span, string Text)
{
    public bool IsMissing => Text.Length == 0;

    public override string ToString() => Text;
}
