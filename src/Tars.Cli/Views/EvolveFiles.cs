using System.Text.Json;
using Tars.Bundle.Schema;
using Tars.Cli.Commands;
using Tars.Evolution.Edits;
using Tars.Evolution.Pipeline;
using Tars.Evolution.Planning;
using Tars.Evolution.Store;

namespace Tars.Cli.Views;

/// <summary>The files of a run's folder. All but `timing.json` are the same whenever the run is made again.</summary>
internal static class EvolveFiles
{
    public static IEnumerable<(string Name, string Text)> Of(EvolveStory story, EvolveTiming timing)
    {
        var result = story.Result;
        yield return ("analysis.json", JsonText.Indented(json => AnalysisText.Write(json, result.Findings)) + "\n");
        yield return ("trace.jsonl", Lines(result.Trace.Select(one => one.Line)));
        yield return ("archive.jsonl", Lines(result.Plan?.Archive ?? []));
        var proposals = result.Plan?.Finalists.Select(one => one.Proposal) ?? [];
        yield return ("plan.json", Plan(story.Order.Planner.Name, proposals));
        if (result.Best is { } best)
        {
            yield return ("best.tars", best.Text);
        }

        yield return ("verdict.json", Verdict(story) + "\n");
        yield return ("report.html", EvolveHtml.Of(story));
        yield return ("timing.json", Timing(timing) + "\n");
    }

    /// <summary>Proposals as `synthesize` takes them.</summary>
    public static string Plan(string planner, IEnumerable<Proposal> proposals) =>
        JsonText.Indented(json => WritePlan(json, planner, proposals)) + "\n";

    /// <summary>The members of a plan.</summary>
    public static void WritePlan(Utf8JsonWriter json, string planner, IEnumerable<Proposal> proposals)
    {
        json.WriteString("planner", planner);
        json.List("proposals", proposals, (_, one) =>
        {
            json.WriteStartObject();
            json.WriteString("rule", one.Rule);
            json.WriteString("why", one.Why);
            json.List("edits", one.Edits, EditJson.Write);
            json.WriteEndObject();
        });
    }

    /// <summary>What is kept of a version beside its text.</summary>
    public static string Verdict(EvolveStory story, TriedVersion best) =>
        JsonText.Indented(json => WriteVerdict(json, story.Result, story.Order, [best]));

    private static string Verdict(EvolveStory story) => JsonText.Indented(json =>
    {
        json.WriteBoolean("committed", story.Committed is not null);
        json.WriteString("why", story.Why);
        WriteVerdict(json, story.Result, story.Order, story.Result.Tried);
    });

    private static void WriteVerdict(
        Utf8JsonWriter json, PipelineResult result, PipelineOrder order, IEnumerable<TriedVersion> tried)
    {
        json.WriteString("version", result.Best?.Id.ToString() ?? "");
        json.WriteString("parent", VersionId.Of(order.Problem.Source.Text).ToString());
        json.WriteString("judge", order.Problem.Judge.ToString());
        json.WriteString("planner", order.Planner.Name);
        json.WriteNumber("seed", order.Seed);
        json.WriteNumber("evaluations", result.Plan?.Evaluations ?? 0);
        json.WriteNumber("given_up", result.Plan?.GivenUp ?? 0);
        json.List("gates", result.Verdicts, (_, verdict) =>
        {
            json.WriteStartObject();
            json.WriteString("gate", verdict.Gate);
            json.WriteBoolean("passed", verdict.Passed);
            json.WriteString("reason", verdict.Reason);
            if (!verdict.Told.IsEmpty)
            {
                json.List("told", verdict.Told, (_, line) => json.WriteStringValue(line));
            }

            json.WriteEndObject();
        });
        if (!order.Problem.Recordings.IsEmpty)
        {
            json.List("recorded", order.Problem.Recordings, (_, one) =>
            {
                json.WriteStartObject();
                json.WriteString("name", one.Name);
                json.WriteString("hash", one.Hash.ToString());
                json.WriteEndObject();
            });
        }

        json.List("finalists", tried, (_, one) =>
        {
            json.WriteStartObject();
            json.WriteString("version", one.Id.ToString());
            json.WriteString("rule", one.Planned.Proposal.Rule);
            json.WriteString("why", one.Planned.Proposal.Why);
            json.WriteString("train", FloatText.Of(one.Planned.Train.Mean));
            json.WriteString("validation", FloatText.Of(one.Evaluation.Mean("validation") ?? double.NaN));
            json.WriteNumber("fuel", one.Evaluation.Runs.Sum(run => run.Outcome.Fuel));
            json.WriteEndObject();
        });
    }

    private static string Timing(EvolveTiming timing) => JsonText.Indented(json =>
    {
        json.WriteNumber("seconds", timing.Elapsed.TotalSeconds);
        json.WriteNumber("processor_seconds", timing.Processor.TotalSeconds);
        json.WriteNumber("workers", timing.Workers);
        json.WriteNumber("remembered", timing.Remembered);
        if (TimeSpan.Zero < timing.Processor)
        {
            json.WriteNumber(
                "evaluations_per_processor_second",
                (timing.Evaluations - timing.Remembered) / timing.Processor.TotalSeconds);
        }
        else
        {
            json.WriteNull("evaluations_per_processor_second"); // Less than the clock can tell.
        }
    });

    private static string Lines(IEnumerable<string> lines) => string.Concat(lines.Select(line => line + "\n"));
}
