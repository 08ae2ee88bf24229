using System.Collections.Immutable;
using Tars.Base;
using Tars.Lang.Diagnostics;
using Tars.Lang.Syntax;
using Tars.Lang.Text;

namespace Tars.Lang.Yaml;

/// <summary>Reads flow collections: <c>[a, b]</c> and <c>{ a: 1 }</c>, on one line or several.</summary>
/// <remarks>
/// Invariants:
///   I1  Every loop consumes at least one character or ends.
///   I2  A line that is not deeper than the key ends everything: an unclosed bracket cannot swallow the document.
/// </remarks>
internal sealed class FlowReader(YamlContext context, QuotedReader quoted, int parentColumn)
{
    private readonly Stack<char> _closers = new();

    /// <summary>A quote that was never closed has swallowed the closer: one message is enough.</summary>
    private bool _closerIsLost;

    /// <summary>True when a bracket was never closed: the reader stands at the line where the block goes on.</summary>
    public bool IsCutShort { get; private set; }

    public YamlNode Read()
    {
        int start = context.At;
        if (!context.TryEnter(new TextSpan(start, 1)))
        {
            context.At++;
            SkipToDelimiter();
            ConsumeCloser();
            return new YamlNode.Missing(TextSpan.FromBounds(start, context.At), IsReported: true);
        }

        char opened = context.Text[context.At++];
        _closers.Push(opened == '[' ? ']' : '}');
        YamlNode node = opened == '[' ? ReadSequence(start) : ReadMapping(start);
        _closers.Pop();
        context.Leave();
        return node;
    }

    private YamlNode.Sequence ReadSequence(int start)
    {
        var items = ImmutableArray.CreateBuilder<YamlItem>();
        while (TrySkipSpace(start))
        {
            if (IsCloser())
            {
                Close(start);
                break;
            }

            if (Current == ',')
            {
                context.Report(Report.FlowItemMissing(new TextSpan(context.At++, 1)));
                continue;
            }

            ImmutableArray<Comment> leading = context.TakeLeading();
            YamlNode value = ReadItem();
            Comment? trailing = EndEntry(start, ref value);
            items.Add(new YamlItem(value, new Trivia(leading, trailing, BlankBefore: false)));
        }

        return new YamlNode.Sequence(
            TextSpan.FromBounds(start, EndOfRead), CollectionStyle.Flow, items.ToImmutable(), context.TakeLeading());
    }

    /// <summary>An item; <c>key: value</c> in a sequence is a mapping of one entry.</summary>
    private YamlNode ReadItem()
    {
        YamlNode first = ReadNode();
        if (IsCutShort || first is not YamlNode.Scalar key || !IsColon())
        {
            return first;
        }

        YamlNode value = ReadAfterColon(key);
        var entry = new YamlEntry(key, value, Trivia.None);
        return new YamlNode.Mapping(entry.Span, CollectionStyle.Flow, [entry], []);
    }

    private YamlNode.Mapping ReadMapping(int start)
    {
        var entries = ImmutableArray.CreateBuilder<YamlEntry>();
        var keys = new Dictionary<string, TextSpan>(StringComparer.Ordinal);
        while (TrySkipSpace(start))
        {
            if (IsCloser())
            {
                Close(start);
                break;
            }

            if (Current == ',')
            {
                context.Report(Report.FlowItemMissing(new TextSpan(context.At++, 1)));
                continue;
            }

            ReadEntry(start, entries, keys);
        }

        return new YamlNode.Mapping(
            TextSpan.FromBounds(start, EndOfRead), CollectionStyle.Flow, entries.ToImmutable(), context.TakeLeading());
    }

    private void ReadEntry(
        int start, ImmutableArray<YamlEntry>.Builder entries, Dictionary<string, TextSpan> keys)
    {
        ImmutableArray<Comment> leading = context.TakeLeading();
        YamlNode first = ReadNode();
        if (IsCutShort)
        {
            return;
        }

        if (first is not YamlNode.Scalar key)
        {
            if (first is not YamlNode.Missing)
            {
                context.Report(Report.ComplexKey(first.Span));
            }

            SkipToDelimiter();
            ConsumeComma();
            return;
        }

        if (!IsColon())
        {
            ReportWithoutValue(key, entries);
            SkipToDelimiter();
            ConsumeComma();
            return;
        }

        YamlNode value = ReadAfterColon(key);
        Comment? trailing = EndEntry(start, ref value);
        if (keys.TryAdd(key.Value, key.Span))
        {
            entries.Add(new YamlEntry(key, value, new Trivia(leading, trailing, BlankBefore: false)));
        }
        else
        {
            context.Report(Report.DuplicateKey(key.Span, key.Value, keys[key.Value]));
        }
    }

