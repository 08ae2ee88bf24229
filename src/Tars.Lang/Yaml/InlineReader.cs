using Tars.Base;
using Tars.Lang.Diagnostics;
using Tars.Lang.Syntax;
using Tars.Lang.Text;

namespace Tars.Lang.Yaml;

/// <summary>
/// Reads what stands on one line in block style: keys, plain and quoted values, and where others begin.
/// </summary>
internal sealed class InlineReader(YamlContext context)
{
    private const string IndicatorsAtStart = ",[]{}#|>@`%\"'";

    private readonly QuotedReader _quoted = new(context);
    private readonly LiteralReader _literal = new(context);

    /// <summary>Whether a <c>-</c> of a list stands here.</summary>
    public bool IsItemStart() => IsIndicator('-');

    /// <summary>Whether a key stands here, good or bad: then this is an entry of a mapping.</summary>
    public bool IsKeyStart() => IsIndicator('?') || FindColon() >= 0;

    /// <summary>Skips blanks. True at the end of the line, with the comment that may stand there.</summary>
    public bool IsAtLineEnd(out Comment? trailing)
    {
        trailing = null;
        SkipBlanks();

        // Blanks before it may have been skipped already, with the properties of a value.
        if (context.At < context.Line.End && context.Text[context.At] == '#'
            && 0 < context.At && context.Text[context.At - 1] == ' ')
        {
            trailing = context.CommentAt(context.At);
            context.At = context.Line.End;
        }

        return context.At >= context.Line.End;
    }

    /// <summary>Skips anchors and tags before a value, and reports each.</summary>
    public void SkipProperties()
    {
        SkipBlanks();
        while (context.At < context.Line.End && context.Text[context.At] is '&' or '!')
        {
            int start = context.At;
            string what = context.Text[start] == '&' ? "an anchor (`&`) is" : "a tag (`!`) is";
            while (context.At < context.Line.End && context.Text[context.At] != ' ')
            {
                context.At++;
            }

            context.Report(Report.OutsideSubset(TextSpan.FromBounds(start, context.At), what));
            SkipBlanks();
        }
    }

    /// <summary>Reads a key and its colon; null, and reported, where there is none.</summary>
    public YamlNode.Scalar? ReadKey()
    {
        if (RefusedKey() is Diagnostic refusal)
        {
            context.Report(refusal);
            return null;
        }

        SkipProperties();
        int colon = FindColon();
        if (colon < 0)
        {
            context.Report(Report.KeyExpected(RestOfLine()));
            return null;
        }

        if (context.Text[context.At] is '"' or '\'')
        {
            YamlNode.Scalar quoted = _quoted.Read();
            context.At = colon + 1;
            return quoted;
        }

        int start = context.At;
        string text = context.Text[start..colon].TrimEnd();
        if (IndicatorsAtStart.Contains(text[0]) || text[0] == '*')
        {
            context.Report(Report.IndicatorAtStart(new TextSpan(start, text.Length), text[0]));
        }

        context.At = colon + 1;
        return new YamlNode.Scalar(
            new TextSpan(start, text.Length), ScalarStyle.Plain, SourceSlice.Verbatim(text, start));
    }

    /// <summary>Reads a value that begins here and goes to the next line with content.</summary>
    public YamlNode ReadValue(int column, out Comment? trailing)
    {
        SkipProperties();
        char first = context.At < context.Line.End ? context.Text[context.At] : '\0';
        switch (first)
        {
            case '\0':
                int end = context.At;
                _ = IsAtLineEnd(out trailing);
                context.NextContent();
                return new YamlNode.Missing(new TextSpan(end, 0), IsReported: true);
            case '|':
                return _literal.Read(column, out trailing);
            case '>':
                return ReadFolded(column, out trailing);
            case '"' or '\'':
                return ReadQuoted(out trailing);
            case '[' or '{':
                return ReadFlow(column, out trailing);
            default:
                return ReadPlain(out trailing);
        }
    }

    private YamlNode ReadFolded(int column, out Comment? trailing)
    {
        string rest = context.Text[(context.At + 1)..context.Line.End].TrimEnd();
        bool isHeader = rest.All(c => c is '+' or '-' or (>= '0' and <= '9'))
            || rest.StartsWith(" #", StringComparison.Ordinal);
        if (!isHeader)
        {
            return ReadPlain(out trailing);
        }

        TextSpan at = RestOfLine();
        context.Report(Report.FoldedText(at));
        _ = _literal.Read(column, out trailing);
        return new YamlNode.Missing(at, IsReported: true);
    }

    private YamlNode ReadQuoted(out Comment? trailing)
    {
        if (_quoted.FindClose(context.At) < 0)
        {
            TextSpan whole = RestOfLine();
            context.Report(Report.QuoteNotClosed(whole));
            return Skipped(whole, out trailing);
        }

        YamlNode.Scalar node = _quoted.Read();
        if (!IsAtLineEnd(out trailing))
        {
            TextSpan after = RestOfLine();
            context.Report(Report.AfterQuotes(after));
            return Skipped(node.Span.Join(after), out trailing);
        }

        context.NextContent();
        return node;
    }

