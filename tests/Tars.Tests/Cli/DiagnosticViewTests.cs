using System.Text.Json;
using Tars.Base;
using Tars.Cli.Views;
using Tars.Lang.Diagnostics;
using Xunit;

namespace Tars.Tests.Cli;

/// <summary>A diagnostic is shown at its place, with its line, and nothing in it plays tricks on a terminal.</summary>
public sealed class DiagnosticViewTests
{
    [Fact]
    public void The_mark_stands_under_what_is_wrong() => Check(
        "a: 1\nbee: two\n",
        At(10, 3) with { Related = new TextSpan(0, 1) },
        """
        x.tars:2:6 error TARS0999: this is wrong
            bee: two
                 ^^^
            help: write that
            see: x.tars:1:1

        """);

    [Fact]
    public void A_tab_keeps_the_mark_in_its_column() => Check(
        "\ta\tb\n",
        At(3, 1),
        "x.tars:1:4 error TARS0999: this is wrong\n    \ta\tb\n    \t \t^\n    help: write that\n");

    [Fact]
    public void A_place_without_text_has_no_line() => Check(
        "a\n",
        At(2, 0),
        "x.tars:2:1 error TARS0999: this is wrong\n    help: write that\n");

    [Fact]
    public void Escape_sequences_of_a_file_do_not_reach_the_terminal() => Check(
        "a \e[31m b\u202E\n",
        At(0, 1) with { Title = "what is \e[0m", Hint = "" },
        "x.tars:1:1 error TARS0999: what is \uFFFD[0m\n    a \uFFFD[31m b\uFFFD\n    ^\n");

    [Fact]
    public void A_very_long_line_is_cut_round_the_place()
    {
        var text = Text(new string('a', 5000) + "X" + new string('b', 5000), At(5000, 1));
        var lines = text.Split('\n');
        Assert.True(lines[1].Length < 120);
        Assert.Equal('X', lines[1][lines[2].IndexOf('^', StringComparison.Ordinal)]);
    }

    [Fact]
    public void A_span_over_several_lines_marks_the_first() => Check(
        "a: [\n  b\n]\n",
        At(3, 7),
        "x.tars:1:4 error TARS0999: this is wrong\n    a: [\n       ^\n    help: write that\n");

    [Fact]
    public void Colours_change_no_word()
    {
        var plain = Text("bee: two", At(5, 3));
        var coloured = Text("bee: two", At(5, 3), colors: true);
        Assert.NotEqual(plain, coloured);
        Assert.Equal(plain, System.Text.RegularExpressions.Regex.Replace(coloured, "\e\\[[0-9;]*m", ""));
    }

    [Fact]
    public void Sarif_names_the_rule_the_file_and_the_region()
    {
        using var log = JsonDocument.Parse(Sarif.Of([Placed("a: 1\nbee: two\n", At(10, 3), "my folder/x.tars")]));
        var run = log.RootElement.GetProperty("runs")[0];
        var result = run.GetProperty("results")[0];
        var place = result.GetProperty("locations")[0].GetProperty("physicalLocation");
        Assert.Equal("2.1.0", log.RootElement.GetProperty("version").GetString());
        var rule = run.GetProperty("tool").GetProperty("driver").GetProperty("rules")[0];
        Assert.Equal("TARS0999", rule.GetProperty("id").GetString());
        Assert.Equal("TARS0999", result.GetProperty("ruleId").GetString());
        Assert.Equal("error", result.GetProperty("level").GetString());
        Assert.Equal("my%20folder/x.tars", place.GetProperty("artifactLocation").GetProperty("uri").GetString());
        Assert.Equal(
            ["startLine 2", "startColumn 6", "endLine 2", "endColumn 9"],
            place.GetProperty("region").EnumerateObject().Select(member => $"{member.Name} {member.Value}"));
    }

    [Fact]
    public void Counts_are_words() => Assert.Equal(
        "2 errors, 1 warning",
        DiagnosticText.Count(
        [
            Placed("a", At(0, 1)), Placed("a", At(0, 1)), Placed("a", At(0, 1) with { Severity = Severity.Warning }),
        ]));

    private static Diagnostic At(int start, int length) => new(
        "TARS0999", Severity.Error, new TextSpan(start, length), "this is wrong", "write that");

    private static PlacedDiagnostic Placed(string source, Diagnostic diagnostic, string file = "x.tars") =>
        new(file, new SourceText("x.tars", source), diagnostic);

    private static string Text(string source, Diagnostic diagnostic, bool colors = false)
    {
        using var output = new StringWriter { NewLine = "\n" };
        new DiagnosticText(output, colors).Write([Placed(source, diagnostic)]);
        return output.ToString();
    }

    private static void Check(string source, Diagnostic diagnostic, string shown) =>
        Assert.Equal(shown, Text(source, diagnostic));
}
