namespace Tars.Bench;

/// <summary>Where the repository lies, and what of it the benches use.</summary>
internal static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    public static string Launcher => File("tarscli");

    public static string File(string relative) => Path.Combine(Root, relative);

    /// <summary>A file for the length of a bench, in the folder for what is built.</summary>
    public static string Scratch(string name)
    {
        var folder = Directory.CreateDirectory(File("artifacts/bench"));
        return Path.Combine(folder.FullName, name);
    }

    /// <summary>Whether a program is on the PATH.</summary>
    public static bool Has(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(folder => folder != "" && System.IO.File.Exists(Path.Combine(folder, program)));

    private static string Find(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            if (System.IO.File.Exists(Path.Combine(folder.FullName, "Tars.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"no Tars.slnx above {start}: benches run from a checkout");
    }
}
