namespace Tars.Sim;

/// <summary>The sample modules of the repository.</summary>
internal static class Samples
{
    /// <summary>Their texts, in the order of their names.</summary>
    public static IReadOnlyList<string> Texts() =>
        [.. Directory.EnumerateFiles(Path.Combine(Root(), "samples"),
            "*.tars").Order(StringComparer.Ordinal).Select(File.ReadAllText)];

    private static string Root()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Tars.slnx")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new DirectoryNotFoundException("no Tars.slnx above the program");
    }
}
