using Tars.Base;
using Tars.Lang.Diagnostics;

namespace Tars.Lang.Yaml;

/// <summary>The text of a document cut into lines, with every character that may not stand there taken out.</summary>
/// <remarks>
/// Invariants:
///   I1  The text has the length of the source: an offset means the same in both.
///   I2  It holds no tab and no control character but line ends; each line with one has been reported once.
/// </remarks>
internal sealed class YamlLines
{
    private readonly List<YamlLine> _lines = [];
    private YamlLine? _lastContent;

    public YamlLines(string source, DiagnosticBag bag)
    {
        Text = Cleaned(source, bag);
        int start = 0;
        while (start < source.Length)
        {
            int next = source.IndexOf('\n', start);
            int end = next < 0 ? source.Length : next;
            int stop = start < end && source[end - 1] == '\r' ? end - 1 : end;
            YamlLine line = LineOf(source, start, stop);
            _lines.Add(line);
            _lastContent = line.Kind == YamlLineKind.Content ? line : _lastContent;
            start = end + 1;
        }
    }

    public string Text { get; }

    public int Count => _lines.Count;

    public YamlLine this[int index] => _lines[index];

    /// <summary>The line that holds an offset; the last line for an offset behind the end.</summary>
    public int IndexOf(int offset)
    {
        int low = 0;
        int high = _lines.Count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (_lines[middle].Start <= offset)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low;
    }

    private YamlLine LineOf(string source, int start, int end)
    {
        int content = start;
        while (content < end && Text[content] == ' ')
        {
            content++;
        }

        YamlLineKind kind = content == end ? YamlLineKind.Blank
            : Text[content] == '#' ? YamlLineKind.Comment
            : YamlLineKind.Content;
        bool hasTab = source.AsSpan(start, content - start).Contains('\t');
        int indent = hasTab ? ProbableIndent() : content - start;
        return new YamlLine(start, content, end, indent, kind);
    }

    /// <summary>A tab has no width. The line before says best how far its author wanted to go.</summary>
    private int ProbableIndent()
    {
        if (_lastContent is not YamlLine before)
        {
            return 0;
        }

        bool opens = Text[before.End - 1] is ':' or '|';
        return before.Indent + (opens ? 2 : 0);
    }

    private static string Cleaned(string source, DiagnosticBag bag)
    {
        char[]? cleaned = null;
        int reportedLine = -1;
        int line = 0;
        for (int at = 0; at < source.Length; at++)
        {
            char c = source[at];
            if (c == '\n')
            {
                line++;
            }

            if (MayStand(source, at))
            {
                continue;
            }

            cleaned ??= source.ToCharArray();
            cleaned[at] = c == '\t' ? ' ' : '\uFFFD'; // I1, I2
            if (reportedLine != line)
            {
                reportedLine = line;
                var place = new TextSpan(at, 1);
                bag.Add(c == '\t' ? Report.Tab(place) : Report.ForbiddenCharacter(place, c));
            }
        }

        return cleaned is null ? source : new string(cleaned);
    }

    /// <summary>
    /// Next line, line separator and paragraph separator end a line for some readers and not for others.
    /// </summary>
    private static bool MayStand(string source, int at)
    {
        char c = source[at];
        return c switch
        {
            '\n' => true,
            '\r' => at + 1 < source.Length && source[at + 1] == '\n',
            < ' ' or (>= '\u007F' and <= '\u009F') or '\u2028' or '\u2029' or '\uFEFF' or '\uFFFE' or '\uFFFF' => false,
            _ when char.IsHighSurrogate(c) => at + 1 < source.Length && char.IsLowSurrogate(source[at + 1]),
            _ when char.IsLowSurrogate(c) => 0 < at && char.IsHighSurrogate(source[at - 1]),
            _ => true,
        };
    }
}
