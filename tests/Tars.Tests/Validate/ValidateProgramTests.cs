using System.Globalization;
using System.Text;
using Tars.Cli;
using Tars.Tests.Support;
using Tars.Validate;
using Xunit;

namespace Tars.Tests.Validate;

/// <summary>The validator says what <c>check</c> says, octet for octet, and speaks of itself by its own name.</summary>
public sealed class ValidateProgramTests
{
    private static readonly string[] _right = ["samples/hello.tars"];
    private static readonly string[] _wrong = ["samples/hello.tars", "tests/golden/cli/hello.txt"];

    [Theory]
    [InlineData("--format", "text")]
    [InlineData("--format", "json")]
    [InlineData("--format", "sarif")]
    [InlineData("--json")]
    public void It_says_what_check_says(params string[] format)
    {
        foreach (string[] files in new[] { _right, _wrong })
        {
            var own = Said(terminal => ValidateProgram.Run([.. format, .. files], terminal));
            Assert.Equal(Said(terminal => CommandLine.Run(["check", .. format, .. files], terminal)), own);
            Assert.Equal(files.Length - 1, own.Status);
        }
    }

    [Fact]
    public void What_cannot_be_read_or_asked_ends_with_two_and_its_own_name()
    {
        var (status, output, error) = Said(terminal => ValidateProgram.Run(["nowhere.tars"], terminal));
        Assert.Equal((2, "", "tars-validate: nowhere.tars: there is no such file\n"), (status, output, error));
        foreach (string[] call in new[] { [], new[] { "--fast", "x.tars" }, ["--format", "xml", "x.tars"] })
        {
            (status, output, error) = Said(terminal => ValidateProgram.Run(call, terminal));
            Assert.Equal(2, status);
            Assert.Empty(output);
            Assert.StartsWith("tars-validate: ", error, StringComparison.Ordinal);
            Assert.EndsWith("try: tars-validate --help\n", error, StringComparison.Ordinal);
            Assert.DoesNotContain("tarscli", error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Its_help_is_its_own()
    {
        var (status, output, _) = Said(terminal => ValidateProgram.Run(["--help"], terminal));
        Assert.Equal(0, status);
        Assert.Contains("tars-validate <FILE>...", output, StringComparison.Ordinal);
        Assert.Contains("sarif", output, StringComparison.Ordinal);
    }

    private static (int Status, string Output, string Error) Said(Func<Terminal, int> run)
    {
        using var bytes = new MemoryStream();
        using var output = new StreamWriter(bytes, new UTF8Encoding(false)) { NewLine = "\n" };
        using var error = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        int status = run(new Terminal(
            output, bytes, error, () => Stream.Null, RepoRoot.File("."), OutputColors: false, ErrorColors: false));
        return (status, Encoding.UTF8.GetString(bytes.ToArray()), error.ToString());
    }
}
