using System.Globalization;
using System.Text.Json;
using Tars.Base;
using Tars.Bundle.Manifest;
using Tars.Evolution.Analysis;

namespace Tars.Cli.Views;

/// <summary>Beliefs, what bears on them and what would turn them over, for people and as JSON.</summary>
internal static class BeliefText
{
    public static void Write(TextWriter output, BeliefGraphSpec graph, BeliefInsight insight)
    {
        int width = graph.Beliefs.Max(one => one.Name.Length);
        foreach (var (place, belief) in graph.Beliefs.Index())
        {
            string strength = Number(insight.Strengths.Strengths[place]);
            output.WriteLine($"{Printable.Of(belief.Name).PadRight(width)} {strength} "
                + $"from {Number(belief.Prior)}: {Printable.Of(belief.Claim)}");
            foreach (var (index, relation) in graph.Relations.Index().Where(one => one.Item.To == place))
            {
                output.WriteLine($"  {Signed(insight.Contributions[index])} {Text(graph, relation)}");
            }

            foreach (var flip in insight.Flips.Where(one => one.Belief == place))
            {
                output.WriteLine($"  turns over {Cause(graph, flip)}, to {Number(flip.Strength)}{End(flip)}");
            }
        }

        string most = insight.Repair.IsExact ? "" : "at most ";
        output.WriteLine(
            $"{most}{insight.Repair.Relations.Length} of {graph.Relations.Length} relations contradict the rest");
        foreach (int place in insight.Repair.Relations)
        {
            output.WriteLine($"  without {Text(graph, graph.Relations[place])}");
        }

        if (!insight.Strengths.Converged)
        {
            output.WriteLine("the strengths do not settle, and mean nothing");
        }
    }

    public static void Write(Utf8JsonWriter json, BeliefGraphSpec graph, BeliefInsight insight)
    {
        json.WriteBoolean("settled", insight.Strengths.Converged);
        json.WriteNumber("frustration", insight.Repair.Relations.Length);
        json.WriteBoolean("frustration_exact", insight.Repair.IsExact);
        json.List("repair", insight.Repair.Relations, (_, place) => json.WriteNumberValue(place));
        json.List("beliefs", graph.Beliefs.Index(), (_, one) =>
        {
            json.WriteStartObject();
            json.WriteString("name", one.Item.Name);
            json.WriteString("claim", one.Item.Claim);
            json.WriteNumber("prior", one.Item.Prior);
            json.WriteNumber("strength", insight.Strengths.Strengths[one.Index]);
            json.WriteEndObject();
        });
        json.List("relations", graph.Relations.Index(), (_, one) =>
        {
            json.WriteStartObject();
            json.WriteString("from", graph.Beliefs[one.Item.From].Name);
            json.WriteString(one.Item.Supports ? "supports" : "attacks", graph.Beliefs[one.Item.To].Name);
            json.WriteNumber("weight", one.Item.Weight);
            json.WriteNumber("contribution", insight.Contributions[one.Index]);
            json.WriteEndObject();
        });
        json.List("flips", insight.Flips, (_, flip) =>
        {
            json.WriteStartObject();
            json.WriteString("belief", graph.Beliefs[flip.Belief].Name);
            json.WriteNumber("strength", flip.Strength);
            json.WriteString("by", Cause(graph, flip));
            if (flip is BeliefFlip.Observation observed)
            {
                json.WriteNumber("border", observed.At);
                json.WriteNumber("strength_at", observed.End);
            }

            json.WriteEndObject();
        });
    }

    private static string Cause(BeliefGraphSpec graph, BeliefFlip flip) => flip switch
    {
        BeliefFlip.Observation observed =>
            $"when {Printable.Of(graph.Beliefs[observed.Of].Name)} is observed "
                + $"{(observed.End < observed.At ? "below" : "above")} {Number(observed.At)}",
        BeliefFlip.Removal removed => $"without {Text(graph, graph.Relations[removed.Relation])}",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    // The strength is that at an end; at the border it is one half.
    private static string End(BeliefFlip flip) =>
        flip is BeliefFlip.Observation observed ? $" at {Number(observed.End)}" : "";

    private static string Text(BeliefGraphSpec graph, RelationSpec relation) => Printable.Of(
        $"{graph.Beliefs[relation.From].Name} {(relation.Supports ? "supports" : "attacks")} "
            + $"{graph.Beliefs[relation.To].Name} ({Number(relation.Weight)})");

    private static string Number(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);

    private static string Signed(double value) => value.ToString("+0.000;-0.000; 0.000", CultureInfo.InvariantCulture);
}
