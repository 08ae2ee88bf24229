using System.Collections.Immutable;
using Tars.Lang.Syntax;
using Tars.Lang.Yaml;

namespace Tars.Lang.Formatting;

/// <summary>
/// Writes a document: keys in the order of the table, each value in the form that its place asks for.
/// </summary>
internal sealed class DocumentPrinter
{
    private const int IndentWidth = 2;

    private readonly List<string> _lines = [];

    public static string Print(YamlNode root)
    {
        var printer = new DocumentPrinter();
        printer.PrintBlock(root, KeyTable.Root, indent: 0);
        return string.Concat(printer._lines.Select(line => line + "\n"));
    }

    private void PrintBlock(YamlNode node, KeyShape shape, int indent)
    {
        switch (node)
        {
            case YamlNode.Mapping mapping:
                PrintMapping(mapping, shape, indent);
                break;
            case YamlNode.Sequence sequence:
                PrintSequence(sequence, shape, indent);
                break;
            case YamlNode.Scalar scalar:
                AddValue(scalar, Shapes.For(shape, scalar), indent, new string(' ', indent), Trivia.None);
                break;
            default:
                break;
        }
    }

    private void PrintMapping(YamlNode.Mapping mapping, KeyShape shape, int indent)
    {
        int first = _lines.Count;
        foreach (YamlEntry entry in Shapes.Ordered(mapping, shape))
        {
            PrintLeading(entry.Trivia, indent, first);
            string key = ScalarPrinter.Key(entry.Key, Shapes.KeyReading(shape));
            KeyShape valueShape = Shapes.ValueOf(shape, mapping, entry);
            string head = $"{new string(' ', indent)}{key}:";
            AddValue(entry.Value, valueShape, indent, head, entry.Trivia, IsSection(shape, entry));
        }

        PrintComments(mapping.Dangling, indent, first);
    }

    private static bool IsSection(KeyShape shape, YamlEntry entry) =>
        shape is KeyShape.Fixed block && KeyTable.Block(block.Block).Find(entry.Key.Value) is { IsSection: true };

    private void PrintSequence(YamlNode.Sequence sequence, KeyShape shape, int indent)
    {
        int first = _lines.Count;
        KeyShape itemShape = Shapes.ItemOf(shape, sequence);
        foreach (YamlItem item in sequence.Items)
        {
            (YamlNode value, ImmutableArray<Comment> inner) = CommentsLifted(item.Value, itemShape);
            PrintLeading(item.Trivia with { Leading = [.. item.Trivia.Leading, .. inner] }, indent, first);
            string dash = new string(' ', indent) + "-";
            KeyShape chosen = Shapes.For(itemShape, value);
            if (value is YamlNode.Mapping { Entries.IsEmpty: false } or YamlNode.Sequence { Items.IsEmpty: false }
                && FlowThatFits(value, chosen, dash, item.Trivia, isItem: true) is null)
            {
                int start = _lines.Count;
                PrintBlock(value, chosen, indent + IndentWidth);
                _lines[start] = dash + " " + _lines[start][(indent + IndentWidth)..];
                AddTrailing(item.Trivia, start);
            }
            else
            {
                AddValue(value, chosen, indent, dash, item.Trivia);
            }
        }

        PrintComments(sequence.Dangling, indent, first);
    }

    /// <summary>A comment between the dash and the first key has no line there, so it goes above the dash.</summary>
    private static (YamlNode Value, ImmutableArray<Comment> Comments) CommentsLifted(YamlNode value, KeyShape shape)
    {
        if (value is not YamlNode.Mapping { Entries.IsEmpty: false } mapping)
        {
            return (value, []);
        }

        YamlEntry first = Shapes.Ordered(mapping, Shapes.For(shape, mapping)).First();
        YamlEntry bare = first with { Trivia = first.Trivia with { Leading = [], BlankBefore = false } };
        return (mapping with { Entries = mapping.Entries.Replace(first, bare) }, first.Trivia.Leading);
    }

