using System.Collections.Immutable;
using Tars.Base;
using Tars.Lang.Diagnostics;
using Tars.Lang.Syntax;

namespace Tars.Lang.Yaml;

/// <summary>Reads block mappings and block sequences, and hands what stands on one line to the scalar reader.</summary>
/// <remarks>
/// Invariants:
///   I1  Every loop either goes on in the text or ends: the reading is linear in the number of lines.
///   I2  After a node the reader stands at the next line with content, or at the end.
/// </remarks>
internal sealed class BlockReader(YamlContext context)
{
    private readonly InlineReader _inline = new(context);

    public YamlNode ReadDocument()
    {
        context.SkipToContent();
        SkipDocumentStart();
        if (context.IsAtEnd)
        {
            return new YamlNode.Missing(new TextSpan(0, context.Text.Length), IsReported: false);
        }

        YamlNode root = ReadNode(parentColumn: -1);
        if (!context.IsAtEnd)
        {
            context.Report(Report.LinesLeftOver(HeadOfLine()));
        }

        return root;
    }

    private void SkipDocumentStart()
    {
        while (!context.IsAtEnd && context.Line.Indent == 0 && context.Text[context.At] == '%')
        {
            context.Report(Report.OutsideSubset(HeadOfLine(), "a directive (`%`) is"));
            context.NextContent();
        }

        if (!context.IsAtEnd && context.Line.Indent == 0 && LineText() == "---")
        {
            context.NextContent();
        }
    }

    /// <summary>Reads what begins here: the rest of a line, or a line of its own.</summary>
    private YamlNode ReadNode(int parentColumn)
    {
        TextSpan head = HeadOfLine();
        if (!context.TryEnter(head))
        {
            context.NextContent();
            context.SkipDeeperThan(parentColumn);
            return new YamlNode.Missing(head, IsReported: true);
        }

        YamlNode node;
        if (_inline.IsItemStart())
        {
            node = ReadSequence(context.Column, parentColumn);
        }
        else if (_inline.IsKeyStart() || IsFirstOfSeveral())
        {
            node = ReadMapping(context.Column, parentColumn);
        }
        else
        {
            node = ReadRestOfLine(parentColumn, out Comment? trailing);
            KeepTrailing(trailing);
        }

        context.Leave();
        return node;
    }

    private YamlNode.Mapping ReadMapping(int column, int parentColumn)
    {
        int start = context.At;
        var entries = ImmutableArray.CreateBuilder<YamlEntry>();
        var keys = new Dictionary<string, TextSpan>(StringComparer.Ordinal);
        var columns = new HashSet<int> { column };
        while (true)
        {
            YamlEntry? entry = ReadEntry(context.Column);
            if (entry is not null && Accept(entry, keys))
            {
                entries.Add(entry);
            }

            if (context.IsAtEnd || context.Line.Indent <= parentColumn)
            {
                break;
            }

            if (columns.Add(context.Line.Indent))
            {
                context.Report(Report.StrayIndentation(HeadOfLine()));
            }
        }

        TextSpan span = entries.Count == 0
            ? new TextSpan(start, 0)
            : TextSpan.FromBounds(start, entries[^1].Span.End);
        return new YamlNode.Mapping(
            span, CollectionStyle.Block, entries.ToImmutable(), context.TakeDangling(column));
    }

    private bool Accept(YamlEntry entry, Dictionary<string, TextSpan> keys)
    {
        if (keys.TryAdd(entry.Key.Value, entry.Key.Span))
        {
            return true;
        }

        context.Report(Report.DuplicateKey(entry.Key.Span, entry.Key.Value, keys[entry.Key.Value]));
        return false;
    }

    private YamlEntry? ReadEntry(int column)
    {
        bool blank = context.BlankBefore;
        ImmutableArray<Comment> leading = context.TakeLeading();
        if (_inline.ReadKey() is not YamlNode.Scalar key)
        {
            SkipEntry(column);
            return null;
        }

        YamlNode value = ReadValue(column, key, out Comment? trailing);
        return new YamlEntry(key, value, new Trivia(leading, trailing, blank));
    }

    /// <summary>Skips an entry without a readable key, and the lone colon that follows a complex key.</summary>
    private void SkipEntry(int column)
    {
        do
        {
            context.NextContent();
            context.SkipDeeperThan(column);
        }
        while (!context.IsAtEnd && context.Line.Indent == column && context.Text[context.At] == ':');
    }

