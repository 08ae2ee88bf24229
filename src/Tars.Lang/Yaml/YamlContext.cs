using System.Collections.Immutable;
using Tars.Base;
using Tars.Lang.Diagnostics;
using Tars.Lang.Syntax;

namespace Tars.Lang.Yaml;

/// <summary>Where the reader stands, the comments that wait for their node, and what has been reported.</summary>
internal sealed class YamlContext(YamlLines lines, DiagnosticBag bag)
{
    private readonly List<Comment> _pending = [];
    private readonly List<int> _pendingColumns = [];
    private int _depth;
    private bool _tooDeepIsReported;

    public YamlLines Lines { get; } = lines;

    public string Text => Lines.Text;

    /// <summary>The line that is being read; the count of lines at the end.</summary>
    public int LineIndex { get; set; }

    /// <summary>The place in the text that is being read, within the current line.</summary>
    public int At { get; set; }

    public bool IsAtEnd => LineIndex >= Lines.Count;

    public YamlLine Line => Lines[LineIndex];

    /// <summary>The column of <see cref="At"/>; at the beginning of a line its probable column.</summary>
    public int Column => At == Line.Content ? Line.Indent : At - Line.Start;

    /// <summary>Whether an empty line stands right before the current line.</summary>
    public bool BlankBefore { get; private set; }

    public void Report(Diagnostic diagnostic) => bag.Add(diagnostic);

    /// <summary>Goes to the next line that is neither blank nor a comment, this one included.</summary>
    public void SkipToContent()
    {
        BlankBefore = false;
        while (!IsAtEnd && Line.Kind != YamlLineKind.Content)
        {
            if (Line.Kind == YamlLineKind.Comment)
            {
                AddComment(Line.Content, Line.Indent);
            }
            else
            {
                BlankBefore = true;
            }

            LineIndex++;
        }

        At = IsAtEnd ? Text.Length : Line.Content;
    }

    public void NextContent()
    {
        LineIndex++;
        SkipToContent();
    }

    /// <summary>Leaves out the lines that are indented deeper than a column.</summary>
    public void SkipDeeperThan(int column)
    {
        while (!IsAtEnd && Line.Indent > column)
        {
            NextContent();
        }
    }

    /// <summary>Keeps the comment that begins here and goes to the end of its line.</summary>
    public void AddComment(int start, int column)
    {
        _pending.Add(CommentAt(start, BlankBefore));
        _pendingColumns.Add(column);
        BlankBefore = false;
    }

    public Comment CommentAt(int start, bool blankBefore = false)
    {
        int end = Lines[Lines.IndexOf(start)].End;
        string text = Text[start..end].TrimEnd();
        return new Comment(new TextSpan(start, text.Length), text, blankBefore);
    }

    /// <summary>All comments that wait, for the node that begins here.</summary>
    public ImmutableArray<Comment> TakeLeading()
    {
        ImmutableArray<Comment> taken = [.. _pending];
        _pending.Clear();
        _pendingColumns.Clear();
        return taken;
    }

    /// <summary>
    /// The comments at the end of a block: those that stand at least as deep as it and before any other.
    /// </summary>
    public ImmutableArray<Comment> TakeDangling(int blockColumn)
    {
        bool blockEnds = IsAtEnd || Line.Indent < blockColumn;
        int count = 0;
        while (blockEnds && count < _pending.Count && _pendingColumns[count] >= blockColumn)
        {
            count++;
        }

        ImmutableArray<Comment> taken = [.. _pending.Take(count)];
        _pending.RemoveRange(0, count);
        _pendingColumns.RemoveRange(0, count);
        return taken;
    }

    /// <summary>
    /// False, and reported once, where the nesting is too deep; otherwise call <see cref="Leave"/> later.
    /// </summary>
    public bool TryEnter(TextSpan at)
    {
        if (_depth < Limits.YamlDepthMax)
        {
            _depth++;
            return true;
        }

        if (!_tooDeepIsReported)
        {
            _tooDeepIsReported = true;
            Report(Diagnostics.Report.YamlTooDeep(at));
        }

        return false;
    }

    public void Leave() => _depth--;
}
