using Xunit;

namespace Tars.Tests.Tidy;

/// <summary>Every golden file is read by a test: some test names the file, or a folder it lies in.</summary>
public sealed class GoldenFileTests
{
    private const string Root = "tests/golden/";

    [Fact]
    public void Every_golden_file_is_used_by_a_test()
    {
        var tests = string.Concat(
            from path in TrackedFiles.CSharp
            where path.StartsWith("tests/", StringComparison.Ordinal)
            select TrackedFiles.Text(path));
        Findings.None(
            from path in TrackedFiles.All
            where path.StartsWith(Root, StringComparison.Ordinal)
            where !Names(path[Root.Length..]).Any(name => Mentioned(tests, name))
            select $"{path}: no test names it or its folder");
    }

    // The file itself, with and without its ending, and each folder above it.
    private static IEnumerable<string> Names(string path)
    {
        yield return path;
        yield return Path.ChangeExtension(path, null);
        for (int slash = path.LastIndexOf('/'); 0 < slash; slash = path.LastIndexOf('/', slash - 1))
        {
            yield return path[..slash];
        }
    }

    private static bool Mentioned(string tests, string name) =>
        tests.Contains($"\"{name}\"", StringComparison.Ordinal)
        || tests.Contains($"\"{name}/", StringComparison.Ordinal)
        || tests.Contains($"tests/golden/{name}", StringComparison.Ordinal);
}
