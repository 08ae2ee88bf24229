using Tars.Lang.Diagnostics;
using Tars.Lang.Parsing;
using Tars.Lang.Syntax;
using Tars.Lang.Text;
using Tars.Lang.Yaml;

namespace Tars.Lang.Formatting;

/// <summary>The one layout of a piece of code, and whether two pieces say the same.</summary>
public static class CodeForm
{
    /// <summary>The lines of a body in their one layout; as they stand where it has a mistake.</summary>
    public static IReadOnlyList<string> Lines(YamlNode.Scalar body)
    {
        var bag = new DiagnosticBag();
        Block block = CodeParser.ParseBody(body.Slice, bag);
        return bag.HasErrors
            ? body.Value.TrimEnd('\n').Split('\n')
            : CodePrinter.Print(block, column: 0);
    }

    /// <summary>An expression on one line.</summary>
    public static string Flat(Expr value) => ExprPrinter.Flat(value);

    /// <summary>Whether two scalars of one place say the same: layout and comments of code say nothing.</summary>
    public static bool IsSame(YamlNode.Scalar one, YamlNode.Scalar other, Reading reading) => reading switch
    {
        _ when one.Value == other.Value => true,
        Reading.Code => Words(Whole(one)).SequenceEqual(Words(Whole(other)), StringComparer.Ordinal),
        Reading.Expression or Reading.Declaration or Reading.Type =>
            Words(one.Slice).SequenceEqual(Words(other.Slice), StringComparer.Ordinal),
        _ => false,
    };

    /// <summary>The words of a body, comments left out; a text with all its holes is one word.</summary>
    public static IEnumerable<string> WordsOf(YamlNode.Scalar body) => Words(Whole(body));

    /// <summary>The words of a piece of code in one line, comments and layout left out.</summary>
    public static string Said(string code) =>
        string.Join(' ', Words(SourceSlice.Verbatim(code, fileOffset: 0)).Where(word => word.Trim().Length != 0));

    private static SourceSlice Whole(YamlNode.Scalar body) =>
        SourceSlice.Verbatim(string.Join('\n', Lines(body)), fileOffset: 0);

    // A line that is empty, or a comment and no more, ends no statement that the line before did not.
    private static IEnumerable<string> Words(SourceSlice code)
    {
        var last = TokenKind.Newline;
        foreach (Token token in CodeLexer.Lex(code, 0, code.Text.Length).Tokens)
        {
            if (token.Kind != TokenKind.Newline || last != TokenKind.Newline)
            {
                yield return code.Text[token.Start..token.End];
            }

            last = token.Kind;
        }
    }
}
