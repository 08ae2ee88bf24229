using System.Xml.Linq;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Tidy;

/// <summary>The layer table in docs/ARCHITECTURE.md, the project files and the solution say the same thing.</summary>
public sealed class LayeringTests
{
    [Fact]
    public void Project_references_are_exactly_those_in_the_architecture_document() =>
        Assert.Equal(Documented(), Actual());

    [Fact]
    public void A_project_uses_only_lower_layers()
    {
        var layers = Rows().ToDictionary(row => row.Project, row => row.Layer);
        Findings.None(
            from row in Rows()
            from used in row.Uses
            where layers[row.Project] <= layers[used]
            select $"{row.Project} in layer {row.Layer} uses {used} in layer {layers[used]}");
    }

    [Fact]
    public void Every_folder_of_a_project_is_described_in_its_section()
    {
        var sections = TrackedFiles.Text("docs/ARCHITECTURE.md").Split("\n### ")
            .ToDictionary(section => section.Split('\n')[0], section => section);
        Findings.None(
            from path in TrackedFiles.All
            let parts = path.Split('/')
            where parts is ["src", _, _, _, ..]
            let section = sections.GetValueOrDefault(parts[1], "")
            where !section.Contains($"`{parts[2]}/`", StringComparison.Ordinal)
            select $"docs/ARCHITECTURE.md: the section of {parts[1]} does not say what lives in `{parts[2]}/`");
    }

    [Fact]
    public void The_solution_names_every_project()
    {
        var named = XDocument.Load(RepoRoot.File("Tars.slnx")).Descendants("Project")
            .Select(project => (string)project.Attribute("Path")!);
        var onDisk = TrackedFiles.All.Where(path => path.EndsWith(".csproj", StringComparison.Ordinal));
        Assert.Equal(onDisk.Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Documented() =>
        Rows().Select(row => $"{row.Project}: {Sorted(row.Uses)}").Order(StringComparer.Ordinal);

    private static IEnumerable<string> Actual() =>
        TrackedFiles.All
            .Where(path => path.StartsWith("src/", StringComparison.Ordinal))
            .Where(path => path.EndsWith(".csproj", StringComparison.Ordinal))
            .Select(path => $"{Path.GetFileNameWithoutExtension(path)}: {Sorted(References(path))}")
            .Order(StringComparer.Ordinal);

    private static IEnumerable<string> References(string path) =>
        XDocument.Parse(TrackedFiles.Text(path)).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension((string)reference.Attribute("Include")!));

    private static IEnumerable<(int Layer, string Project, string[] Uses)> Rows() =>
        from line in TrackedFiles.Lines("docs/ARCHITECTURE.md")
        where line.StartsWith("| ", StringComparison.Ordinal) && line.Contains("| Tars.", StringComparison.Ordinal)
        let cells = line.Split('|', StringSplitOptions.TrimEntries)
        select (int.Parse(cells[1]), cells[2], cells[3] == "-" ? [] : cells[3].Split(", "));

    private static string Sorted(IEnumerable<string> names) => string.Join(", ", names.Order(StringComparer.Ordinal));
}
