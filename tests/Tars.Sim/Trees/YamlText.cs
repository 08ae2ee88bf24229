using Tars.Base;
using Tars.Lang.Diagnostics;
using Tars.Lang.Syntax;
using Tars.Lang.Yaml;
using System.Text;

namespace Tars.Sim.Trees;

/// <summary>Writes a YAML tree and its messages as text for golden files and comparisons.</summary>
internal static class YamlText
{
    public static string Of(YamlNode root, bool withTrivia = true)
    {
        var text = new StringBuilder();
        Write(root, indent: 0, withTrivia, text);
        return text.ToString();
    }

    public static string Messages(SourceText source, DiagnosticBag bag)
    {
        var text = new StringBuilder();
        foreach (Diagnostic diagnostic in bag.ToSorted())
        {
            text.Append(source.PositionOf(diagnostic.Span.Start)).Append(' ').Append(diagnostic.Code).Append(' ')
                .Append(diagnostic.Title).Append('\n').Append("    ").Append(diagnostic.Hint).Append('\n');
        }

        return text.ToString();
    }

    private static void Write(YamlNode node, int indent, bool withTrivia, StringBuilder text)
    {
        switch (node)
        {
            case YamlNode.Scalar scalar:
                string value = scalar.Value.Replace("\n", "\\n", StringComparison.Ordinal);
                text.Append(scalar.Style).Append(" \"").Append(value).Append("\"\n");
                break;
            case YamlNode.Mapping mapping:
                text.Append("mapping ").Append(mapping.Style).Append('\n');
                foreach (YamlEntry entry in mapping.Entries)
                {
                    WriteTrivia(entry.Trivia, indent + 2, withTrivia, text);
                    text.Append(' ', indent + 2).Append(entry.Key.Value).Append(": ");
                    Write(entry.Value, indent + 2, withTrivia, text);
                }

                WriteComments(mapping.Dangling, "end", indent + 2, withTrivia, text);
                break;
            case YamlNode.Sequence sequence:
                text.Append("sequence ").Append(sequence.Style).Append('\n');
                foreach (YamlItem item in sequence.Items)
                {
                    WriteTrivia(item.Trivia, indent + 2, withTrivia, text);
                    text.Append(' ', indent + 2).Append("- ");
                    Write(item.Value, indent + 2, withTrivia, text);
                }

                WriteComments(sequence.Dangling, "end", indent + 2, withTrivia, text);
                break;
            case YamlNode.Missing missing:
                text.Append(missing.IsReported ? "missing, reported\n" : "missing\n");
                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private static void WriteTrivia(Trivia trivia, int indent, bool withTrivia, StringBuilder text)
    {
        WriteComments(trivia.Leading, "above", indent, withTrivia, text);
        WriteComments(trivia.Trailing is null ? [] : [trivia.Trailing], "beside", indent, withTrivia, text);
    }

    private static void WriteComments(
        IEnumerable<Comment> comments, string where, int indent, bool withTrivia, StringBuilder text)
    {
        foreach (Comment comment in comments.Where(_ => withTrivia))
        {
            text.Append(' ', indent).Append('(').Append(where).Append(' ').Append(comment.Text).Append(")\n");
        }
    }
}
