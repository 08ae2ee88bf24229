namespace Tars.Tests.Support;

/// <summary>Where the repository lies: the nearest folder above the test program that holds Tars.slnx.</summary>
internal static class RepoRoot
{
    public static string Path { get; } = Find(AppContext.BaseDirectory);

    /// <summary>The full path of something named relative to the root, with forward slashes.</summary>
    public static string File(string relative) => System.IO.Path.Combine(Path, relative);

    /// <summary>The path as the repository knows it, with forward slashes.</summary>
    public static string Relative(string path) => System.IO.Path.GetRelativePath(Path, path).Replace('\\', '/');

    private static string Find(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            if (System.IO.File.Exists(System.IO.Path.Combine(folder.FullName, "Tars.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"no Tars.slnx above {start}: tests run from a checkout");
    }
}
