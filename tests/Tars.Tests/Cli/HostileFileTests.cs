using System.Globalization;
using System.Text;
using System.Text.Json;
using Tars.Cli;
using Xunit;

namespace Tars.Tests.Cli;

/// <summary>Whatever lies at a path that `check` is given, the answer is clear, in each of its forms.</summary>
public sealed class HostileFileTests : IDisposable
{
    private const string Module =
        "tars: 1\nmodule: m\nversion: 1.0.0\nsummary: A module.\nhandlers:\n  start:\n    do: |\n      exit()\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("tars-files-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_file_that_is_not_utf8_gets_one_message_at_the_first_wrong_byte() =>
        Told([.. Encoding.UTF8.GetBytes(Module + "# caf"), 0xE9, (byte)'\n'], "9:6 TARS0100");

    [Fact]
    public void A_file_with_a_zero_byte_gets_one_message() =>
        Told(Encoding.UTF8.GetBytes(Module + "# a\0b\n"), "9:4 TARS0100");

    [Fact]
    public void A_file_with_a_byte_order_mark_gets_one_message() =>
        Told([.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(Module)], "1:1 TARS0100");

    [Fact]
    public void A_file_in_utf16_gets_one_message() =>
        Told(Encoding.Unicode.GetBytes(Module), "1:2 TARS0100");

    [Fact]
    public void A_file_of_zero_bytes_gets_one_message() => Told(new byte[3000], "1:1 TARS0100");

    [Fact]
    public void An_empty_file_gets_one_message() => Told([], "1:1 TARS0100");

    [Fact]
    public void A_file_of_two_megabytes_gets_one_message() => Told(new byte[2 << 20], "1:1 TARS0100");

    [Fact]
    public void A_file_of_the_largest_size_is_read() =>
        Assert.Empty(Answer(Encoding.UTF8.GetBytes(Module.PadRight((1 << 20) - 1, '\n') + "\n")).Diagnostics);

    [Theory]
    [InlineData("", "this is a folder")]
    [InlineData("missing.tars", "there is no such file")]
    [InlineData("missing/module.tars", "there is no such folder")]
    public void What_is_no_file_is_told_on_standard_error(string path, string reason)
    {
        foreach (string form in new[] { "text", "json", "sarif" })
        {
            var (status, output, error) = Check(path, form);
            Assert.Equal(ExitStatus.Unusable, status);
            Assert.Contains(reason, error, StringComparison.Ordinal);
            Assert.DoesNotContain(_folder, error, StringComparison.Ordinal);
            Assert.True(form == "text" ? output == "" : JsonDocument.Parse(output) is not null);
        }
    }

    [Fact]
    public void A_file_that_may_not_be_read_is_told_on_standard_error()
    {
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "who may read everything can be refused nothing");
        string path = Path.Combine(_folder, "secret.tars");
        File.WriteAllText(path, Module);
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("files have no Unix mode here");
            return;
        }

        File.SetUnixFileMode(path, UnixFileMode.None);
        var (status, _, error) = Check("secret.tars", "text");
        Assert.Equal(ExitStatus.Unusable, status);
        Assert.Contains("no right to use it", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_without_end_is_refused()
    {
        Assert.SkipUnless(File.Exists("/dev/zero"), "there is no file without end here");
        var (status, output, _) = Check("/dev/zero", "json");
        Assert.Equal(ExitStatus.Faulty, status);
        Assert.Contains("TARS0100", output, StringComparison.Ordinal);
    }

    private void Told(byte[] bytes, string wanted)
    {
        var answer = Answer(bytes);
        Assert.Equal(wanted, Assert.Single(answer.Diagnostics));
    }

    /// <summary>The diagnostics, which all three forms agree on.</summary>
    private (int Status, string[] Diagnostics) Answer(byte[] bytes)
    {
        File.WriteAllBytes(Path.Combine(_folder, "module.tars"), bytes);
        var (status, json, error) = Check("module.tars", "json");
        Assert.Equal("", error);
        using var answer = JsonDocument.Parse(json);
        string[] diagnostics =
        [
            .. answer.RootElement.GetProperty("diagnostics").EnumerateArray().Select(one =>
                $"{one.GetProperty("line")}:{one.GetProperty("column")} {one.GetProperty("code").GetString()}"),
        ];
        Assert.Equal(diagnostics.Length == 0 ? ExitStatus.Fine : ExitStatus.Faulty, status);

        var (_, text, _) = Check("module.tars", "text");
        Assert.Equal(
            diagnostics.Length,
            text.Split('\n').Count(line => line.Contains(" error TARS", StringComparison.Ordinal)));
        var (_, sarif, _) = Check("module.tars", "sarif");
        Assert.Equal(diagnostics, ResultsOf(sarif));
        return (status, diagnostics);
    }

    /// <summary>What the schema of SARIF 2.1.0 asks of each part that we write.</summary>
    private static string[] ResultsOf(string sarif)
    {
        using var log = JsonDocument.Parse(sarif);
        Assert.Equal("2.1.0", log.RootElement.GetProperty("version").GetString());
        var run = Assert.Single(log.RootElement.GetProperty("runs").EnumerateArray());
        var driver = run.GetProperty("tool").GetProperty("driver");
        Assert.NotEqual("", driver.GetProperty("name").GetString());
        string[] rules =
            [.. driver.GetProperty("rules").EnumerateArray().Select(rule => rule.GetProperty("id").GetString()!)];
        Assert.Equal(rules.Distinct(), rules);
        return
        [
            .. run.GetProperty("results").EnumerateArray().Select(result =>
            {
                string code = result.GetProperty("ruleId").GetString()!;
                Assert.Equal(code, rules[result.GetProperty("ruleIndex").GetInt32()]);
                Assert.True(result.GetProperty("level").GetString() is "error" or "warning");
                Assert.NotEqual("", result.GetProperty("message").GetProperty("text").GetString());
                var place = result.GetProperty("locations")[0].GetProperty("physicalLocation");
                Assert.Equal("module.tars", place.GetProperty("artifactLocation").GetProperty("uri").GetString());
                var region = place.GetProperty("region");
                int line = region.GetProperty("startLine").GetInt32();
                int column = region.GetProperty("startColumn").GetInt32();
                Assert.True(1 <= line && line <= region.GetProperty("endLine").GetInt32());
                Assert.True(1 <= column && 1 <= region.GetProperty("endColumn").GetInt32());
                return string.Create(CultureInfo.InvariantCulture, $"{line}:{column} {code}");
            }),
        ];
    }

    private (int Status, string Output, string Error) Check(string path, string form)
    {
        using var bytes = new MemoryStream();
        using var output = new StreamWriter(bytes, new UTF8Encoding(false)) { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var terminal = new Terminal(
            output, bytes, error, () => new MemoryStream(), _folder, OutputColors: false, ErrorColors: false);
        int status = CommandLine.Run(["check", path, "--format", form], terminal);
        output.Flush();
        return (status, Encoding.UTF8.GetString(bytes.ToArray()), error.ToString());
    }
}
