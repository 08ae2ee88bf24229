using Tars.Base;
using Tars.Sim.Robustness;

namespace Tars.Sim;

/// <summary>The sample modules of the repository, and the larger programs on which the language was tried.</summary>
internal static class Samples
{
    private static readonly string[] _folders = ["samples", "tests/golden/lang/programs"];

    /// <summary>The texts of the samples alone, in the order of their names.</summary>
    public static IReadOnlyList<string> Texts() => [.. Programs().Where(IsSample).Select(one => one.Text)];

    /// <summary>All of them, in the order of their names.</summary>
    public static IReadOnlyList<CorpusProgram> Programs() => [.. _folders.SelectMany(ProgramsIn)];

    /// <summary>A file of the repository.</summary>
    public static string File(string relative) => Path.Combine(Root(), relative);

    private static bool IsSample(CorpusProgram program) =>
        program.Name.StartsWith("samples/", StringComparison.Ordinal);

    private static IEnumerable<CorpusProgram> ProgramsIn(string folder)
    {
        string whole = Path.Combine(Root(), folder);
        var sources = Directory.EnumerateFiles(whole, "*.tars")
            .Order(StringComparer.Ordinal)
            .Select(path => new SourceText(Path.GetFileName(path), System.IO.File.ReadAllText(path)))
            .ToDictionary(source => source.Name, StringComparer.Ordinal);
        var recordings = Directory.EnumerateFiles(whole, "*.log", SearchOption.AllDirectories)
            .ToDictionary(
                path => Path.GetRelativePath(whole, path).Replace('\\', '/'),
                System.IO.File.ReadAllBytes,
                StringComparer.Ordinal);
        return sources.Values.Select(source =>
            new CorpusProgram($"{folder}/{source.Name}", source.Text, sources, recordings));
    }

    private static string Root()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !System.IO.File.Exists(Path.Combine(folder, "Tars.slnx")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new DirectoryNotFoundException("no Tars.slnx above the program");
    }
}
