using System.Text;
using Tars.Base;
using Tars.Lang.Diagnostics;
using Tars.Lang.Parsing;
using Tars.Lang.Syntax;
using Tars.Lang.Text;
using Tars.Sim.Trees;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Lang.Parsing;

/// <summary>
/// Code and what the parser makes of it: tests/golden/lang/parse shows a body, then its tree and the messages. To add
/// a case write the body, run `./dev.cs bless`, and read the diff as its author.
/// </summary>
public sealed class CodeParserTests
{
    public static IEnumerable<TheoryDataRow<string>> Bodies => Golden.Files("lang/parse");

    public static IEnumerable<TheoryDataRow<string>> Programs => Golden.Files("lang/programs");

    [Theory]
    [MemberData(nameof(Bodies))]
    public void The_tree_and_the_messages_are_as_recorded(string path) => Golden.Check(path, text =>
    {
        var bag = new DiagnosticBag();
        Block body = CodeParser.ParseBody(SourceSlice.Verbatim(text, 0), bag);
        return SyntaxText.Of(body) + YamlText.Messages(new SourceText("golden", text), bag);
    });

    [Theory]
    [MemberData(nameof(Programs))]
    public void Every_program_of_the_design_parses_without_a_message(string path)
    {
        var source = new SourceText("program", File.ReadAllText(path));
        var bag = new DiagnosticBag();
        Assert.NotEmpty(ProgramText.Parts(source, bag));
        Assert.Equal("", YamlText.Messages(source, bag));
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void Every_name_stands_in_the_file_where_its_span_says(string path)
    {
        var source = new SourceText("program", File.ReadAllText(path));
        foreach (object part in ProgramText.Parts(source, new DiagnosticBag()))
        {
            foreach (Identifier name in SyntaxWalk.Identifiers(part))
            {
                Assert.Equal(name.Text, source.Text.Substring(name.Span.Start, name.Span.Length));
            }
        }
    }

    [Theory]
    [InlineData("x = (")]
    [InlineData("x = - ")]
    [InlineData("x = not ")]
    [InlineData("x = a ?? ")]
    [InlineData("if a { ")]
    [InlineData("x = if a { ")]
    [InlineData("x = f(")]
    [InlineData("x = [")]
    [InlineData("x = a[")]
    [InlineData("match a { b => ")]
    [InlineData("let x: list<")]
    [InlineData("if a { b() } else ")]
    public void Deep_nesting_gets_a_message_and_no_stack_overflow(string opener)
    {
        string again = opener.StartsWith("x = ", StringComparison.Ordinal) ? opener[4..]
            : opener.StartsWith("let x: ", StringComparison.Ordinal) ? opener[7..]
            : opener;
        var bag = new DiagnosticBag();
        CodeParser.ParseBody(Slice(opener + string.Concat(Enumerable.Repeat(again, 50_000))), bag);
        Assert.Contains(bag.ToSorted(), diagnostic => diagnostic.Code is "TARS0214");
    }

    [Theory]
    [InlineData("a + ")]
    [InlineData("a or ")]
    [InlineData("a.b().")]
    [InlineData("a & ")]
    public void A_chain_too_high_to_walk_gets_a_message(string link)
    {
        var bag = new DiagnosticBag();
        CodeParser.ParseBody(Slice("x = " + string.Concat(Enumerable.Repeat(link, 100_000)) + "a"), bag);
        Assert.Single(bag.ToSorted(), diagnostic => diagnostic.Code is "TARS0214");
    }

    [Theory]
    [InlineData("x = 1\n", "")]
    [InlineData("if a {\nx = 1\n}\n", "")]
    [InlineData("x = 1\n", "}\n")]
    public void More_statements_than_a_body_may_have_get_one_message(string statement, string end)
    {
        string head = end.Length == 0 ? "" : "if a {\n";
        var bag = new DiagnosticBag();
        CodeParser.ParseBody(Slice(head + string.Concat(Enumerable.Repeat(statement, 10_001)) + end), bag);
        Assert.Equal(["TARS0214"], bag.ToSorted().Select(diagnostic => diagnostic.Code));
    }

    [Fact]
    public void As_many_statements_as_a_body_may_have_are_read()
    {
        var bag = new DiagnosticBag();
        string text = "if a {\n" + string.Concat(Enumerable.Repeat("x = 1\n", 9_999)) + "}\n";
        CodeParser.ParseBody(Slice(text), bag);
        Assert.Empty(bag.ToSorted());
    }

    [Theory]
    [InlineData("(\n")]
    [InlineData("}\n")]
    [InlineData("{\n")]
    [InlineData("\n")]
    [InlineData("\"{\n")]
    [InlineData("a = b\n")]
    [InlineData("# a\n")]
    [InlineData("a(\n.b\n")]
    [InlineData("a = 1 +\n")]
    [InlineData("try { ")]
    [InlineData("\"{a}")]
    public void A_hundred_thousand_of_one_thing_are_read_in_linear_time(string piece)
    {
        string text = string.Concat(Enumerable.Repeat(piece, 100_000));
        Assert.NotNull(CodeParser.ParseBody(Slice(text), new DiagnosticBag()));
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void Every_prefix_and_every_deletion_of_a_token_gives_trees_and_little_noise(string path)
    {
        int deletions = 0;
        int noisy = 0;
        string text = File.ReadAllText(path);
        foreach (string body in ProgramText.Codes(new SourceText("program", text)))
        {
            for (int at = 0; at < body.Length; at++)
            {
                Assert.NotNull(CodeParser.ParseBody(Slice(body[..at]), new DiagnosticBag()));
            }

            foreach (Token token in CodeLexer.Lex(Slice(body), 0, body.Length).Tokens)
            {
                var bag = new DiagnosticBag();
                Assert.NotNull(CodeParser.ParseBody(Slice(body.Remove(token.Start, token.End - token.Start)), bag));
                deletions++;
                noisy += bag.Count > 1 ? 1 : 0;
            }
        }

        // Without its `match` or its brace every arm is a wrong statement; nearly everything else is one mistake.
        Assert.InRange(noisy, 0, 1 + (deletions / 20));
    }

    [Fact]
    public void Ten_thousand_mutations_give_trees()
    {
        const string Alphabet = "\n\n  ==(){}[]<>\"\"#.,:;+-*/%&|^!?'$eé_A0";
        string[] bodies =
        [
            .. Golden.Files("lang/programs")
                .SelectMany(row => ProgramText.Codes(new SourceText("program", File.ReadAllText(row.Data)))),
        ];
        var random = new Xoshiro256(21);
        for (int round = 0; round < 10_000; round++)
        {
            var text = new StringBuilder(bodies[round % bodies.Length]);
            for (int change = 0; change <= round % 5; change++)
            {
                text[random.Next(text.Length)] = Alphabet[random.Next(Alphabet.Length)];
            }

            Assert.NotNull(CodeParser.ParseBody(Slice(text.ToString()), new DiagnosticBag()));
        }
    }

    private static SourceSlice Slice(string text) => SourceSlice.Verbatim(text, 0);
}
