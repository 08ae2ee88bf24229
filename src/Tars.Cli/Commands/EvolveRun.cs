using System.Collections.Immutable;
using System.Globalization;
using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Cli.Views;
using Tars.Evolution.Edits;
using Tars.Evolution.Gates;
using Tars.Evolution.Search;
using Tars.Evolution.Store;
using Tars.Host.Evolving;
using Tars.Host.Versions;
using Tars.Lang.Checking;

namespace Tars.Cli.Commands;

/// <summary>What follows a search: its finalists by the whole path, the choice, the gates, the folder, the commit.
/// </summary>
internal sealed class EvolveRun(
    EvolveCommand.Options options,
    SearchProblem problem,
    SearchParts parts,
    SearchOptions search,
    SearchResult.Found found,
    EvolveTiming timing,
    Terminal terminal)
{
    private const string Name = "evolve";
    private const string By = "evolve";

    private Evaluation? _before;

    private sealed record Tried(Finalist Finalist, string Text, Evaluation Evaluation);

    private Evaluation Before =>
        _before ??= Evaluation.Run(problem.Source.Text, problem, parts, ["train", "validation"]);

    /// <summary>The exit status.</summary>
    public int Finish()
    {
        var tried = new List<Tried>();
        foreach (var finalist in found.Finalists)
        {
            if (Try(finalist) is not { } one)
            {
                return ExitStatus.Unusable;
            }

            tried.Add(one);
        }

        // Selection sees what the search did not.
        var best = tried.Where(one => one.Evaluation.Mean("validation") is not null)
            .MinBy(one => one.Evaluation.Mean("validation"));
        if (best is null)
        {
            terminal.Error.WriteLine(tried.Count == 0
                ? $"tarscli {Name}: no candidate was run to its end: it was stopped, or `nodes_at_most` leaves none"
                : $"tarscli {Name}: no candidate gave a number on every run");
            return ExitStatus.Faulty;
        }

        var verdicts = VersionGates.Judge(problem, best.Text, parts);
        Tell(best, verdicts);
        if (!Write(best, tried, verdicts))
        {
            return ExitStatus.Unusable;
        }

        return !verdicts.All(one => one.Passed) ? ExitStatus.Faulty
            : options.Commit && IsGain(best) ? Commit(best, verdicts)
            : ExitStatus.Fine;
    }

    // What is as good passes the gates, and is not worth a version.
    private bool IsGain(Tried best)
    {
        bool isGain = Before.Mean("validation") is not { } before || best.Evaluation.Mean("validation") < before;
        if (!isGain)
        {
            terminal.Output.WriteLine("nothing to commit: it is no better than before");
        }

        return isGain;
    }

    // The whole path has to say what the nursery said: a difference would be ours, and ends the run.
    private Tried? Try(Finalist finalist)
    {
        var edit = new Edit.Set(problem.Path, new DataNode.Text($"return {finalist.Code}"));
        if (EditApplication.Apply(problem.Source, [edit]) is not EditResult.Edited edited)
        {
            terminal.Error.WriteLine($"tarscli {Name}: {finalist.Code} cannot be written");
            return null;
        }

        var evaluation = Evaluation.Run(edited.Text, problem, parts, ["train", "validation"]);
        var costs = evaluation.Of("train").Select(one => one.Cost ?? double.NaN).ToList();
        if (!costs.SequenceEqual(finalist.Score.Costs))
        {
            terminal.Error.WriteLine(
                $"tarscli {Name}: {finalist.Code} by itself is not what it was among others: {evaluation.Problem}");
            return null;
        }

        return new Tried(finalist, edited.Text, evaluation);
    }

    private void Tell(Tried best, ImmutableArray<GateVerdict> verdicts)
    {
        var output = terminal.Output;
        output.WriteLine($"{Printable.Of(problem.Function)}: return {Printable.Of(best.Finalist.Code)}");
        foreach (string split in new[] { "train", "validation" })
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{split}: {problem.Metric} {Value(Before.Mean(split))} → {Value(best.Evaluation.Mean(split))}"));
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{found.Evaluations} evaluations, {found.GivenUp} of them given up early, seed {search.Seed}"));
        foreach (var verdict in verdicts)
        {
            output.WriteLine($"gate {verdict.Gate}: {(verdict.Passed ? "passed" : Printable.Of(verdict.Reason))}");
        }
    }

    private string Value(double? cost) => cost is { } number
        ? (problem.Minimize ? number : -number).ToString("0.####", CultureInfo.InvariantCulture)
        : "none";

    private bool Write(Tried best, List<Tried> tried, ImmutableArray<GateVerdict> verdicts)
    {
        string module = ModuleOf(best);
        string folder = terminal.FullPath(options.Folder ?? VersionPlace.Of("output/evolve", module));
        try
        {
            Directory.CreateDirectory(folder);
            string archive = string.Concat(found.Archive.Select(line => line + "\n"));
            File.WriteAllText(Path.Combine(folder, "archive.jsonl"), archive);
            File.WriteAllText(Path.Combine(folder, "best.tars"), best.Text);
            File.WriteAllText(Path.Combine(folder, "verdict.json"), Verdict(best, tried, verdicts) + "\n");
            File.WriteAllText(Path.Combine(folder, "timing.json"), Timing() + "\n");
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            InputFile.Refuse(Name, folder, e, terminal);
            return false;
        }
    }

    private string Verdict(Tried best, List<Tried> tried, ImmutableArray<GateVerdict> verdicts) =>
        JsonText.Indented(json =>
        {
            json.WriteString("version", VersionId.Of(best.Text).ToString());
            json.WriteString("parent", VersionId.Of(problem.Source.Text).ToString());
            json.WriteNumber("seed", search.Seed);
            json.WriteNumber("evaluations", found.Evaluations);
            json.WriteNumber("given_up", found.GivenUp);
            json.List("gates", verdicts, (_, verdict) =>
            {
                json.WriteStartObject();
                json.WriteString("gate", verdict.Gate);
                json.WriteBoolean("passed", verdict.Passed);
                json.WriteString("reason", verdict.Reason);
                json.WriteEndObject();
            });
            json.List("finalists", tried, (_, one) =>
            {
                json.WriteStartObject();
                json.WriteString("code", one.Finalist.Code);
                json.WriteString("train", FloatText.Of(one.Finalist.Score.Mean));
                json.WriteString("validation", FloatText.Of(one.Evaluation.Mean("validation") ?? double.NaN));
                json.WriteNumber("fuel", one.Evaluation.Runs.Sum(run => run.Outcome.Fuel));
                json.WriteEndObject();
            });
        });

    private string Timing() => JsonText.Indented(json =>
    {
        json.WriteNumber("seconds", timing.Elapsed.TotalSeconds);
        json.WriteNumber("processor_seconds", timing.Processor.TotalSeconds);
        json.WriteNumber("workers", timing.Workers);
        if (TimeSpan.Zero < timing.Processor)
        {
            json.WriteNumber("evaluations_per_processor_second", timing.Evaluations / timing.Processor.TotalSeconds);
        }
        else
        {
            json.WriteNull("evaluations_per_processor_second"); // Less than the clock can tell.
        }
    });

    private int Commit(Tried best, ImmutableArray<GateVerdict> verdicts)
    {
        string module = ModuleOf(best);
        string place = VersionPlace.Of(terminal.FullPath(options.Store), module);
        using var folder = VersionFolder.Open(place, module, out string why);
        if (folder is null || !Record(folder, best, verdicts, out why))
        {
            terminal.Error.WriteLine($"tarscli {Name}: {Printable.Of(module)}: {Printable.Of(why)}");
            return ExitStatus.Faulty;
        }

        terminal.Output.WriteLine($"committed {module} {folder.History.Head.Short}");
        return ExitStatus.Fine;
    }

    private bool Record(VersionFolder folder, Tried best, ImmutableArray<GateVerdict> verdicts, out string why)
    {
        int most = problem.Evolution.VersionsPerSession;
        if (most <= folder.History.SinceApproval)
        {
            why = $"{most} versions since a person approved one, and no more; tarscli versions approve";
            return false;
        }

        var parent = VersionId.Of(problem.Source.Text);
        if (folder.History.Head != parent && folder.History.Find(parent) is not null)
        {
            why = $"the file is {parent.Short}, and the head is {folder.History.Head.Short} by now; "
                + "tarscli versions show, or rollback";
            return false;
        }

        // What a person wrote since is a version too, and the parent of this one.
        string at = DateTimeOffset.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        var kept = VersionHistory.Entry(VersionEvent.Keep, parent, By, at) with { Parent = folder.History.Head };
        if (folder.History.Head != parent && !folder.Record(kept, [problem.Source.Text], out why))
        {
            return false;
        }

        string notes = Verdict(best, [best], verdicts);
        var entry = VersionHistory.Entry(VersionEvent.Commit, VersionId.Of(best.Text), By, at) with
        {
            Parent = parent,
            Notes = VersionId.Of(notes),
            Score = problem.Minimize ? best.Evaluation.Mean("validation") : -best.Evaluation.Mean("validation"),
        };
        return folder.Record(entry, [best.Text, notes], out why);
    }

    private static string ModuleOf(Tried best) => best.Evaluation.Manifest!.Name; // What was tried was compiled.
}
