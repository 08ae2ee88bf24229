using System.Text.RegularExpressions;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Tidy;

/// <summary>Every message of Report has a page in docs/diagnostics and a golden program that shows it.</summary>
/// <remarks>
/// What is still missing stands in tests/golden/tidy/*.txt, one code a line. `./dev.cs bless` rewrites those lists;
/// they may only shrink, which the reader of the diff sees to.
/// </remarks>
public sealed partial class DiagnosticTests
{
    private const string Programs = "tests/golden/lang/errors/";
    private const string Pages = "docs/diagnostics/";

    [Fact]
    public void Every_message_has_a_page() => Golden.CheckWhole(
        Golden.Path("tidy/diagnostics-without-page.txt"),
        Lines(from code in Codes() where !TrackedFiles.All.Contains($"{Pages}{code}.md") select code));

    [Fact]
    public void Every_message_has_a_golden_program()
    {
        var shown = TrackedFiles.All
            .Where(path => path.StartsWith(Programs, StringComparison.Ordinal))
            .SelectMany(path => Code().Matches(AnswerOf(path)).Select(match => match.Value))
            .ToHashSet(StringComparer.Ordinal);
        Golden.CheckWhole(
            Golden.Path("tidy/diagnostics-without-program.txt"),
            Lines(from code in Codes() where !shown.Contains(code) select code));
    }

    [Fact]
    public void Every_page_is_about_a_message_that_exists() => Findings.None(
        from path in TrackedFiles.All
        where path.StartsWith(Pages, StringComparison.Ordinal)
        let code = Path.GetFileNameWithoutExtension(path)
        where Code().IsMatch(code) && !Codes().Contains(code)
        select $"{path}: Report gives no {code}");

    [Fact]
    public void Every_page_opens_with_its_code() => Findings.None(
        from path in TrackedFiles.All
        where path.StartsWith(Pages, StringComparison.Ordinal)
        let code = Path.GetFileNameWithoutExtension(path)
        where Code().IsMatch(code) && !TrackedFiles.Lines(path)[0].StartsWith($"# {code}", StringComparison.Ordinal)
        select $"{path}: the first line is '# {code}: …'");

    // Report is the only place where a code is written as a text.
    private static SortedSet<string> Codes() => new(
        from path in TrackedFiles.CSharp
        where path.StartsWith("src/Tars.Lang/Diagnostics/Report", StringComparison.Ordinal)
        from match in QuotedCode().Matches(TrackedFiles.Text(path))
        select match.Groups[1].Value,
        StringComparer.Ordinal);

    private static string AnswerOf(string path)
    {
        var text = TrackedFiles.Text(path);
        return text[(text.IndexOf("----\n", StringComparison.Ordinal) + 1)..];
    }

    private static string Lines(IEnumerable<string> codes) => string.Concat(codes.Select(code => code + "\n"));

    [GeneratedRegex(@"TARS\d{4}")]
    private static partial Regex Code();

    [GeneratedRegex(@"""(TARS\d{4})""")]
    private static partial Regex QuotedCode();
}
