using Xunit;

namespace Tars.Tests.Tidy;

/// <summary>Every C# file has the shape that docs/STYLE.md asks for in its section on shape.</summary>
/// <remarks>
/// The two lists of exceptions may only shrink. An entry is a path (and a member) and its size today; a thing that
/// grows past its entry fails, and so does an entry that is no longer needed.
/// </remarks>
public sealed class ShapeTests
{
    private const int FileLinesMax = 500;
    private const int MemberLinesMax = 70;
    private const int ColumnsMax = 120;

    private static readonly Dictionary<string, int> _longFiles = [];

    private static readonly Dictionary<string, int> _longMembers = [];

    // Vocabularies in rows, and what has no other place to be split at.
    private static readonly HashSet<string> _tables = [];

    private static readonly string[] _forbiddenNames = ["Utils", "Helpers", "Common", "Misc", "Managers"];

    private static readonly string[] _forbiddenEndings = ["Util", "Utils", "Helper", "Helpers", "Manager", "Misc"];

    [Fact]
    public void Every_file_opens_with_one_sentence_that_says_what_lives_here() => Findings.None(
        from path in TrackedFiles.CSharp
        where !OpensWithSummary(path)
        select $"{path}: begin with a summary of the main type (or, without a type, with a comment)");

    [Fact]
    public void No_file_is_longer_than_500_lines() => Findings.NoneBeyond(_longFiles, FileLinesMax,
        from path in TrackedFiles.CSharp
        where !_tables.Contains(path)
        select (path, TrackedFiles.Lines(path).Length));

    [Fact]
    public void No_member_is_longer_than_70_lines() => Findings.NoneBeyond(_longMembers, MemberLinesMax,
        from path in TrackedFiles.CSharp
        from member in TrackedFiles.Outline(path).Members
        group member.LineCount by $"{path} {member.Name}" into same
        select (same.Key, same.Max()));

    [Fact]
    public void No_line_is_wider_than_120_columns() => Findings.None(
        from path in TrackedFiles.All
        where path.EndsWith(".cs", StringComparison.Ordinal) || path.EndsWith(".csproj", StringComparison.Ordinal)
        from line in TrackedFiles.Lines(path).Index()
        where line.Item.Length > ColumnsMax && !IsInsideText(path, line.Index)
        select $"{path}:{line.Index + 1}: {line.Item.Length} columns");

    [Fact]
    public void Folders_and_types_are_named_after_phases_and_things() => Findings.None(
        (from path in TrackedFiles.All
         from folder in path.Split('/').SkipLast(1)
         where _forbiddenNames.Contains(folder, StringComparer.OrdinalIgnoreCase)
         select $"{path}: no folder is called {folder}")
        .Concat(
         from path in TrackedFiles.CSharp
         from type in TrackedFiles.Outline(path).Types
         where _forbiddenEndings.Any(ending => type.Name.EndsWith(ending, StringComparison.Ordinal))
         select $"{path}:{type.Line}: {type.Name} does not say what it is"));

    // Records and enums are the data that a type or a family is made of, so they may stand beside it. A family of
    // classes shares the last word of its names, and the file is called by it: ValueSymbols.cs holds …Symbol.
    [Fact]
    public void A_file_holds_one_public_type_with_its_data_or_one_family() => Findings.None(
        from path in TrackedFiles.CSharp
        let types = TrackedFiles.Outline(path).Types
            .Where(type => type is { IsPublic: true, IsNested: false, Kind: "class" or "interface" or "struct" })
            .ToList()
        where 1 < types.Count && !IsFamily(path, types)
        select $"{path}: {string.Join(", ", types.Select(type => type.Name))}");

    // A line of a raw text is data, such as a metascript; it is as wide as it is.
    private static bool IsInsideText(string path, int line) =>
        path.EndsWith(".cs", StringComparison.Ordinal)
        && string.IsNullOrWhiteSpace(CSharpBlanker.Blank(TrackedFiles.Text(path)).Split('\n')[line])
        && !TrackedFiles.Lines(path)[line].TrimStart().StartsWith("//", StringComparison.Ordinal);

    private static bool IsFamily(string path, IEnumerable<TypeOutline> types)
    {
        var plural = Path.GetFileNameWithoutExtension(path);
        var last = plural[plural.LastIndexOfAny([.. "ABCDEFGHIJKLMNOPQRSTUVWXYZ"])..].TrimEnd('s');
        return types.All(type => type.Name.EndsWith(last, StringComparison.Ordinal));
    }

    private static bool OpensWithSummary(string path)
    {
        bool declares = TrackedFiles.Outline(path).Types.Count > 0;
        var first = TrackedFiles.Lines(path).FirstOrDefault(line => !IsPreamble(line)) ?? "";
        return first.StartsWith("/// <summary>", StringComparison.Ordinal)
            || (!declares && first.StartsWith("// ", StringComparison.Ordinal));
    }

    private static bool IsPreamble(string line) =>
        string.IsNullOrWhiteSpace(line)
        || line.StartsWith("using ", StringComparison.Ordinal)
        || line.StartsWith("global using ", StringComparison.Ordinal)
        || line.StartsWith("namespace ", StringComparison.Ordinal)
        || line.StartsWith("[assembly:", StringComparison.Ordinal)
        || line.StartsWith('#');
}
