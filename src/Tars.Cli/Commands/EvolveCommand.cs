using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Tars.Base;
using Tars.Evolution.Search;
using Tars.Host.Evolving;
using Tars.Host.Versions;

namespace Tars.Cli.Commands;

/// <summary><c>tarscli evolve</c>: searches for the next version of a metascript, and puts it through the gates.
/// </summary>
internal static class EvolveCommand
{
    private const string Name = "evolve";
    private const int EvaluationsDefault = 20_000;
    private const int ProgressEveryMilliseconds = 1_000;

    internal sealed record Options(
        string File,
        string Planner,
        long? Seed,
        int? Evaluations,
        int Workers,
        string? Folder,
        string Store,
        bool Commit);

    public static Command Define(Terminal terminal)
    {
        var command = new Command(Name, "Let a metascript be changed, within its `evolution`.")
        {
            DefineRun(terminal), EvolveTestCommand.Define(terminal),
        };
        return command;
    }

    private static Command DefineRun(Terminal terminal)
    {
        var file = new Argument<string>("FILE") { Description = "A metascript with `evolution`." };
        var planner = new Option<string>("--planner")
        {
            Description = "Who proposes: search.",
            DefaultValueFactory = _ => "search",
        };
        var seed = new Option<long?>("--seed") { Description = "Of all chance; else what `evolution` says, else 1." };
        var evaluations = new Option<int?>("--evaluations")
        {
            Description = "How many candidates are run; else what `evolution` says.",
        };
        evaluations.Validators.Add(result =>
        {
            if (result.GetValue(evaluations) is < 1 or > SearchOptions.EvaluationsMax)
            {
                result.AddError($"--evaluations is 1 to {SearchOptions.EvaluationsMax}");
            }
        });
        var workers = new Option<int>("--workers")
        {
            Description = "Threads; the answer does not depend on them.",
            DefaultValueFactory = _ => Environment.ProcessorCount,
        };
        workers.Validators.Add(result =>
        {
            if (result.GetValue(workers) is < 1 or > 256)
            {
                result.AddError("--workers is 1 to 256");
            }
        });
        var folder = new Option<string?>("-o", "--output")
        {
            Description = "Where the run is written; else output/evolve/MODULE.",
            HelpName = "FOLDER",
        };
        var store = new Option<string>("--store")
        {
            Description = "Where the versions of all modules are.",
            HelpName = "FOLDER",
            DefaultValueFactory = _ => VersionPlace.Default,
        };
        var dryRun = new Option<bool>("--dry-run") { Description = "Write the run, and commit no version." };
        var command = new Command("run", "Search for the next version, and commit what passes all gates.")
        {
            file, planner, seed, evaluations, workers, folder, store, dryRun,
        };
        command.SetAction(parsed => Run(
            new Options(
                parsed.GetRequiredValue(file),
                parsed.GetValue(planner)!,
                parsed.GetValue(seed),
                parsed.GetValue(evaluations),
                parsed.GetValue(workers),
                parsed.GetValue(folder),
                parsed.GetValue(store)!,
                !parsed.GetValue(dryRun)),
            terminal));
        return command;
    }

    /// <summary>What is searched for in a file; null after the user was told why nothing is.</summary>
    internal static SearchProblem? Problem(string file, Terminal terminal, out int status)
    {
        status = ExitStatus.Unusable;
        if (InputFile.ReadSource(Name, file, terminal) is not { } bytes)
        {
            return null;
        }

        status = ExitStatus.Faulty;
        var compilation = Compilation.Of(file, bytes, terminal, includeTests: true);
        if (compilation.Diagnostics.Any(one => one.IsError))
        {
            Compilation.ShowFaults(compilation.Diagnostics, asJson: false, terminal);
            return null;
        }

        var problem = SearchProblem.Of(
            compilation.Sources.Source, compilation.Result!.Check, out string why); // It was compiled.
        if (problem is null)
        {
            terminal.Error.WriteLine($"tarscli {Name}: {Printable.Of(file)}: {Printable.Of(why)}");
        }

        return problem;
    }

    private static int Run(Options options, Terminal terminal)
    {
        if (options.Planner != "search")
        {
            terminal.Error.WriteLine(
                $"tarscli {Name}: no planner {Printable.Of(options.Planner)} yet; there is search");
            return ExitStatus.Unusable;
        }

        if (Problem(options.File, terminal, out int status) is not { } problem)
        {
            return status;
        }

        var parts = new SearchParts(terminal.FullPath(options.File), problem.Source.Text, options.Workers);
        var search = new SearchOptions(
            options.Seed ?? problem.Evolution.Seed ?? 1,
            (int)Math.Min(
                options.Evaluations ?? problem.Evolution.Budget.Evaluations ?? EvaluationsDefault,
                SearchOptions.EvaluationsMax))
        {
            Progress = ProgressOf(terminal),
        };
        using var interrupts = new InterruptSignals();
        var began = Stopwatch.StartNew();
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var result = GeneSearch.Run(problem, parts, search, interrupts.Token);
        if (result is SearchResult.Stopped stopped)
        {
            terminal.Error.WriteLine($"tarscli {Name}: {Printable.Of(stopped.Reason)}");
            return ExitStatus.Faulty;
        }

        var found = (SearchResult.Found)result;
        var timing = new EvolveTiming(
            began.Elapsed, Process.GetCurrentProcess().TotalProcessorTime - cpu, found.Evaluations, options.Workers);
        return new EvolveRun(options, problem, parts, search, found, timing, terminal).Finish();
    }

    private static Action<SearchProgress> ProgressOf(Terminal terminal)
    {
        long told = Environment.TickCount64;
        return progress =>
        {
            if (ProgressEveryMilliseconds <= Environment.TickCount64 - told)
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
