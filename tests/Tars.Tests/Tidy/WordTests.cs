using System.Text.RegularExpressions;
using Xunit;

namespace Tars.Tests.Tidy;

/// <summary>The words in the repository: none left over, none against the glossary, none that is private.</summary>
public sealed partial class WordTests
{
    // Words are put together here, so that this file does not contain what it looks for.
    private static readonly string[] _leftovers =
        ["TO" + "DO", "FIX" + "ME", "XX" + "X:", "HA" + "CK", "NotImplemented" + "Exception"];

    private static readonly string[] _machinePaths =
        ["/ho" + "me/", "/ro" + "ot/", "/wo" + "rk/", "/Us" + "ers/", "C:\\" + "Users", "/tm" + "p/t/"];

    private static readonly string[] _textEndings =
        [".cs", ".md", ".csproj", ".props", ".slnx", ".json", ".sh", ".txt", ".tars", ".yml", ".yaml", ".editorconfig"];

    [Fact]
    public void Nothing_is_left_for_later_in_a_comment() => Findings.None(
        from line in TextLines()
        from word in _leftovers
        where line.Text.Contains(word, StringComparison.Ordinal)
        select $"{line.Place}: {word}");

    [Fact]
    public void No_path_of_one_machine_stands_in_the_repository() => Findings.None(
        from line in TextLines()
        from path in _machinePaths
        where line.Text.Contains(path, StringComparison.Ordinal)
        select $"{line.Place}: {path}");

    // What restores packages takes them from wherever the reader's machine is set up to take them.
    [Fact]
    public void No_build_file_names_a_host() => Findings.None(
        from line in TextLines()
        where IsBuildFile(line.Path)
        where Url().IsMatch(line.Text)
        select $"{line.Place}: {Url().Match(line.Text).Value}");

    [Fact]
    public void No_secret_stands_in_the_repository() => Findings.None(
        from line in TextLines()
        where Secret().IsMatch(line.Text)
        select $"{line.Place}: looks like a key or a token");

    [Fact]
    public void Types_and_folders_use_the_words_of_the_glossary()
    {
        var glossary = Glossary.Read();
        Findings.None(
            from named in NamedThings()
            from word in glossary.Forbidden
            where Words(named.Name).Contains(word.Word, StringComparer.OrdinalIgnoreCase)
            where !glossary.Allowed.Contains(named.Name)
            select $"{named.Place}: {named.Name}: say {word.Noun}, not {word.Word}");
    }

    [Fact]
    public void The_glossary_allows_only_names_that_exist()
    {
        var names = NamedThings().Select(named => named.Name).ToHashSet(StringComparer.Ordinal);
        Findings.None(
            from name in Glossary.Read().Allowed
            where !names.Contains(name)
            select $"docs/GLOSSARY.md: {name} is allowed but does not exist");
    }

    private static IEnumerable<(string Place, string Name)> NamedThings() =>
        (from path in TrackedFiles.CSharp
         where path.StartsWith("src/", StringComparison.Ordinal)
         from type in TrackedFiles.Outline(path).Types
         select ($"{path}:{type.Line}", type.Name))
        .Concat(
         from path in TrackedFiles.CSharp
         where path.StartsWith("src/", StringComparison.Ordinal)
         from folder in path.Split('/').Skip(2).SkipLast(1)
         select (path[..path.LastIndexOf('/')], folder))
        .Distinct();

    private static IEnumerable<string> Words(string name) => Word().Matches(name).Select(match => match.Value);

    private static IEnumerable<(string Path, string Place, string Text)> TextLines() =>
        from path in TrackedFiles.All
        where IsText(path)
        from line in TrackedFiles.Lines(path).Index()
        select (path, $"{path}:{line.Index + 1}", line.Item);

    // Golden files and sample data are data: they may speak of anything.
    private static bool IsText(string path) =>
        !path.StartsWith("tests/golden/", StringComparison.Ordinal)
        && !path.StartsWith("samples/data/", StringComparison.Ordinal)
        && (_textEndings.Any(ending => path.EndsWith(ending, StringComparison.Ordinal)) || !Path.HasExtension(path));

    private static bool IsBuildFile(string path) =>
        path.EndsWith(".csproj", StringComparison.Ordinal) || path.EndsWith(".props", StringComparison.Ordinal)
        || path.EndsWith(".config", StringComparison.Ordinal)
        || path is "dev.cs" or "tarscli" or "global.json" or ".ci/run";

    [GeneratedRegex(@"https?://[^\s""'<>]+")]
    private static partial Regex Url();

    [GeneratedRegex(@"-----BEGIN [A-Z ]*PRIVATE|\bgh[pousr]_[A-Za-z0-9]{30}|\bAKIA[A-Z0-9]{16}\b|\bxox[bap]-[0-9]")]
    private static partial Regex Secret();

    [GeneratedRegex("[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")]
    private static partial Regex Word();
}
