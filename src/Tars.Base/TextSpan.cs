namespace Tars.Base;

/// <summary>A stretch of a source text: a start and a length in UTF-16 code units. It does not know its file.</summary>
public readonly record struct TextSpan(int Start, int Length)
{
    public int End => Start + Length;

    public static TextSpan FromBounds(int start, int end) => new(start, Math.Max(0, end - start));

    public bool Contains(int position) => Start <= position && position < End;

    /// <summary>The smallest span that holds both.</summary>
    public TextSpan Join(TextSpan other) => FromBounds(Math.Min(Start, other.Start), Math.Max(End, other.End));
}
