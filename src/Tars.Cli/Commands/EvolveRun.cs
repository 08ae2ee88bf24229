using System.Diagnostics;
using System.Globalization;
using Tars.Base;
using Tars.Cli.Views;
using Tars.Evolution.Gates;
using Tars.Evolution.Pipeline;
using Tars.Evolution.Planning;
using Tars.Evolution.Search;
using Tars.Evolution.Store;
using Tars.Host.Evolving;
using Tars.Host.Versions;

namespace Tars.Cli.Commands;

/// <summary>One run of <c>evolve run</c>: the pipeline, what the user is told, the folder, the commit.</summary>
internal sealed class EvolveRun(
    EvolveCommand.Options options,
    string folder,
    EvolvingModule module,
    PipelineOrder order,
    SearchParts parts,
    LiveProgress? progress,
    Terminal terminal)
{
    private const string Name = "evolve";
    private const string StopFile = "stop";

    private bool Minimize => module.Problem.Minimize;

    /// <param name="interrupt">Ends the planner, as the file does.</param>
    /// <returns>The exit status.</returns>
    public int Run(CancellationToken interrupt)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(interrupt);
        if (options.Seconds is { } seconds)
        {
            stop.CancelAfter(TimeSpan.FromSeconds(seconds));
        }

        string store = VersionPlace.Of(terminal.FullPath(options.Store), module.Problem.Module);
        var lineage = VersionCommit.Lineage(store, module.Problem);
        var looks = VersionCommit.Looks(store, module.Problem);
        var began = Stopwatch.StartNew();
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var result = EvolutionPipeline.Run(order with { Progress = Progress(stop) }, parts, stop.Token);
        progress?.End();
        var timing = new EvolveTiming(
            began.Elapsed,
            Process.GetCurrentProcess().TotalProcessorTime - cpu,
            result.Plan?.Evaluations ?? 0,
            result.Plan?.Remembered ?? 0,
            options.Workers);
        var story = new EvolveStory(result, order, lineage, Committed: null, WhyNot(result))
        {
            Looks = looks,
        };
        if (!Write(story, timing))
        {
            return ExitStatus.Unusable;
        }

        if (result.Best is not { } best)
        {
            TellCounts(result.Plan);
            terminal.Error.WriteLine($"tarscli {Name}: {Printable.Of(result.Why)}");
            return ExitStatus.Faulty;
        }

        Tell(result, best);
        return !result.Passed ? ExitStatus.Faulty
            : result.IsGain && options.Commit ? Commit(story, best, timing)
            : Leave(result.IsGain);
    }

    private int Leave(bool isGain)
    {
        if (!isGain)
        {
            terminal.Output.WriteLine("nothing to commit: it is no better than before");
        }

        return ExitStatus.Fine;
    }

    // What is written when nothing is committed.
    private string WhyNot(PipelineResult result) => result switch
    {
        { Best: null } => result.Why,
        { Passed: false } => $"the gate {result.Verdicts.First(one => !one.Passed).Gate} refused it",
        { IsGain: false } => "it is no better than before",
        _ => options.Commit ? "the run ended before it was" : "a dry run",
    };

    /// <summary>A stop file that was meant for an earlier run ends no later one.</summary>
    /// <returns>False after the user was told why not.</returns>
    public static bool ForgetStop(string command, string folder, Terminal terminal)
    {
        string file = Path.Combine(folder, StopFile);
        try
        {
            if (File.Exists(file))
            {
                File.Delete(file);
            }

            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            InputFile.Refuse(command, file, e, terminal);
            return false;
        }
    }

    private int Commit(EvolveStory story, TriedVersion best, EvolveTiming timing)
    {
        string name = module.Problem.Module;
        double? cost = best.Evaluation.Mean("validation");
        string place = VersionPlace.Of(terminal.FullPath(options.Store), name);
        string notes = EvolveFiles.Verdict(story, best);
        var done = story with { Committed = best.Id, Why = "" };
        if (!Announce(done, timing, new CommitIntent(
            place, name, best.Id, VersionId.Of(notes), VersionCommit.Entries(place, name))))
        {
            return ExitStatus.Unusable;
        }

        var made = VersionCommit.Make(
            place,
            module.Problem,
            best.Text,
            notes,
            Minimize ? cost : -cost,
            DateTimeOffset.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
            out string why);
        if (made is not { } version)
        {
            _ = CommitIntent.Settle(folder, out _);
            terminal.Error.WriteLine($"tarscli {Name}: {Printable.Of(name)}: {Printable.Of(why)}");
            _ = Write(story with { Why = why }, timing);
            return ExitStatus.Faulty;
        }

        terminal.Output.WriteLine($"committed {name} {version.Short}");
        return Settle(Name, folder, terminal) ? ExitStatus.Fine : ExitStatus.Unusable;
    }

    /// <summary>Brings the folder of an earlier run, wherever that was killed, to what the store says.</summary>
    /// <returns>False after the user was told why not.</returns>
    public static bool Settle(string command, string folder, Terminal terminal)
    {
        bool isSettled = CommitIntent.Settle(folder, out string why);
        if (!isSettled)
        {
            terminal.Error.WriteLine($"tarscli {command}: whether the run before committed: {Printable.Of(why)}");
        }

        return isSettled;
    }

    // What will be true of the run is there before it is.
    private bool Announce(EvolveStory done, EvolveTiming timing, CommitIntent intent)
    {
        try
        {
            intent.Write(folder, EvolveFiles.Of(done, timing));
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            InputFile.Refuse(Name, folder, e, terminal);
            return false;
        }
    }

    private void Tell(PipelineResult result, TriedVersion best)
    {
        var output = terminal.Output;
        ChangeText.Write(output, best.Changes);
        foreach (string split in new[] { "train", "validation" })
        {
            output.WriteLine($"{split}: {Printable.Of(module.Problem.Metric)} {Value(result.Before.Mean(split))} → "
                + Value(best.Evaluation.Mean(split)));
        }

        TellCounts(result.Plan);
        Tell(result.Verdicts, terminal);
    }

    /// <summary>What each gate said.</summary>
    public static void Tell(IEnumerable<GateVerdict> verdicts, Terminal terminal)
    {
        foreach (var verdict in verdicts)
        {
            terminal.Output.WriteLine(
                $"gate {verdict.Gate}: {(verdict.Passed ? "passed" : Printable.Of(verdict.Reason))}");
            foreach (string line in verdict.Told)
            {
                terminal.Output.WriteLine($"  {Printable.Of(line)}");
            }
        }
    }

    // A run that found nothing says what it tried all the same, and why a model was of no use.
    private void TellCounts(PlanResult.Found? plan)
    {
        if (plan is null)
        {
            return;
        }

        terminal.Output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{plan.Evaluations} evaluations by {order.Planner.Name}, {plan.GivenUp} of them not to their end, "
                + $"{plan.Remembered} remembered, seed {order.Seed}"));
        foreach (string note in plan.Notes)
        {
            terminal.Output.WriteLine(Printable.Of(note));
        }
    }

    private string Value(double? cost) => Text(cost, module.Problem);

    /// <summary>A cost as the metric's own value.</summary>
    public static string Text(double? cost, EvolutionProblem problem) => cost is { } number
        ? (problem.Minimize ? number : -number).ToString("0.####", CultureInfo.InvariantCulture)
        : "none";

    private bool Write(EvolveStory story, EvolveTiming timing)
    {
        try
        {
            foreach (var (name, text) in EvolveFiles.Of(story, timing))
            {
                File.WriteAllText(Path.Combine(folder, name), text);
            }

            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            InputFile.Refuse(Name, folder, e, terminal);
            return false;
        }
    }

    // The stop file is looked for as often as a round ends.
    private Action<SearchProgress> Progress(CancellationTokenSource stop) => round =>
    {
        if (File.Exists(Path.Combine(folder, StopFile)))
        {
            stop.Cancel();
        }

        progress?.Round(round);
    };
}
