using System.Text;
using Tars.Base;
using Tars.Lang.Diagnostics;
using Tars.Lang.Syntax;
using Tars.Lang.Text;

namespace Tars.Lang.Yaml;

/// <summary>Reads the block after <c>|</c>: its lines without their indentation, ended by one line end.</summary>
/// <remarks>
/// A line that stands too far left would end the block and leave the rest of the code in the open. Whatever is still
/// deeper than the key can only be meant as code, so it is reported and kept.
/// </remarks>
internal sealed class LiteralReader(YamlContext context)
{
    public YamlNode.Scalar Read(int parentColumn, out Comment? trailing)
    {
        int start = context.At;
        trailing = ReadHeader();
        int first = context.LineIndex + 1;
        int end = FindEnd(first, parentColumn);
        int column = ColumnOf(first, end, parentColumn);
        YamlNode.Scalar node = Cut(start, first, end, column);
        context.LineIndex = end;
        context.SkipToContent();
        return node;
    }

    private Comment? ReadHeader()
    {
        YamlLine line = context.Line;
        int after = context.At + 1;
        string rest = context.Text[after..line.End].TrimEnd();
        string text = rest.TrimStart();
        if (text.Length == 0)
        {
            return null;
        }

        int at = after + rest.Length - text.Length;
        if (text[0] == '#' && after < at)
        {
            return context.CommentAt(at);
        }

        context.Report(Report.BlockIndicators(new TextSpan(at, text.Length)));
        return null;
    }

    /// <summary>The line behind the last one of the block.</summary>
    private int FindEnd(int first, int parentColumn)
    {
        int end = first;
        for (int index = first; index < context.Lines.Count; index++)
        {
            YamlLine line = context.Lines[index];
            if (line.Kind == YamlLineKind.Content && line.Indent <= parentColumn)
            {
                break;
            }

            if (line.Kind == YamlLineKind.Content)
            {
                end = index + 1;
            }
        }

        // Comments behind the last line of code are part of the block while they stand as deep as the code.
        int column = ColumnOf(first, end, parentColumn);
        for (int index = end; index < context.Lines.Count; index++)
        {
            YamlLine line = context.Lines[index];
            if (line.Kind == YamlLineKind.Content || (line.Kind == YamlLineKind.Comment && line.Indent < column))
            {
                break;
            }

            end = line.Kind == YamlLineKind.Comment ? index + 1 : end;
        }

        return end;
    }

    /// <summary>The column of the block: that of its first line which is deeper than the key.</summary>
    private int ColumnOf(int first, int end, int parentColumn)
    {
        for (int index = first; index < Math.Max(end, Math.Min(first + 1, context.Lines.Count)); index++)
        {
            YamlLine line = context.Lines[index];
            if (line.Kind != YamlLineKind.Blank && line.Indent > parentColumn)
            {
                return line.Indent;
            }
        }

        return parentColumn + 1;
    }

    private YamlNode.Scalar Cut(int start, int first, int end, int column)
    {
        var text = new StringBuilder();
        var pieces = new List<SourceSlice.Piece> { new(0, start + 1) };
        int stop = start + 1;
        bool isLeading = true;
        bool lastWasOutside = false;
        for (int index = first; index < end; index++)
        {
            YamlLine line = context.Lines[index];
            if (line.Kind == YamlLineKind.Blank)
            {
                CheckLeadingBlank(line, column, isLeading);
                text.Append('\n');
                continue;
            }

            bool isOutside = line.Indent < column;
            if (isOutside && line.Kind == YamlLineKind.Comment)
            {
                context.Report(Report.CommentEndsCode(TextSpan.FromBounds(line.Content, line.End)));
            }
            else if (isOutside && !lastWasOutside)
            {
                context.Report(Report.CodeOutdented(TextSpan.FromBounds(line.Content, line.End)));
            }

            int deeper = Math.Max(0, line.Indent - column);
            pieces.Add(new SourceSlice.Piece(text.Length, Math.Max(line.Start, line.Content - deeper)));
            text.Append(' ', deeper).Append(context.Text, line.Content, line.End - line.Content).Append('\n');
            stop = line.End;
            isLeading = false;
            lastWasOutside = isOutside && line.Kind == YamlLineKind.Content;
        }

        return new YamlNode.Scalar(
            TextSpan.FromBounds(start, stop), ScalarStyle.Literal, SourceSlice.OfPieces(text.ToString(), pieces));
    }

    private void CheckLeadingBlank(YamlLine line, int column, bool isLeading)
    {
        if (isLeading && line.End - line.Start > column)
        {
            context.Report(Report.BlankBeforeCode(TextSpan.FromBounds(line.Start, line.End)));
        }
    }
}
