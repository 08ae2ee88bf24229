using System.Globalization;
using System.Text;
using Tars.Cli;
using Xunit;

namespace Tars.Tests.Cli;

/// <summary>What is no number, or none within bounds, or no name of a file, is told in one sentence whatever command
/// was asked.</summary>
public sealed class NumberOptionTests
{
    private const string Run = "evolve run a.tars";

    [Theory]
    [InlineData(Run, "--evaluations", "99999999999999999999", "a whole number from 1 to 10000000")]
    [InlineData(Run, "--evaluations", "0", "a whole number from 1 to 10000000")]
    [InlineData(Run, "--seconds", "nan", "a whole number from 1 to 1000000")]
    [InlineData(Run, "--workers", "1e3", "a whole number from 1 to 256")]
    [InlineData(Run, "--workers", "257", "a whole number from 1 to 256")]
    [InlineData(Run, "--fuel", "0", "a whole number from 1 on")]
    [InlineData(Run, "--fuel", "", "a whole number from 1 on")]
    [InlineData(Run, "--tokens", "-1", "a whole number from 0 on")]
    [InlineData(Run, "--money", "nan", "a number from 0 on")]
    [InlineData(Run, "--money", "-0.1", "a number from 0 on")]
    [InlineData(Run, "--money", "1e999", "a number from 0 on")]
    [InlineData(Run, "--model-timeout", "1.5", "a whole number from 1 to 86400")]
    [InlineData(Run, "--patience", "1.5", "a whole number from 1 to 10000000")]
    [InlineData($"{Run} --evaluations 5", "--patience", "x", "a whole number from 1 to 10000000")]
    [InlineData($"{Run} --patience 5", "--evaluations", "x", "a whole number from 1 to 10000000")]
    [InlineData("plan a.tars", "--evaluations", "many", "a whole number from 1 to 10000000")]
    [InlineData("synthesize a.tars --edits b.json", "--proposal", "0", "a whole number from 1 on")]
    [InlineData("wasm run a.wasm", "--seed", "-1", "a whole number from 0 on")]
    [InlineData("run a.tars", "--journal", "", "a FOLDER")]
    [InlineData("run a.tars", "--record", "", "a LOG")]
    [InlineData("run a.tars", "--grants", "", "a FILE")]
    [InlineData("ps", "--control", "", "a PATH")]
    public void What_is_no_such_number_is_told(string command, string option, string given, string wanted)
    {
        var (status, error) = Call([.. command.Split(' '), option, given]);
        Assert.Equal((2, $"tarscli: {option} wants {wanted}, not '{given}'"), (status, error.Split('\n')[0]));
    }

    [Fact]
    public void What_is_told_of_it_is_short_and_harmless()
    {
        var (status, error) = Call(["evolve", "run", "a.tars", "--seed", "\e[31m" + new string('9', 5_000)]);
        Assert.Equal(2, status);
        Assert.InRange(error.Length, 1, 200);
        Assert.DoesNotContain('\e', error);
    }

    private static (int Status, string Error) Call(string[] words)
    {
        using var bytes = new MemoryStream();
        using var output = new StreamWriter(bytes, new UTF8Encoding(false));
        using var error = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        int status = CommandLine.Run(words, new Terminal(
            output, bytes, error, () => Stream.Null, Path.GetTempPath(), OutputColors: false, ErrorColors: false));
        return (status, error.ToString());
    }
}
