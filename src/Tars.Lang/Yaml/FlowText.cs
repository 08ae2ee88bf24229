using Tars.Base;
using Tars.Lang.Diagnostics;

namespace Tars.Lang.Yaml;

/// <summary>
/// Looks at the characters of plain values in flow style: where they end and what may not be in them.
/// </summary>
internal static class FlowText
{
    private const string IndicatorsAtStart = "|>@`%#";

    /// <summary>
    /// Where a plain value ends: at a bracket, a comma, a colon before a blank or bracket, or a comment.
    /// </summary>
    public static int PlainEnd(string text, int start, int lineEnd)
    {
        int at = start;
        while (at < lineEnd)
        {
            char c = text[at];
            bool ends = c is ',' or '[' or ']' or '{' or '}'
                || (c == ':' && (at + 1 == lineEnd || text[at + 1] is ' ' or ',' or '[' or ']' or '{' or '}'))
                || (c == '#' && start < at && text[at - 1] == ' ');
            if (ends)
            {
                break;
            }

            at++;
        }

        return at;
    }

    public static Diagnostic? RefusedStart(string text, int start, int end)
    {
        var span = TextSpan.FromBounds(start, Math.Max(start + 1, end));
        if (start == end)
        {
            return text[start] == ':' ? Report.ComplexKey(span) : Report.FlowCommaExpected(span);
        }

        bool isBareIndicator = text[start] is '-' or '?' && (end == start + 1 || text[start + 1] == ' ');
        return text[start] == '*' ? Report.OutsideSubset(span, "an alias (`*`) is")
            : IndicatorsAtStart.Contains(text[start]) || isBareIndicator ? Report.IndicatorAtStart(span, text[start])
            : null;
    }

    /// <summary>Whether a type opens <c>name&lt;</c> in this text and does not close there.</summary>
    public static bool OpensType(string value)
    {
        int open = 0;
        for (int at = 1; at < value.Length; at++)
        {
            open += value[at] switch
            {
                '<' when char.IsAsciiLetterOrDigit(value[at - 1]) => 1,
                '>' when open > 0 => -1,
                _ => 0,
            };
        }

        return open > 0;
    }

    /// <summary>The end of a type that goes on behind a comma: the delimiter behind its last <c>&gt;</c>.</summary>
    public static int TypeEnd(string text, int comma, int lineEnd)
    {
        int at = comma;
        while (at < lineEnd && text[at] is not ('}' or ']' or '>'))
        {
            at++;
        }

        while (at < lineEnd && text[at] is not (',' or '}' or ']'))
        {
            at++;
        }

        return at;
    }

    /// <summary>The next comma or closer that does not belong to brackets opened on the way.</summary>
    public static int DelimiterFrom(string text, int start, int lineEnd)
    {
        int depth = 0;
        char quote = '\0';
        for (int at = start; at < lineEnd; at++)
        {
            char c = text[at];
            if (quote != '\0')
            {
                quote = c == quote ? '\0' : quote;
            }
            else if (c is '"' or '\'' && at > start && text[at - 1] == ' ')
            {
                quote = c;
            }
            else if (c is '[' or '{')
            {
                depth++;
            }
            else if (c is ']' or '}')
            {
                if (depth == 0)
                {
                    return at;
                }

                depth--;
            }
            else if (c == ',' && depth == 0)
            {
                return at;
            }
        }

        return lineEnd;
    }

    public static bool CommentFollows(string text, int at)
    {
        while (at < text.Length && text[at] == ' ')
        {
            at++;
        }

        return at < text.Length && text[at] == '#';
    }
}
