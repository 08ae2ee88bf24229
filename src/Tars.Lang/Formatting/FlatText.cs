using System.Text;

namespace Tars.Lang.Formatting;

/// <summary>One line of code, and the places where it may be broken when it is too long.</summary>
/// <remarks>
/// A break stands where the language lets a line go on: after a comma or an operator, or before a dot. The break that
/// binds least is taken first, and of those the last that still fits, so the same tree always gives the same lines.
/// </remarks>
internal sealed class FlatText
{
    private const int ContinuationIndent = 2;

    private readonly StringBuilder _text = new();
    private readonly List<Break> _breaks = [];
    private int _depth;

    /// <summary>Whether a comment inside asks for more than one line.</summary>
    public bool MustBreak => _breaks.Exists(place => place.IsForced);

    public int Length => _text.Length;

    public override string ToString() => _text.ToString();

    public FlatText Add(string text)
    {
        _text.Append(text);
        return this;
    }

    public void Open(string bracket)
    {
        _text.Append(bracket);
        _depth++;
    }

    public void Close(string bracket)
    {
        _depth--;
        _text.Append(bracket);
    }

    /// <summary>Makes breaks in what is written less welcome, as if it stood in so many brackets.</summary>
    public void Nested(int levels, Action write)
    {
        _depth += levels;
        write();
        _depth -= levels;
    }

    /// <summary>Allows a break here; a lower level is taken before a higher one of the same brackets.</summary>
    public void AllowBreak(int level) => _breaks.Add(new Break(_text.Length, _depth, level, IsForced: false, []));

    /// <summary>Breaks here whatever fits, with whole lines of comments between.</summary>
    public void ForceBreak(IEnumerable<string> comments) =>
        _breaks.Add(new Break(_text.Length, _depth, Level: 0, IsForced: true, [.. comments]));

    /// <summary>The lines of at most a width where breaks allow it. The second and later ones are indented.</summary>
    public List<string> ToLines(int width)
    {
        var lines = new List<string>();
        string text = _text.ToString();
        int start = 0;
        while (true)
        {
            string indent = lines.Count == 0 ? "" : new string(' ', ContinuationIndent);
            if (Choose(text, start, width - indent.Length) is not Break place)
            {
                lines.Add(indent + text[start..].TrimEnd());
                return lines;
            }

            lines.Add(indent + text[start..place.At].TrimEnd());
            lines.AddRange(place.Comments.Select(comment => new string(' ', ContinuationIndent) + comment));
            start = place.At;
        }
    }

    private Break? Choose(string text, int start, int width)
    {
        Break? forced = _breaks.Find(place => place.IsForced && place.At > start);
        int end = forced?.At ?? text.Length;
        if (text.AsSpan(start, end - start).TrimEnd(' ').Length <= width)
        {
            return forced;
        }

        List<Break> ahead = _breaks.FindAll(place => place.At > start && place.At <= end && place.At < text.Length);
        List<Break> fitting = ahead.FindAll(place => text.AsSpan(start, place.At - start).TrimEnd(' ').Length <= width);
        return fitting.Count == 0 ? ahead.FirstOrDefault() : fitting.MinBy(Welcome);
    }

    /// <summary>The outermost break first, then the one that binds least, then the last.</summary>
    private static (int Depth, int Level, int FromEnd) Welcome(Break place) => (place.Depth, place.Level, -place.At);

    private sealed record Break(int At, int Depth, int Level, bool IsForced, string[] Comments);
}
