using System.Globalization;
using System.Net;
using System.Text;
using Tars.Base;
using Tars.Evolution.Store;

namespace Tars.Cli.Views;

/// <summary>Where a version comes from and what was tried from it, as an SVG tree: one line for each version.</summary>
internal static class LineageTree
{
    private const int AncestorsMax = 20;
    private const double RowHeight = 26;
    private const double Trunk = 20;
    private const double Branch = 60;
    private const double Width = 900;
    private const int WordsMax = 90;

    private sealed record Node(string Class, double X, string Name, string Words);

    public static string Of(EvolveStory story)
    {
        var nodes = Nodes(story).ToList();
        int trunk = nodes.Count(one => one.X < Branch);
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture,
            $"<svg viewBox=\"0 0 {Width} {nodes.Count * RowHeight}\" role=\"img\">");
        svg.Append(CultureInfo.InvariantCulture,
            $"<path class=\"edge\" d=\"M{Trunk} {Middle(0)} V{Middle(trunk - 1)}\"/>");
        foreach (var (place, node) in nodes.Index())
        {
            if (trunk <= place)
            {
                svg.Append(CultureInfo.InvariantCulture,
                    $"<path class=\"edge\" d=\"M{Trunk} {Middle(trunk - 1)} V{Middle(place)} H{Branch}\"/>");
            }

            svg.Append(CultureInfo.InvariantCulture,
                $"<circle class=\"{node.Class}\" cx=\"{node.X}\" cy=\"{Middle(place)}\" r=\"5\"/>");
            svg.Append(CultureInfo.InvariantCulture,
                $"<text class=\"name\" x=\"{node.X + 14}\" y=\"{Middle(place) + 4}\">{Text(node.Name)} ");
            svg.Append(Text(Shortened(node.Words))).Append("</text>");
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static IEnumerable<Node> Nodes(EvolveStory story)
    {
        int left = Math.Max(0, story.Lineage.Length - AncestorsMax);
        if (0 < left)
        {
            yield return new Node("old", Trunk, "…", $"{left} older");
        }

        foreach (var entry in story.Lineage.Skip(left))
        {
            yield return new Node("old", Trunk, entry.Version.Short, Words(entry, story));
        }

        string cost = story.Value(story.Result.Before.Mean("validation"));
        yield return new Node("base", Trunk, story.Base.Short, $"this run began here: {cost}");
        foreach (var one in story.Result.Tried)
        {
            string value = story.Value(one.Evaluation.Mean("validation"));
            bool isBest = one.Id == story.Result.Best?.Id;
            yield return new Node(
                !isBest ? "tried" : story.Result.Passed ? "best" : "refused",
                Branch,
                one.Id.Short,
                $"{value}{(isBest ? ", chosen" : "")}: {one.Planned.Proposal.Rule}: {one.Planned.Proposal.Why}");
        }
    }

    private static string Words(VersionEntry entry, EvolveStory story)
    {
        string score = entry.Score is { } number
            ? $", {story.Value(story.Problem.Minimize ? number : -number)}"
            : "";
        return (entry.Event == VersionEvent.Commit ? "made by evolution" : "written by a person") + score;
    }

    private static string Shortened(string text) => Printable.Shortened(text, WordsMax);

    private static double Middle(int place) => (place + 0.5) * RowHeight;

    private static string Text(string text) => WebUtility.HtmlEncode(Printable.Of(text));
}