    /// <summary>
    /// Text without a colon, with more at the same column: the lines of a mapping, the first one wrong.
    /// </summary>
    private bool IsFirstOfSeveral()
    {
        int next = context.LineIndex + 1;
        while (next < context.Lines.Count && context.Lines[next].Kind != YamlLineKind.Content)
        {
            next++;
        }

        return context.Text[context.At] is not ('[' or '{') && context.At == context.Line.Content
            && next < context.Lines.Count && context.Lines[next].Indent == context.Line.Indent;
    }

    /// <summary>Reads what follows the colon of a key: on its line, or below it.</summary>
    private YamlNode ReadValue(int column, YamlNode.Scalar key, out Comment? trailing)
    {
        _inline.SkipProperties();
        if (!_inline.IsAtLineEnd(out trailing))
        {
            if (_inline.IsItemStart())
            {
                context.Report(Report.ListOnKeyLine(HeadOfLine()));
                SkipEntry(column);
                return new YamlNode.Missing(key.Span, IsReported: true);
            }

            return ReadRestOfLine(column, out trailing);
        }

        int end = context.At;
        context.NextContent();
        if (!context.IsAtEnd && context.Line.Indent > column)
        {
            return ReadNode(column);
        }

        return !context.IsAtEnd && context.Line.Indent == column && _inline.IsItemStart()
            ? ReadSequence(column, parentColumn: column - 1)
            : new YamlNode.Missing(new TextSpan(end, 0), IsReported: false);
    }

    private YamlNode.Sequence ReadSequence(int column, int parentColumn)
    {
        int start = context.At;
        int end = start;
        var items = ImmutableArray.CreateBuilder<YamlItem>();
        var columns = new HashSet<int> { column };
        while (true)
        {
            YamlItem item = ReadItem(context.Column);
            items.Add(item);
            end = Math.Max(end, item.Value.Span.End);
            if (context.IsAtEnd || context.Line.Indent <= parentColumn)
            {
                break;
            }

            if (!_inline.IsItemStart())
            {
                // At this column the next key of the mapping that holds us may stand; its loop says so if not.
                break;
            }

            if (columns.Add(context.Line.Indent))
            {
                context.Report(Report.StrayIndentation(HeadOfLine()));
            }
        }

        return new YamlNode.Sequence(
            TextSpan.FromBounds(start, end), CollectionStyle.Block, items.ToImmutable(), context.TakeDangling(column));
    }

    private YamlItem ReadItem(int column)
    {
        bool blank = context.BlankBefore;
        ImmutableArray<Comment> leading = context.TakeLeading();
        context.At++;
        _inline.SkipProperties();
        if (!_inline.IsAtLineEnd(out Comment? trailing))
        {
            YamlNode value = _inline.IsItemStart() || _inline.IsKeyStart()
                ? ReadNode(column)
                : ReadRestOfLine(column, out trailing);
            return new YamlItem(value, new Trivia(leading, trailing, blank));
        }

        int end = context.At;
        context.NextContent();
        YamlNode below = !context.IsAtEnd && context.Line.Indent > column
            ? ReadNode(column)
            : new YamlNode.Missing(new TextSpan(end, 0), IsReported: false);
        return new YamlItem(below, new Trivia(leading, trailing, blank));
    }

    /// <summary>Reads a value that begins on this line, and refuses to let it go on in the next.</summary>
    private YamlNode ReadRestOfLine(int column, out Comment? trailing)
    {
        YamlNode node = _inline.ReadValue(column, out trailing); // I2
        bool goesOn = false;
        while (!context.IsAtEnd && context.Line.Indent > column && !_inline.IsKeyStart() && !_inline.IsItemStart())
        {
            goesOn = true;
            context.NextContent();
        }

        if (!goesOn || node is YamlNode.Missing { IsReported: true })
        {
            return node;
        }

        context.Report(Report.GoesOnInNextLine(node.Span));
        return new YamlNode.Missing(node.Span, IsReported: true);
    }

    /// <summary>
    /// A value on a line of its own has no entry that could hold its comment, so it goes to what follows.
    /// </summary>
    private void KeepTrailing(Comment? trailing)
    {
        if (trailing is not null)
        {
            context.AddComment(trailing.Span.Start, column: 0);
        }
    }

    private string LineText() => context.Text[context.Line.Content..context.Line.End].TrimEnd();

    private TextSpan HeadOfLine() => TextSpan.FromBounds(context.At, Math.Max(context.At, context.Line.End));
}
