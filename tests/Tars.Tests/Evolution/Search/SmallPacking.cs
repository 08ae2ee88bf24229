using Tars.Evolution.Search;
using Tars.Host.Evolving;
using Tars.Host.Files;
using Tars.Lang.Checking;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Evolution.Search;

/// <summary>The sample of bin packing, with so few items that a test can run it often.</summary>
internal static class SmallPacking
{
    public static string Path { get; } = RepoRoot.File("samples/packing.tars");

    public static string Text { get; } = File.ReadAllText(Path)
        .Replace("items: 5_000", "items: 200", StringComparison.Ordinal)
        .Replace("fuel: 2_000_000_000 }", "fuel: 20_000_000 }", StringComparison.Ordinal);

    public static SearchProblem Problem(string text)
    {
        var files = ModuleFiles.Of(Path, System.Text.Encoding.UTF8.GetBytes(text));
        var check = ModuleChecker.Check(files.Source, files);
        var problem = SearchProblem.Of(files.Source, check, out string why);
        Assert.True(problem is not null, why);
        return problem;
    }

    public static SearchProblem Problem() => Problem(Text);

    public static SearchParts Parts(int workers) => new(Path, Text, workers);
}
