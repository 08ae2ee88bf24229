using System.Globalization;
using System.Text;
using Tars.Cli;
using Xunit;

namespace Tars.Tests.Cli;

/// <summary>A scenario of today finds the version that brought the mistake, before a squash and after one.</summary>
public sealed class BisectTests : IDisposable
{
    private const string Scenario =
        """
        scenarios:
          - name: two ticks
            seed: 1
            runs_for: 5s
            steps:
              - { at: 1s, publish: tick, value: 4 }
              - { at: 2s, publish: tick, value: 5 }
            expect:
              - count.sum == 9

        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("tars-bisect-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_version_that_brought_the_mistake_is_found()
    {
        // The sixth cannot be compiled with the scenario: it hears nothing.
        string[] kept = [.. Enumerable.Range(1, 9).Select(Keep)];
        File.WriteAllText(Path.Combine(_folder, "now.tars"), Text(10) + Scenario);
        var (status, output, error) = Call("versions", "bisect", "now.tars", "--scenario", "two ticks");
        Assert.True(status == 0, error);
        Assert.StartsWith($"first bad: {kept[4]} keep ", output, StringComparison.Ordinal);
        Assert.Contains($"\nlast good: {kept[3]} keep ", output, StringComparison.Ordinal);
        Assert.Contains("  - sum += n\n  + sum = n\n", output, StringComparison.Ordinal);
        Assert.DoesNotContain("cannot be tried", output, StringComparison.Ordinal);

        Assert.Equal("3 dropped, 6 there\n", Call("versions", "squash", "count", $"{kept[2]}..{kept[6]}").Output);
        (status, output, _) = Call("versions", "bisect", "now.tars", "--scenario", "two ticks");
        Assert.Equal(0, status);
        Assert.StartsWith($"first bad: {kept[6]} keep ", output, StringComparison.Ordinal);
        Assert.Contains($"\nlast good: {kept[2]} keep ", output, StringComparison.Ordinal);
    }

    private string Keep(int version)
    {
        File.WriteAllText(Path.Combine(_folder, "count.tars"), Text(version));
        var (status, output, error) = Call("versions", "keep", "count.tars");
        Assert.True(status == 0, error);
        return output.Trim().Split(' ')[1];
    }

    private static string Text(int version) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""
        tars: 1
        module: count
        version: 1.0.{{version}}
        summary: Counts what it hears.
        capabilities:
          subscribe: { {{(version == 6 ? "tock" : "tick")}}: int }
        state:
          sum: int = 0
        handlers:
          message {{(version == 6 ? "tock" : "tick")}} as n:
            do: |
              sum {{(version < 5 ? "+=" : "=")}} n

        """);

    private (int Status, string Output, string Error) Call(params string[] words)
    {
        using var bytes = new MemoryStream();
        using var output = new StreamWriter(bytes, new UTF8Encoding(false)) { NewLine = "\n" };
        using var error = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        int status = CommandLine.Run(words, new Terminal(
            output, bytes, error, () => Stream.Null, _folder, OutputColors: false, ErrorColors: false));
        return (status, Encoding.UTF8.GetString(bytes.ToArray()), error.ToString());
    }
}
