using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;
using Tars.Base;
using Tars.Lang.Syntax;

namespace Tars.Sim.Trees;

/// <summary>Writes any tree of syntax as text, without places: for golden files and for comparing two trees.</summary>
internal static class SyntaxText
{
    public static string Of(object node, bool withTrivia = true)
    {
        var text = new StringBuilder();
        Write(node, indent: 0, withTrivia, text);
        return text.Append('\n').ToString();
    }

    private static void Write(object? value, int indent, bool withTrivia, StringBuilder text)
    {
        switch (value)
        {
            case null:
                text.Append('-');
                break;
            case string written:
                text.Append('"').Append(written.Replace("\n", "\\n", StringComparison.Ordinal)).Append('"');
                break;
            case Identifier name:
                text.Append(name.IsMissing ? "?" : name.Text);
                break;
            case Trivia trivia:
                WriteTrivia(trivia, text);
                break;
            case IEnumerable list:
                WriteList(list, indent, withTrivia, text);
                break;
            case IConvertible plain:
                text.Append(plain.ToString(CultureInfo.InvariantCulture));
                break;
            default:
                WriteNode(value, indent, withTrivia, text);
                break;
        }
    }

    private static void WriteNode(object node, int indent, bool withTrivia, StringBuilder text)
    {
        text.Append('(').Append(node.GetType().Name);
        foreach (PropertyInfo property in node.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            bool isNoise = property.PropertyType == typeof(TextSpan) || property.Name == "EqualityContract"
                || property.Name == "Form"
                || (property.Name is "Trivia" && (!withTrivia || !((Trivia)property.GetValue(node)!).HasComments))
                || (property.Name is "Dangling" && !withTrivia);
            if (!isNoise)
            {
                text.Append(' ');
                Write(property.GetValue(node), indent, withTrivia, text);
            }
        }

        text.Append(')');
    }

    private static void WriteList(IEnumerable list, int indent, bool withTrivia, StringBuilder text)
    {
        object?[] items = [.. list];
        bool isLong = items.Any(item => item is Stmt or MatchArm);
        text.Append('[');
        foreach ((int index, object? item) in items.Index())
        {
            text.Append(isLong ? "\n" + new string(' ', indent + 2) : index > 0 ? ", " : "");
            Write(item, isLong ? indent + 2 : indent, withTrivia, text);
        }

        text.Append(']');
    }

    private static void WriteTrivia(Trivia trivia, StringBuilder text)
    {
        text.Append('<').AppendJoin(' ', trivia.Leading.Select(comment => comment.Text)).Append('|')
            .Append(trivia.Trailing?.Text).Append('>');
    }
}
