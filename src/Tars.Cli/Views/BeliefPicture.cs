using System.Globalization;
using System.Net;
using System.Text;
using Tars.Bundle.Manifest;
using Tars.Evolution.Analysis;

namespace Tars.Cli.Views;

/// <summary>A belief graph as a picture: for Graphviz, or as SVG that needs nothing.</summary>
internal static class BeliefPicture
{
    private const double Width = 900;
    private const double Height = 640;
    private const double Radius = 240;
    private const double NodeRadius = 34;

    // As many fit beside each other on the ring of a picture of this size; of more the picture is larger.
    private const double NodesOfRing = 14;

    public static string Dot(BeliefGraphSpec graph, BeliefInsight insight)
    {
        var text = new StringBuilder("digraph beliefs {\n  rankdir=BT;\n  node [shape=ellipse];\n");
        foreach (var (place, belief) in graph.Beliefs.Index())
        {
            text.Append(CultureInfo.InvariantCulture,
                $"  \"{belief.Name}\" [label=\"{belief.Name}\\n{insight.Strengths.Strengths[place]:0.000}\"];\n");
        }

        // Names stand in quotes: `node` and `graph` are words of Graphviz, and may be beliefs.
        foreach (var (place, relation) in graph.Relations.Index())
        {
            string look = relation.Supports ? "color=darkgreen" : "color=firebrick, arrowhead=tee";
            text.Append(CultureInfo.InvariantCulture,
                $"  \"{graph.Beliefs[relation.From].Name}\" -> \"{graph.Beliefs[relation.To].Name}\" ")
                .Append(CultureInfo.InvariantCulture, $"[label=\"{Label(relation, insight, place)}\", {look}];\n");
        }

        return text.Append("}\n").ToString();
    }

    public static string Svg(BeliefGraphSpec graph, BeliefInsight insight)
    {
        var text = new StringBuilder();
        double scale = Scale(graph.Beliefs.Length);
        text.Append(CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width * scale:0} {Height * scale:0}\" ")
            .Append("font-family=\"sans-serif\" font-size=\"13\" text-anchor=\"middle\">\n");
        foreach (var (place, relation) in graph.Relations.Index())
        {
            AppendRelation(text, graph, relation, Label(relation, insight, place));
        }

        foreach (var (place, belief) in graph.Beliefs.Index())
        {
            var (x, y) = Place(place, graph.Beliefs.Length);
            double strength = insight.Strengths.Strengths[place];
            int light = (int)Math.Round(95 - (45 * strength));
            text.Append(CultureInfo.InvariantCulture,
                $"<circle cx=\"{x:0.0}\" cy=\"{y:0.0}\" r=\"{NodeRadius}\" fill=\"hsl(210,60%,{light}%)\" ")
                .Append("stroke=\"#333\"><title>").Append(WebUtility.HtmlEncode(belief.Claim))
                .Append("</title></circle>\n")
                .Append(CultureInfo.InvariantCulture, $"<text x=\"{x:0.0}\" y=\"{y + 5:0.0}\">{strength:0.00}</text>\n")
                .Append(CultureInfo.InvariantCulture, $"<text x=\"{x:0.0}\" y=\"{y + NodeRadius + 16:0.0}\">")
                .Append(WebUtility.HtmlEncode(belief.Name)).Append("</text>\n");
        }

        return text.Append("</svg>\n").ToString();
    }

    // The head of an arrow is drawn by hand: a support ends in a point, an attack in a bar.
    private static void AppendRelation(
        StringBuilder text, BeliefGraphSpec graph, RelationSpec relation, string label)
    {
        if (relation.From == relation.To)
        {
            return; // A belief that bears on itself is told by `check`.
        }

        var (x1, y1) = Place(relation.From, graph.Beliefs.Length);
        var (x2, y2) = Place(relation.To, graph.Beliefs.Length);
        double length = Math.Sqrt(((x2 - x1) * (x2 - x1)) + ((y2 - y1) * (y2 - y1)));
        double dx = (x2 - x1) / length;
        double dy = (y2 - y1) / length;
        (x1, y1) = (x1 + (dx * NodeRadius), y1 + (dy * NodeRadius));
        (x2, y2) = (x2 - (dx * NodeRadius), y2 - (dy * NodeRadius));
        string color = relation.Supports ? "#1a7f37" : "#b3261e";
        double back = relation.Supports ? 10 : 0;
        text.Append(CultureInfo.InvariantCulture,
            $"<path d=\"M{x1:0.0} {y1:0.0} L{x2:0.0} {y2:0.0} ")
            .Append(CultureInfo.InvariantCulture,
                $"M{x2 - (dx * back) - (dy * 7):0.0} {y2 - (dy * back) + (dx * 7):0.0} ")
            .Append(CultureInfo.InvariantCulture, $"L{x2:0.0} {y2:0.0} ")
            .Append(CultureInfo.InvariantCulture,
                $"L{x2 - (dx * back) + (dy * 7):0.0} {y2 - (dy * back) - (dx * 7):0.0}\" ")
            .Append(CultureInfo.InvariantCulture,
                $"stroke=\"{color}\" stroke-width=\"{1 + (3 * relation.Weight):0.0}\" fill=\"none\"/>\n")
            .Append(CultureInfo.InvariantCulture,
                $"<text x=\"{(x1 + x2) / 2:0.0}\" y=\"{(y1 + y2) / 2:0.0}\" fill=\"{color}\">")
            .Append(label).Append("</text>\n");
    }

    // The weight, and what the relation adds to where it leads.
    private static string Label(RelationSpec relation, BeliefInsight insight, int place) => string.Create(
        CultureInfo.InvariantCulture, $"{relation.Weight:0.##} ({insight.Contributions[place]:+0.000;-0.000;0.000})");

    private static double Scale(int count) => Math.Max(1, count / NodesOfRing);

    private static (double X, double Y) Place(int place, int count)
    {
        double angle = (2 * Math.PI * place / count) - (Math.PI / 2);
        double scale = Scale(count);
        return (
            scale * ((Width / 2) + (Radius * 1.3 * Math.Cos(angle))),
            scale * ((Height / 2) + (Radius * Math.Sin(angle))));
    }
}