    /// <summary>
    /// Most often the comma belonged to the value before: then that value is cut, and nobody may read it.
    /// </summary>
    private void ReportWithoutValue(YamlNode.Scalar key, ImmutableArray<YamlEntry>.Builder entries)
    {
        context.Report(Report.FlowWithoutValue(key.Span, key.Value));
        if (entries.Count > 0 && entries[^1].Value is YamlNode.Scalar { Style: ScalarStyle.Plain } cut)
        {
            entries[^1] = entries[^1] with { Value = new YamlNode.Missing(cut.Span, IsReported: true) };
        }
    }

    private YamlNode ReadAfterColon(YamlNode.Scalar key)
    {
        context.At++;
        if (!TrySkipSpace(key.Span.Start))
        {
            return new YamlNode.Missing(key.Span, IsReported: true);
        }

        if (IsCloser() || Current == ',')
        {
            context.Report(Report.FlowWithoutValue(key.Span, key.Value));
            return new YamlNode.Missing(key.Span, IsReported: true);
        }

        return ReadNode();
    }

    private YamlNode ReadNode()
    {
        while (Current is '&' or '!')
        {
            int start = context.At;
            string what = Current == '&' ? "an anchor (`&`) is" : "a tag (`!`) is";
            SkipWord();
            context.Report(Report.OutsideSubset(TextSpan.FromBounds(start, context.At), what));
            if (!TrySkipSpace(start) || IsCloser() || Current == ',')
            {
                return new YamlNode.Missing(new TextSpan(start, 1), IsReported: true);
            }
        }

        return Current switch
        {
            '[' or '{' => Read(),
            '"' or '\'' => ReadQuoted(),
            _ => ReadPlain(),
        };
    }

    private YamlNode ReadQuoted()
    {
        int start = context.At;
        if (quoted.FindClose(start) >= 0)
        {
            return quoted.Read();
        }

        context.At = context.Line.End;
        var span = TextSpan.FromBounds(start, context.At);
        context.Report(Report.QuoteNotClosed(span));
        _closerIsLost = true;
        return new YamlNode.Missing(span, IsReported: true);
    }

    private YamlNode ReadPlain()
    {
        int start = context.At;
        int end = FlowText.PlainEnd(context.Text, start, context.Line.End);
        Diagnostic? refusal = FlowText.RefusedStart(context.Text, start, end);
        if (refusal is null && end < context.Line.End && context.Text[end] == ','
            && FlowText.OpensType(context.Text[start..end]))
        {
            end = FlowText.TypeEnd(context.Text, end, context.Line.End);
            refusal = Report.CommaInType(TextSpan.FromBounds(start, end));
        }
        else if (refusal is null && end < context.Line.End && context.Text[end] is '[' or '{')
        {
            refusal = Report.BracketInValue(TextSpan.FromBounds(start, end));
        }

        context.At = end;
        string text = context.Text[start..end].TrimEnd();
        var span = new TextSpan(start, text.Length);
        if (refusal is null)
        {
            return new YamlNode.Scalar(span, ScalarStyle.Plain, SourceSlice.Verbatim(text, start));
        }

        context.Report(refusal);
        SkipToDelimiter();
        return new YamlNode.Missing(TextSpan.FromBounds(start, Math.Max(start, context.At)), IsReported: true);
    }

    /// <summary>After a value: a comma, or the closer. A comment right behind a plain value has cut it.</summary>
    private Comment? EndEntry(int start, ref YamlNode value)
    {
        if (IsCutShort)
        {
            return null;
        }

        int line = context.LineIndex;
        int before = context.At;
        if (!TrySkipSpace(start))
        {
            return null;
        }

        if (value is YamlNode.Scalar { Style: ScalarStyle.Plain } && FlowText.CommentFollows(context.Text, before))
        {
            context.Report(Report.CommentCutsText(value.Span));
        }

        if (Current == ',')
        {
            context.At++;
            return TrailingComment();
        }

        if (!IsCloser() && value is not YamlNode.Missing)
        {
            bool isNextLine = line != context.LineIndex;
            context.Report(isNextLine && value is YamlNode.Scalar ? Report.GoesOnInNextLine(value.Span)
                : Current == ':' ? Report.ColonInValue(value.Span)
                : Report.FlowCommaExpected(new TextSpan(context.At, 1)));
            value = new YamlNode.Missing(value.Span, IsReported: true);
            SkipToDelimiter();
            ConsumeComma();
        }

        return null;
    }

