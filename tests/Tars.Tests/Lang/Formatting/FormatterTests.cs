using System.Text;
using System.Text.RegularExpressions;
using Tars.Base;
using Tars.Lang;
using Tars.Lang.Diagnostics;
using Tars.Lang.Formatting;
using Tars.Lang.Parsing;
using Tars.Lang.Syntax;
using Tars.Lang.Text;
using Tars.Sim.Trees;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Lang.Formatting;

/// <summary>
/// Metascripts before and after the formatter: tests/golden/lang/fmt shows both. To add a case write the metascript as
/// an author might, run `./dev.cs bless`, and read what has become of it.
/// </summary>
public sealed partial class FormatterTests
{
    public static IEnumerable<TheoryDataRow<string>> Documents => Golden.Files("lang/fmt");

    public static IEnumerable<TheoryDataRow<string>> Programs =>
        Golden.Files("lang/programs").Concat(Golden.Files("lang/fmt"));

    [Theory]
    [MemberData(nameof(Documents))]
    public void The_layout_is_as_recorded(string path) => Golden.Check(path, Format);

    [Theory]
    [MemberData(nameof(Programs))]
    public void A_second_time_changes_nothing(string path)
    {
        string once = Format(InputOf(path));
        Assert.Equal(once, Format(once));
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void The_tree_stays_the_same(string path)
    {
        string text = InputOf(path);
        Assert.Equal(TreeOf(text), TreeOf(Format(text)));
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void Every_comment_is_kept(string path)
    {
        string text = InputOf(path);
        Assert.Equal(CommentsOf(text), CommentsOf(Format(text)));
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void Lines_of_code_are_no_wider_than_the_limit_but_for_comments_and_long_texts(string path)
    {
        const int Column = 12;
        foreach (string text in ProgramText.Codes(new SourceText("program", InputOf(path))))
        {
            Block body = CodeParser.ParseBody(SourceSlice.Verbatim(text, 0), new DiagnosticBag());
            Assert.All(
                CodePrinter.Print(body, Column),
                line => Assert.InRange(WidthWithoutTexts(line) + Column, 0, Limits.ColumnsMax));
        }
    }

    private static int WidthWithoutTexts(string line) =>
        line.TrimStart().StartsWith('#') ? 0 : Texts().Replace(line, "\"\"").Length;

    [GeneratedRegex("\"(\\\\.|[^\"])*\"")]
    private static partial Regex Texts();

    [Fact]
    public void A_document_with_a_mistake_is_given_back_as_it_is()
    {
        const string Text = "tars:   1\nmodule: a: b\n";
        Assert.Equal(Text, Format(Text));
    }

    [Theory]
    [InlineData("  publish: { estimate/motion = step * : int }\n", "")]
    [InlineData("  publish:\n    a *b : int\n", "")]
    [InlineData("  publish:\n    a: list<int\n    b: int\n", "")]
    [InlineData(
        "  publish: { a: int }\n",
        "      spread - covariance = [(1 - gain) * p[0], (1 - gain) * p[1], p[2] - drift * p[0], "
        + "p[3] - drift * p[1]]\n")]
    public void What_the_checker_refuses_later_keeps_its_meaning_too(string capabilities, string code)
    {
        string text = $"tars: 1\nmodule: m\ncapabilities:\n{capabilities}"
            + $"handlers:\n  start:\n    do: |\n      x = 1\n{code}";
        string once = Format(text);
        Assert.Equal(TreeOf(text), TreeOf(once));
        Assert.Equal(once, Format(once));
    }

    [Fact]
    public void A_mutated_body_that_still_parses_means_the_same_after_formatting()
    {
        const string Alphabet = "\n\n  ==(){}[]+-*&,.#a1";
        string[] bodies =
        [
            .. Golden.Files("lang/programs")
                .SelectMany(row => ProgramText.Codes(new SourceText("program", File.ReadAllText(row.Data)))),
        ];
        var random = new Xoshiro256(22);
        int whole = 0;
        for (int round = 0; round < 5_000; round++)
        {
            var text = new StringBuilder(bodies[round % bodies.Length]);
            text[random.Next(text.Length)] = Alphabet[random.Next(Alphabet.Length)];
            whole += CheckBody(text.ToString()) ? 1 : 0;
        }

        Assert.InRange(whole, 500, 5_000);
    }

    /// <summary>False when the body does not parse, so that nothing was checked.</summary>
    private static bool CheckBody(string text)
    {
        var bag = new DiagnosticBag();
        Block body = CodeParser.ParseBody(SourceSlice.Verbatim(text, 0), bag);
        if (bag.HasErrors)
        {
            return false;
        }

        string once = string.Join('\n', CodePrinter.Print(body, column: 8)) + "\n";
        Block again = CodeParser.ParseBody(SourceSlice.Verbatim(once, 0), bag);
        Assert.False(bag.HasErrors, once);
        Assert.Equal(SyntaxText.Of(body, withTrivia: false), SyntaxText.Of(again, withTrivia: false));
        Assert.Equal(CommentsIn(body), CommentsIn(again));
        Assert.Equal(once, string.Join('\n', CodePrinter.Print(again, column: 8)) + "\n");
        return true;
    }

    private static string[] CommentsIn(Block body) =>
        [.. SyntaxWalk.Comments(body).Select(comment => comment.Text).Order(StringComparer.Ordinal)];

    private static string Format(string text) =>
        Formatter.Format(new SourceText("test", text), new DiagnosticBag());

    private static string InputOf(string path)
    {
        string text = File.ReadAllText(path);
        int cut = text.IndexOf("\n----\n", StringComparison.Ordinal);
        return cut < 0 ? text : text[..(cut + 1)];
    }

    private static string TreeOf(string text) => DocumentTree.Of(new SourceText("test", text));

    private static string[] CommentsOf(string text) => DocumentTree.Comments(new SourceText("test", text));
}
