using System.Collections.Immutable;
using System.Text.Json;
using Tars.Evolution.Store;

namespace Tars.Evolution.Pipeline;

/// <summary>What one stage of a run did, as one line of `trace.jsonl`.</summary>
/// <param name="Stage">analyze, plan, synthesize, validate, dry-run, choose, gate or commit.</param>
/// <param name="Inputs">What it was given, by its hash.</param>
/// <param name="Outputs">What it gave, by its hash; none for nothing.</param>
/// <param name="Reasons">Why not, or what else there is to say.</param>
/// <param name="Cost">What it cost, in the units of the stage.</param>
public sealed record StageRecord(
    string Stage,
    VersionId Inputs,
    VersionId Outputs,
    bool Passed,
    ImmutableArray<string> Reasons,
    ImmutableArray<KeyValuePair<string, long>> Cost)
{
    /// <param name="stage">What did it.</param>
    /// <param name="reasons">None where it passed.</param>
    public static StageRecord Of(
        string stage,
        VersionId inputs,
        VersionId outputs,
        ReadOnlySpan<string> reasons,
        params ReadOnlySpan<(string Unit, long Amount)> cost)
    {
        var costs = ImmutableArray.CreateBuilder<KeyValuePair<string, long>>(cost.Length);
        foreach (var (unit, amount) in cost)
        {
            costs.Add(KeyValuePair.Create(unit, amount));
        }

        return new StageRecord(stage, inputs, outputs, reasons.IsEmpty, [.. reasons], costs.ToImmutable());
    }

    /// <summary>The line.</summary>
    public string Line => LineWith(_ => { });

    /// <summary>The line of a stage that shows what it gave too.</summary>
    /// <param name="more">Writes members behind those that every line has.</param>
    public string LineWith(Action<Utf8JsonWriter> more) => JsonLine.Of(json =>
    {
        json.WriteString("stage", Stage);
        json.WriteString("inputs", Inputs.ToString());
        json.WriteString("outputs", Outputs.ToString());
        json.WriteString("verdict", Passed ? "passed" : "refused");
        json.WriteStartArray("reasons");
        foreach (string reason in Reasons)
        {
            json.WriteStringValue(reason);
        }

        json.WriteEndArray();
        json.WriteStartObject("cost");
        foreach (var (unit, amount) in Cost)
        {
            json.WriteNumber(unit, amount);
        }

        json.WriteEndObject();
        more(json);
    });
}