    /// <summary>Writes what follows a key or dash: on its line, or below it.</summary>
    private void AddValue(
        YamlNode value, KeyShape shape, int indent, string head, Trivia trivia, bool isSection = false)
    {
        int start = _lines.Count;
        switch (value)
        {
            case YamlNode.Scalar { Style: ScalarStyle.Literal } literal:
                _lines.Add(Join(head, "|"));
                _lines.AddRange(ScalarPrinter.LiteralLines(literal, shape, indent + IndentWidth));
                break;
            case YamlNode.Scalar scalar:
                bool hasComment = trivia.Trailing is not null;
                string text = ScalarPrinter.Value(scalar, shape, inFlow: false, hasComment);
                _lines.Add(Join(head, text));
                break;
            case YamlNode.Mapping or YamlNode.Sequence:
                AddCollection(value, shape, indent, head, trivia, isSection);
                break;
            default:
                _lines.Add(head);
                break;
        }

        AddTrailing(trivia, start);
    }

    private void AddCollection(
        YamlNode value, KeyShape shape, int indent, string head, Trivia trivia, bool isSection)
    {
        bool isEmpty = value is YamlNode.Mapping { Entries.IsEmpty: true } or YamlNode.Sequence { Items.IsEmpty: true };
        if (!isSection && FlowThatFits(value, shape, head, trivia, isItem: false) is { } flow)
        {
            _lines.Add(flow);
        }
        else if (isEmpty)
        {
            _lines.Add(Join(head, value is YamlNode.Mapping ? "{}" : "[]"));
        }
        else
        {
            _lines.Add(head);
            PrintBlock(value, shape, indent + IndentWidth);
        }
    }

    /// <summary>Head and value on one line; null when they may not stand there or do not fit.</summary>
    private static string? FlowThatFits(YamlNode value, KeyShape shape, string head, Trivia trivia, bool isItem)
    {
        // Each scalar takes a column, so what has too many need not be written to be measured, level by level.
        bool mayFlow = Shapes.HasAtMost(Limits.ColumnsMax, value) && Shapes.MayFlow(value, shape, isItem)
            && ScalarPrinter.CanFlow(value, shape);
        if (!mayFlow)
        {
            return null;
        }

        string line = Join(head, FlowOf(value, shape));
        int trailing = trivia.Trailing is null ? 0 : trivia.Trailing.Text.Length + 1;
        return line.Length + trailing <= Limits.ColumnsMax ? line : null;
    }

    private static string FlowOf(YamlNode node, KeyShape shape)
    {
        switch (node)
        {
            case YamlNode.Mapping { Entries.IsEmpty: true }:
                return "{}";
            case YamlNode.Mapping mapping:
                IEnumerable<string> entries = Shapes.Ordered(mapping, shape).Select(entry =>
                    $"{ScalarPrinter.Key(entry.Key, Shapes.KeyReading(shape))}: "
                    + FlowOf(entry.Value, Shapes.ValueOf(shape, mapping, entry)));
                return $"{{ {string.Join(", ", entries)} }}";
            case YamlNode.Sequence sequence:
                IEnumerable<string> items = sequence.Items.Select(item =>
                    FlowOf(item.Value, Shapes.ItemOf(shape, sequence)));
                return $"[{string.Join(", ", items)}]";
            case YamlNode.Scalar scalar:
                return ScalarPrinter.Value(scalar, shape, inFlow: true, hasComment: false);
            default:
                return "";
        }
    }

    private void PrintLeading(Trivia trivia, int indent, int first)
    {
        PrintComments(trivia.Leading, indent, first);
        PrintBlank(trivia.BlankBefore, first);
    }

    private void PrintComments(ImmutableArray<Comment> comments, int indent, int first)
    {
        foreach (Comment comment in comments)
        {
            PrintBlank(comment.BlankBefore, first);
            _lines.Add(new string(' ', indent) + comment.Text);
        }
    }

    private void PrintBlank(bool isWanted, int first)
    {
        if (isWanted && _lines.Count > first && _lines[^1].Length > 0)
        {
            _lines.Add("");
        }
    }

    private void AddTrailing(Trivia trivia, int line)
    {
        if (trivia.Trailing is not null)
        {
            _lines[line] += " " + trivia.Trailing.Text;
        }
    }

    private static string Join(string head, string value) =>
        value.Length == 0 ? head : head.Trim().Length == 0 ? head + value : $"{head} {value}";
}
