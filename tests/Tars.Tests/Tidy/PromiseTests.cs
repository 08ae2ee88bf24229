using System.Reflection;
using System.Text.RegularExpressions;
using Xunit;

namespace Tars.Tests.Tidy;

/// <summary>Every promise and every defended threat names what shows it, or says "not yet tested".</summary>
public sealed partial class PromiseTests
{
    private const string NotYet = "not yet tested";

    private static readonly string[] _documents = ["docs/PROMISES.md", "docs/THREAT-MODEL.md"];

    [Fact]
    public void Every_promise_names_what_keeps_it() => Findings.None(
        from row in Rows()
        from keeper in row.Keepers
        where keeper != NotYet && !IsTest(keeper) && !IsBench(keeper)
        select $"{row.Number}: '{keeper}' is no test `Class.Method`, no `bench NAME` and not '{NotYet}'");

    [Fact]
    public void Promises_are_numbered_once_and_a_kept_one_has_a_figure() => Findings.None(
        Rows().GroupBy(row => row.Number).Where(same => same.Count() != 1).Select(same => $"{same.Key}: twice")
        .Concat(
            from row in Rows()
            where row.Keepers.Length == 0 || (row.Keepers[0] != NotYet && row.Seen is "" or "-")
            select $"{row.Number}: kept by nothing, or kept without a figure seen"));

    // | P1 | what is promised | `Class.Method`, `bench name` or not yet tested | figure seen |
    // | T1 | what is defended | the same | how |
    private static IEnumerable<(string Number, string[] Keepers, string Seen)> Rows() =>
        from document in _documents
        from line in TrackedFiles.Lines(document)
        where Row().IsMatch(line)
        let cells = line.Split('|', StringSplitOptions.TrimEntries)
        where cells.Length == 6
        select (cells[1], cells[3].Split(", ").Select(keeper => keeper.Trim('`')).ToArray(), cells[4]);

    private static bool IsTest(string keeper) =>
        keeper.Split('.') is [var type, var method]
        && typeof(PromiseTests).Assembly.GetTypes()
            .Any(candidate => candidate.Name == type
                && candidate.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static)
                    .Any(known => known.Name == method));

    private static bool IsBench(string keeper) =>
        keeper.StartsWith("bench ", StringComparison.Ordinal)
        && TrackedFiles.CSharp.Any(path =>
            path.StartsWith("tests/Tars.Bench/", StringComparison.Ordinal)
            && TrackedFiles.Text(path).Contains($"\"{keeper["bench ".Length..]}\"", StringComparison.Ordinal));

    [GeneratedRegex(@"^\| [PT]\d+ \|")]
    private static partial Regex Row();
}
