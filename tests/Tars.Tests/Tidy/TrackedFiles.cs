using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using Tars.Tests.Support;

namespace Tars.Tests.Tidy;

/// <summary>The files of the repository: what git tracks or would track; without git, all but what is built.</summary>
internal static class TrackedFiles
{
    private static readonly string[] _builtFolders = ["artifacts", "output", ".git", "bin", "obj", "node_modules"];

    /// <summary>Every file, relative to the root, with forward slashes, in ordinal order.</summary>
    public static IReadOnlyList<string> All { get; } = [.. (FromGit() ?? FromDisk()).Order(StringComparer.Ordinal)];

    /// <summary>The C# files of src/ and tests/.</summary>
    public static IReadOnlyList<string> CSharp { get; } =
        [.. All.Where(path => path.EndsWith(".cs", StringComparison.Ordinal) && path.Contains('/'))];

    private static readonly ConcurrentDictionary<string, string> _texts = [];
    private static readonly ConcurrentDictionary<string, string[]> _lines = [];
    private static readonly ConcurrentDictionary<string, CSharpOutline> _outlines = [];

    public static string Text(string path) =>
        _texts.GetOrAdd(path, static name => File.ReadAllText(RepoRoot.File(name)));

    public static string[] Lines(string path) =>
        _lines.GetOrAdd(path, static name => Text(name).TrimEnd('\n').Split('\n'));

    public static CSharpOutline Outline(string path) =>
        _outlines.GetOrAdd(path, static name => CSharpOutline.Of(Text(name)));

    private static IEnumerable<string>? FromGit()
    {
        var start = new ProcessStartInfo("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        {
            WorkingDirectory = RepoRoot.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        try
        {
            using var git = Process.Start(start)!;
            var answer = git.StandardOutput.ReadToEnd();
            git.WaitForExit();
            return git.ExitCode == 0
                ? answer.Split('\0', StringSplitOptions.RemoveEmptyEntries).Where(p => File.Exists(RepoRoot.File(p)))
                : null;
        }
        catch (Win32Exception)
        {
            return null; // No git here: an unpacked archive is tidy by the same rules.
        }
    }

    private static IEnumerable<string> FromDisk() =>
        Directory.EnumerateFiles(RepoRoot.Path, "*", SearchOption.AllDirectories)
            .Select(RepoRoot.Relative)
            .Where(path => !path.Split('/').Intersect(_builtFolders).Any());
}