    /// <summary>A comment behind the comma belongs to the entry before it.</summary>
    private Comment? TrailingComment()
    {
        int at = context.At;
        while (at < context.Line.End && context.Text[at] == ' ')
        {
            at++;
        }

        if (at == context.At || at >= context.Line.End || context.Text[at] != '#')
        {
            return null;
        }

        context.At = context.Line.End;
        return context.CommentAt(at);
    }

    /// <summary>
    /// Ends a collection. A closer that fits one further out is left to it: then ours is the one missing.
    /// </summary>
    private void Close(int start)
    {
        char opened = context.Text[start];
        if (Current == _closers.Peek())
        {
            context.At++;
        }
        else if (_closers.Contains(Current))
        {
            context.Report(Report.FlowNotClosed(new TextSpan(start, 1), opened));
        }
        else
        {
            context.Report(Report.FlowWrongCloser(new TextSpan(context.At, 1), opened, Current));
            context.At++;
        }
    }

    private int EndOfRead => IsCutShort ? EndOfLineBefore() : context.At;

    private int EndOfLineBefore() => context.LineIndex == 0 ? context.At : context.Lines[context.LineIndex - 1].End;

    private char Current => context.Text[context.At];

    private bool IsCloser() => Current is ']' or '}';

    private bool IsColon()
    {
        while (context.At < context.Line.End && Current == ' ')
        {
            context.At++;
        }

        return context.At < context.Line.End && Current == ':';
    }

    /// <summary>
    /// Goes to the next character that is neither blank nor comment. False, and reported, at the end (I2).
    /// </summary>
    private bool TrySkipSpace(int opened)
    {
        if (IsCutShort)
        {
            return false;
        }

        while (true)
        {
            while (context.At < context.Line.End && Current == ' ')
            {
                context.At++;
            }

            if (context.At < context.Line.End && (Current != '#' || context.Text[context.At - 1] != ' '))
            {
                return true;
            }

            if (context.At < context.Line.End)
            {
                context.AddComment(context.At, column: 0);
            }

            if (!TryNextLine())
            {
                if (!_closerIsLost)
                {
                    char bracket = context.Text[opened];
                    context.Report(Report.FlowNotClosed(new TextSpan(opened, 1), bracket == '[' ? '[' : '{'));
                }

                CutShort();
                return false;
            }
        }
    }

    private bool TryNextLine()
    {
        int next = context.LineIndex + 1;
        while (next < context.Lines.Count && context.Lines[next].Kind == YamlLineKind.Blank)
        {
            next++;
        }

        if (next >= context.Lines.Count)
        {
            context.LineIndex = context.Lines.Count - 1;
            context.At = context.Line.End;
            return false;
        }

        YamlLine line = context.Lines[next];
        bool closes = line.Kind == YamlLineKind.Content && context.Text[line.Content] is ']' or '}';
        if (line.Indent <= parentColumn && !closes)
        {
            return false;
        }

        context.LineIndex = next;
        context.At = line.Content;
        return true;
    }

    private void CutShort()
    {
        if (!IsCutShort)
        {
            IsCutShort = true;
            context.LineIndex++;
            context.At = context.IsAtEnd ? context.Text.Length : context.Line.Content;
        }
    }

    /// <summary>After a mistake: goes to the comma or closer of the collection that we are in, on this line.</summary>
    private void SkipToDelimiter()
    {
        if (!IsCutShort)
        {
            context.At = FlowText.DelimiterFrom(context.Text, context.At, context.Line.End);
        }
    }

    private void ConsumeComma()
    {
        if (!IsCutShort && context.At < context.Line.End && Current == ',')
        {
            context.At++;
        }
    }

    private void ConsumeCloser()
    {
        while (context.At < context.Line.End && Current == ',')
        {
            context.At++;
            SkipToDelimiter();
        }

        if (context.At < context.Line.End)
        {
            context.At++;
        }
    }

    private void SkipWord()
    {
        while (context.At < context.Line.End && Current is not (' ' or ',' or ']' or '}'))
        {
            context.At++;
        }
    }
}
