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
        int[] forced = NextForced();
        int start = 0;
        int next = 0;
        while (true)
        {
            while (next < _breaks.Count && _breaks[next].At <= start)
            {
                next++;
            }

            string indent = lines.Count == 0 ? "" : new string(' ', ContinuationIndent);
            Break? wanted = next < _breaks.Count && forced[next] < _breaks.Count ? _breaks[forced[next]] : null;
            if (Choose(text, start, width - indent.Length, next, wanted) is not Break place)
            {
                lines.Add(indent + text[start..].TrimEnd());
                return lines;
            }

            lines.Add(indent + text[start..place.At].TrimEnd());
            lines.AddRange(place.Comments.Select(comment => new string(' ', ContinuationIndent) + comment));
            start = place.At;
        }
    }

    /// <summary>For each break the first forced one from it on; the count of breaks where there is none.</summary>
    private int[] NextForced()
    {
        var forced = new int[_breaks.Count];
        int last = _breaks.Count;
        for (int index = _breaks.Count - 1; 0 <= index; index--)
        {
            last = _breaks[index].IsForced ? index : last;
            forced[index] = last;
        }

        return forced;
    }

    /// <summary>Breaks stand in the order of the text, so it looks at those of one line and no further.</summary>
    private Break? Choose(string text, int start, int width, int next, Break? forced)
    {
        int end = forced?.At ?? text.Length;
        if (text.AsSpan(start, end - start).TrimEnd(' ').Length <= width)
        {
            return forced;
        }

        Break? best = null;
        for (int index = next; index < _breaks.Count; index++)
        {
            Break place = _breaks[index];
            bool fits = text.AsSpan(start, place.At - start).TrimEnd(' ').Length <= width;
            if (end < place.At || place.At == text.Length || (!fits && best is not null))
            {
                break;
            }

            if (best is null || Welcome(place).CompareTo(Welcome(best)) < 0)
            {
                best = place;
            }

            if (!fits)
            {
                break;
            }
        }

        return best;
    }

    /// <summary>The outermost break first, then the one that binds least, then the last.</summary>
    private static (int Depth, int Level, int FromEnd) Welcome(Break place) => (place.Depth, place.Level, -place.At);

    private sealed record Break(int At, int Depth, int Level, bool IsForced, string[] Comments);
}
