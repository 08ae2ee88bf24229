using Tars.Lang.Diagnostics;
using Tars.Lang.Parsing;
using Tars.Lang.Syntax;
using Tars.Lang.Text;
using Tars.Lang.Yaml;

namespace Tars.Lang.Formatting;

/// <summary>Writes keys and scalar values; code in them is written anew from its tree when it has no mistake.</summary>
internal static class ScalarPrinter
{
    public static string Key(YamlNode.Scalar key, Reading reading)
    {
        string text = reading == Reading.Event
            ? string.Join(' ', key.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            : key.Value;
        return ScalarText.IsPlainKey(text, inFlow: reading != Reading.Event) ? text : ScalarText.Quoted(text);
    }

    /// <param name="hasComment">A comment behind a plain value of words would cut it for the next reader.</param>
    public static string Value(YamlNode.Scalar scalar, KeyShape shape, bool inFlow, bool hasComment)
    {
        Reading reading = shape is KeyShape.Scalar place ? place.Reading : Reading.Text;
        string text = TextOf(scalar, reading);
        bool mayBeCut = hasComment && scalar.Style != ScalarStyle.Plain;
        if (ScalarText.IsPlain(text, inFlow) && !mayBeCut)
        {
            return text;
        }

        return reading is Reading.Expression or Reading.Declaration or Reading.Type
            ? ScalarText.SingleQuoted(text)
            : ScalarText.Quoted(text);
    }

    /// <summary>Whether a collection can stand on one line: plain scalars all through, and no comments.</summary>
    public static bool CanFlow(YamlNode node, KeyShape shape) => node switch
    {
        YamlNode.Scalar { Style: ScalarStyle.Literal } => false,
        YamlNode.Scalar scalar => ScalarText.IsPlain(
            TextOf(scalar, shape is KeyShape.Scalar place ? place.Reading : Reading.Text), inFlow: true),
        YamlNode.Mapping mapping => mapping.Dangling.IsEmpty && mapping.Entries.All(entry =>
            !entry.Trivia.HasComments && ScalarText.IsPlainKey(entry.Key.Value, inFlow: true)
            && CanFlow(entry.Value, Shapes.ValueOf(shape, mapping, entry))),
        YamlNode.Sequence sequence => sequence.Dangling.IsEmpty && sequence.Items.All(item =>
            !item.Trivia.HasComments && CanFlow(item.Value, Shapes.ItemOf(shape, sequence))),
        _ => false,
    };

    public static IEnumerable<string> LiteralLines(YamlNode.Scalar literal, KeyShape shape, int column)
    {
        string indent = new(' ', column);
        List<string> lines = CodeLines(literal, shape, column) ?? Verbatim(literal.Value);
        return lines.Select(line => line.Length == 0 ? "" : indent + line);
    }

    private static List<string>? CodeLines(YamlNode.Scalar literal, KeyShape shape, int column)
    {
        if (shape is not KeyShape.Scalar { Reading: Reading.Code })
        {
            return null;
        }

        var bag = new DiagnosticBag();
        Block body = CodeParser.ParseBody(literal.Slice, bag);
        return bag.HasErrors ? null : CodePrinter.Print(body, column);
    }

    private static List<string> Verbatim(string text)
    {
        List<string> lines = [.. text.Split('\n')];
        lines.RemoveAt(lines.Count - 1);
        return lines;
    }

    private static string TextOf(YamlNode.Scalar scalar, Reading reading)
    {
        var bag = new DiagnosticBag();
        SourceSlice slice = scalar.Slice;
        if (slice.Text.Contains('#', StringComparison.Ordinal))
        {
            return slice.Text; // A comment inside quotes has no place in the tree, so nothing may be written anew.
        }

        string? text = reading switch
        {
            Reading.Expression => ExprPrinter.Flat(CodeParser.ParseExpression(slice, bag)),
            Reading.Type => TypeText.Of(CodeParser.ParseType(slice, bag)),
            Reading.Declaration => Of(CodeParser.ParseDeclaration(slice, bag)),
            _ => null,
        };
        return text is null || bag.HasErrors ? slice.Text : text;
    }

    private static string Of(Decl declaration) => declaration.Value is null
        ? TypeText.Of(declaration.Type)
        : $"{TypeText.Of(declaration.Type)} = {ExprPrinter.Flat(declaration.Value)}";
}