    private YamlNode ReadFlow(int column, out Comment? trailing)
    {
        var flow = new FlowReader(context, _quoted, column);
        YamlNode node = flow.Read();
        if (flow.IsCutShort)
        {
            trailing = null;
            context.SkipToContent();
            return node;
        }

        if (!IsAtLineEnd(out trailing))
        {
            TextSpan after = RestOfLine();
            context.Report(context.Text[context.At] == ':' ? Report.ComplexKey(node.Span)
                : Report.FlowCommaExpected(after));
            return Skipped(node.Span.Join(after), out trailing);
        }

        context.NextContent();
        return node;
    }

    private YamlNode ReadPlain(out Comment? trailing)
    {
        int start = context.At;
        int end = PlainEnd(start);
        string text = context.Text[start..end].TrimEnd();
        var span = new TextSpan(start, text.Length);
        context.At = end;
        _ = IsAtLineEnd(out trailing);
        context.NextContent();
        Diagnostic? refusal = RefusedPlain(text, span);
        if (refusal is not null)
        {
            context.Report(refusal);
            return new YamlNode.Missing(span, IsReported: true);
        }

        return new YamlNode.Scalar(span, ScalarStyle.Plain, SourceSlice.Verbatim(text, start));
    }

    private static Diagnostic? RefusedPlain(string text, TextSpan span) =>
        text[0] == '*' ? Report.OutsideSubset(span, "an alias (`*`) is")
        : IndicatorsAtStart.Contains(text[0]) ? Report.IndicatorAtStart(span, text[0])
        : text == "-" || text == "?" || text.StartsWith("? ", StringComparison.Ordinal)
            ? Report.IndicatorAtStart(span, text[0])
        : text.Contains(": ", StringComparison.Ordinal) || text.EndsWith(':') ? Report.ColonInValue(span)
        : null;

    private Diagnostic? RefusedKey()
    {
        TextSpan rest = RestOfLine();
        string text = context.Text[rest.Start..rest.End].TrimEnd();
        return IsItemStart() ? Report.ItemAmongKeys(rest)
            : IsIndicator('?') ? Report.ComplexKey(rest)
            : context.Column == 0 && text[0] == '%' ? Report.OutsideSubset(rest, "a directive (`%`) is")
            : context.Column == 0 && IsDocumentMark(text) ? Report.OutsideSubset(rest, "a second document is")
            : text.StartsWith("<<:", StringComparison.Ordinal) ? Report.OutsideSubset(rest, "a merge key (`<<`) is")
            : text[0] is '"' or '\'' && _quoted.FindClose(context.At) < 0 ? Report.QuoteNotClosed(rest)
            : text[0] == ':' || IsComplexKey(text) ? Report.ComplexKey(rest)
            : null;
    }

    private static bool IsDocumentMark(string text) =>
        text is "---" or "..." || text.StartsWith("--- ", StringComparison.Ordinal)
            || text.StartsWith("... ", StringComparison.Ordinal);

    private static bool IsComplexKey(string text) =>
        text[0] is '[' or '{' && text.Contains(": ", StringComparison.Ordinal);

    /// <summary>The offset of the colon that ends the key which begins here, or -1.</summary>
    private int FindColon()
    {
        int at = context.At;
        int end = context.Line.End;
        if (at >= end)
        {
            return -1;
        }

        if (context.Text[at] is '"' or '\'')
        {
            int close = _quoted.FindClose(at);
            if (close < 0)
            {
                return -1;
            }

            at = close + 1;
            while (at < end && context.Text[at] == ' ')
            {
                at++;
            }

            return IsColon(at) ? at : -1;
        }

        if (context.Text[at] is '[' or '{')
        {
            return -1;
        }

        for (; at < end; at++)
        {
            if (IsColon(at))
            {
                return at;
            }

            if (context.Text[at] == '#' && context.At < at && context.Text[at - 1] == ' ')
            {
                return -1;
            }
        }

        return -1;
    }

    private bool IsColon(int at) =>
        at < context.Line.End && context.Text[at] == ':' && (at + 1 == context.Line.End || context.Text[at + 1] == ' ');

    /// <summary>Where a plain value ends: before a comment or at the end of the line.</summary>
    private int PlainEnd(int start)
    {
        for (int at = start + 1; at < context.Line.End; at++)
        {
            if (context.Text[at] == '#' && context.Text[at - 1] == ' ')
            {
                return at - 1;
            }
        }

        return context.Line.End;
    }

    private bool IsIndicator(char indicator) =>
        context.At < context.Line.End && context.Text[context.At] == indicator
        && (context.At + 1 == context.Line.End || context.Text[context.At + 1] == ' ');

    private void SkipBlanks()
    {
        while (context.At < context.Line.End && context.Text[context.At] == ' ')
        {
            context.At++;
        }
    }

    private TextSpan RestOfLine() => TextSpan.FromBounds(context.At, context.Line.End);

    private YamlNode.Missing Skipped(TextSpan span, out Comment? trailing)
    {
        trailing = null;
        context.NextContent();
        return new YamlNode.Missing(span, IsReported: true);
    }
}
