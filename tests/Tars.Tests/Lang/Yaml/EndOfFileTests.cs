using Tars.Base;
using Tars.Lang;
using Tars.Lang.Checking;
using Tars.Lang.Diagnostics;
using Tars.Lang.Text;
using Tars.Sim;
using Tars.Sim.Robustness;
using Tars.Sim.Trees;
using Xunit;

namespace Tars.Tests.Lang.Yaml;

/// <summary>How a file ends, and how its lines do, changes nothing of what it says.</summary>
public sealed class EndOfFileTests
{
    private const string Head = "tars: 1\nmodule: m\nversion: 1.0.0\nsummary: A module.\n";
    private const string Code = Head + "handlers:\n  start:\n    do: |\n      exit()";

    public static IEnumerable<TheoryDataRow<string>> Programs =>
        Samples.Programs().Select(program => new TheoryDataRow<string>(program.Name));

    [Theory]
    [MemberData(nameof(Programs))]
    public void A_program_says_the_same_however_its_lines_end(string name)
    {
        CorpusProgram program = Samples.Programs().Single(one => one.Name == name);
        string tree = DocumentTree.Of(program.Source);
        string bare = program.Text.TrimEnd('\n');
        string[] endings =
        [
            bare, bare + "\n\n\n", bare + "\n  ", bare + "\n# the end", bare + "\r\n",
            bare.Replace("\n", "\r\n", StringComparison.Ordinal),
        ];
        foreach (string text in endings)
        {
            Assert.Equal("", ErrorsOf(text, program));
            Assert.Equal(tree, DocumentTree.Of(new SourceText(program.Source.Name, text)));
        }
    }

    [Theory]
    [InlineData(Code)]
    [InlineData(Code + "\n")]
    [InlineData(Code + "\r\n")]
    [InlineData(Code + "  ")]
    [InlineData(Code + "\n      ")]
    [InlineData(Code + "\n      # a comment of the code")]
    [InlineData(Code + "\n# a comment of the document")]
    [InlineData(Code + " # a comment")]
    [InlineData(Head + "handlers:\n  start:\n    do: |\n      exit()\nmetrics:\n  a: { kind: last, goal: minimize }")]
    [InlineData(Head + "functions:\n  f:\n    text: |\n      a text")]
    [InlineData(Head + "constants: {}")]
    [InlineData(Head + "constants:\n  a: text = \"b\"")]
    [InlineData(Head + "constants:\n  a: 'text = \"b\"'")]
    public void A_file_may_end_anywhere_behind_what_it_says(string text) =>
        Assert.Equal("", ErrorsOf(text, new NoModules()));

    [Fact]
    public void A_file_of_one_byte_gets_an_answer()
    {
        for (int octet = 0; octet <= byte.MaxValue; octet++)
        {
            var bag = new DiagnosticBag();
            SourceText source = SourceDecoder.Decode("byte.tars", [(byte)octet], bag);
            CompileResult result = Compiler.Compile(source, new NoModules(), new CompileOptions());
            Assert.True(bag.HasErrors || result.Check.HasErrors, $"a file of the byte {octet:x2}");
        }
    }

    [Fact]
    public void A_file_of_nothing_gets_an_answer() => Assert.NotEqual("", ErrorsOf("", new NoModules()));

    private static string ErrorsOf(string text, IModuleSource modules) => string.Join('\n',
        ModuleChecker.Check(new SourceText("program.tars", text), modules).Files
            .SelectMany(file => file.Diagnostics)
            .Where(one => one.Severity == Severity.Error)
            .Select(one => $"{one.Span} {one.Code} {one.Title}"));
}
