using System.Text;
using Xunit;

namespace Tars.Tests.Support;

/// <summary>Compares text with what a golden file says. TARS_BLESS=1 rewrites the file instead.</summary>
/// <remarks>
/// A golden file shows input and output together, parted by a line of four dashes. Where the input is a file that
/// stands elsewhere (a sample, an assembly), the output is a file of its own: see <see cref="CheckWhole"/>.
/// </remarks>
internal static class Golden
{
    private const string Divider = "----\n";

    private static readonly UTF8Encoding _utf8 = new(encoderShouldEmitUTF8Identifier: false);

    public static bool Blessing => Environment.GetEnvironmentVariable("TARS_BLESS") == "1";

    /// <summary>The full path of a golden file or folder, named relative to tests/golden.</summary>
    public static string Path(string relative) => RepoRoot.File(System.IO.Path.Combine("tests/golden", relative));

    /// <summary>Runs what stands above the divider and compares the answer with what stands below it.</summary>
    public static void Check(string path, Func<string, string> run)
    {
        var text = File.ReadAllText(path);
        int cut = DividerAt(text);
        var input = cut < 0 ? EndLine(text) : text[..cut];
        var expected = cut < 0 ? "" : text[(cut + Divider.Length)..];
        var actual = run(input);

        if (Blessing)
        {
            Write(path, input + Divider + actual);
            return;
        }

        Assert.Equal(expected, actual);
    }

    /// <summary>Compares with a whole file, which need not exist before it is blessed.</summary>
    public static void CheckWhole(string path, string actual)
    {
        if (Blessing)
        {
            Write(path, actual);
            return;
        }

        Assert.True(File.Exists(path), $"{RepoRoot.Relative(path)} is missing; `./dev.cs bless` writes it");
        Assert.Equal(File.ReadAllText(path), actual);
    }

    /// <summary>Every golden file in a folder as theory data; the folder is relative to tests/golden.</summary>
    public static IEnumerable<TheoryDataRow<string>> Files(string folder, string pattern = "*.tars")
    {
        var root = Path(folder);
        return FilesUnder(root, pattern)
            .Select(path => new TheoryDataRow<string>(path)
            {
                TestDisplayName = System.IO.Path.GetRelativePath(root, path),
            });
    }

    /// <summary>The files below a folder in ordinal order, so that every run sees them alike.</summary>
    public static IEnumerable<string> FilesUnder(string folder, string pattern) =>
        Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            : [];

    // The divider counts only at the start of a line, so an input may contain dashes.
    private static int DividerAt(string text) =>
        text.StartsWith(Divider, StringComparison.Ordinal)
            ? 0
            : text.IndexOf("\n" + Divider, StringComparison.Ordinal) is >= 0 and int found ? found + 1 : -1;

    private static string EndLine(string text) =>
        text.Length == 0 || text.EndsWith('\n') ? text : text + "\n";

    private static void Write(string path, string text)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        if (!File.Exists(path) || File.ReadAllText(path) != text)
        {
            File.WriteAllText(path, text, _utf8);
        }
    }
}
