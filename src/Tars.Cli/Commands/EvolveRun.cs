using System.Diagnostics;
using System.Globalization;
using Tars.Base;
using Tars.Cli.Views;
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
    IPlanner planner,
    PipelineOrder order,
    SearchParts parts,
    Terminal terminal)
{
    private const string Name = "evolve";
    private const string StopFile = "stop";
    private const int ProgressEveryMilliseconds = 1_000;

    private bool Minimize => module.Problem.Minimize;

    /// <summary>The exit status.</summary>
    public int Run()
    {
        using var interrupts = new InterruptSignals();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(interrupts.Token);
        if (options.Seconds is { } seconds)
        {
            stop.CancelAfter(TimeSpan.FromSeconds(seconds));
        }

        if (!ForgetStop())
        {
            return ExitStatus.Unusable;
        }

        var began = Stopwatch.StartNew();
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var result = EvolutionPipeline.Run(order with { Progress = Progress(stop) }, parts, stop.Token);
        var timing = new EvolveTiming(
            began.Elapsed,
            Process.GetCurrentProcess().TotalProcessorTime - cpu,
            result.Plan?.Evaluations ?? 0,
            result.Plan?.Remembered ?? 0,
            options.Workers);
        if (!Write(result, timing, committed: null, result.Why))
        {
            return ExitStatus.Unusable;
        }

        if (result.Best is not { } best)
        {
            terminal.Error.WriteLine($"tarscli {Name}: {Printable.Of(result.Why)}");
            return ExitStatus.Faulty;
        }

        Tell(result, best);
        return !result.Passed ? ExitStatus.Faulty : Commit(result, best, timing);
    }

    // A stop file that was meant for an earlier run ends no later one.
    private bool ForgetStop()
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
            InputFile.Refuse(Name, file, e, terminal);
            return false;
        }
    }

    private int Commit(PipelineResult result, TriedVersion best, EvolveTiming timing)
    {
        if (!result.IsGain)
        {
            terminal.Output.WriteLine("nothing to commit: it is no better than before");
            return Write(result, timing, committed: null, "it is no better than before")
                ? ExitStatus.Fine
                : ExitStatus.Unusable;
        }

        if (!options.Commit)
        {
            return Write(result, timing, committed: null, "a dry run") ? ExitStatus.Fine : ExitStatus.Unusable;
        }

        string name = module.Problem.Module;
        double? cost = best.Evaluation.Mean("validation");
        var made = VersionCommit.Make(
            VersionPlace.Of(terminal.FullPath(options.Store), name),
            module.Problem,
            best.Text,
            EvolveFiles.Verdict(result, order, best),
            Minimize ? cost : -cost,
            DateTimeOffset.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
            out string why);
        if (made is not { } version)
        {
            terminal.Error.WriteLine($"tarscli {Name}: {Printable.Of(name)}: {Printable.Of(why)}");
            _ = Write(result, timing, committed: null, why);
            return ExitStatus.Faulty;
        }

        terminal.Output.WriteLine($"committed {name} {version.Short}");
        return Write(result, timing, version, "") ? ExitStatus.Fine : ExitStatus.Unusable;
    }

    private void Tell(PipelineResult result, TriedVersion best)
    {
        var output = terminal.Output;
        var plan = result.Plan!; // There is no best without one.
        ChangeText.Write(output, best.Changes);
        foreach (string split in new[] { "train", "validation" })
        {
            output.WriteLine($"{split}: {Printable.Of(module.Problem.Metric)} {Value(result.Before.Mean(split))} → "
                + Value(best.Evaluation.Mean(split)));
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{plan.Evaluations} evaluations by {planner.Name}, {plan.GivenUp} of them not to their end, "
                + $"{plan.Remembered} remembered, seed {order.Seed}"));
        foreach (string note in plan.Notes)
        {
            output.WriteLine(Printable.Of(note));
        }

        foreach (var verdict in result.Verdicts)
        {
            output.WriteLine($"gate {verdict.Gate}: {(verdict.Passed ? "passed" : Printable.Of(verdict.Reason))}");
        }
    }

    private string Value(double? cost) => cost is { } number
        ? (Minimize ? number : -number).ToString("0.####", CultureInfo.InvariantCulture)
        : "none";

    private bool Write(PipelineResult result, EvolveTiming timing, VersionId? committed, string why)
    {
        try
        {
            Directory.CreateDirectory(folder);
            foreach (var (name, text) in EvolveFiles.Of(result, order, planner, timing, committed, why))
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
    private Action<SearchProgress> Progress(CancellationTokenSource stop)
    {
        long told = Environment.TickCount64;
        return progress =>
        {
            if (File.Exists(Path.Combine(folder, StopFile)))
            {
                stop.Cancel();
            }

            if (options.ShowsProgress && ProgressEveryMilliseconds <= Environment.TickCount64 - told)
            {
                told = Environment.TickCount64;
                string cost = progress.Best.ToString("0.####", CultureInfo.InvariantCulture);
                terminal.Error.WriteLine(
                    $"generation {progress.Generation}, {progress.Evaluations} evaluations, cost {cost}");
                terminal.Error.Flush();
            }
        };
    }
}
