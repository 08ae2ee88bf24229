using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Tars.Base;
using Tars.Cli.Views;
using Tars.Evolution.Gates;
using Tars.Evolution.Pipeline;
using Tars.Evolution.Planning;
using Tars.Evolution.Search;
using Tars.Host.Evolving;
using Tars.Host.Versions;

namespace Tars.Cli.Commands;

/// <summary><c>tarscli evolve</c>: looks for the next version of a metascript, and puts it through the gates.
/// </summary>
internal static class EvolveCommand
{
    private const string Name = "evolve";
    private const int EvaluationsDefault = 20_000;
    private const int RuleEvaluationsDefault = 600;
    private const string ScoresDefault = "output/evolve/scores";

    internal sealed record Options(
        string File,
        string Planner,
        long? Seed,
        int? Evaluations,
        long? Fuel,
        int? Seconds,
        Func<EvolutionProblem, EarlyEnd> End,
        int Workers,
        string? Folder,
        string Store,
        string Scores,
        IReadOnlyList<string> Recorded,
        bool Commit,
        bool ShowsProgress);

    public static Command Define(Terminal terminal)
    {
        var command = new Command(Name, "Let a metascript be changed, within its `evolution`.")
        {
            DefineRun(terminal), EvolveGateCommand.Define(terminal), EvolveTestCommand.Define(terminal),
            EvolveAuditCommand.Define(terminal), EvolvePromptCommand.Define(terminal),
        };
        return command;
    }

    private static Command DefineRun(Terminal terminal)
    {
        var file = new Argument<string>("FILE") { Description = "A metascript with `evolution`." };
        var planner = PlannerOption.Define();
        var seed = NumberOption.Whole(
            "--seed", "Of all chance; else what `evolution` says, else 1.", long.MinValue, long.MaxValue);
        var evaluations = NumberOption.Whole(
            "--evaluations",
            "How many candidates are run; else what `evolution` says.",
            1,
            SearchOptions.EvaluationsMax);
        var seconds = NumberOption.Whole(
            "--seconds", "Ends the planner with the round that is on its way by then.", 1, 1_000_000);
        var workers = NumberOption.Whole(
            "--workers", "Threads; the answer does not depend on them.", 1, 256, Environment.ProcessorCount);
        var fuel = NumberOption.Whole(
            "--fuel", "Fuel that all candidates may burn; else what `evolution` says.", 1, long.MaxValue);
        var folder = new Option<string?>("-o", "--output")
        {
            Description = "Where the run is written; else output/evolve/MODULE.",
            HelpName = "FOLDER",
        };
        var store = Folder("--store", "Where the versions of all modules are.", VersionPlace.Default);
        var scores = Folder("--scores", "Where scores are remembered over runs.", ScoresDefault);
        var recorded = RecordedOption.Define();
        var dryRun = new Option<bool>("--dry-run") { Description = "Write the run, and commit no version." };
        var progress = new Option<bool>("--progress")
        {
            Description = "Tell of each round on standard error; without it only at a terminal.",
        };
        var command = new Command("run", "Look for the next version, and commit what passes all gates.")
        {
            file, planner, seed, evaluations, fuel, seconds, workers, folder, store, scores, recorded, dryRun,
            progress,
        };
        var end = EarlyEndOptions.Define(command, evaluations);
        var models = ModelDesk.Define(command);
        command.SetAction(parsed => Run(
            new Options(
                parsed.GetRequiredValue(file),
                parsed.GetValue(planner)!,
                parsed.GetValue(seed),
                parsed.GetValue(evaluations),
                parsed.GetValue(fuel),
                parsed.GetValue(seconds),
                problem => end(parsed, problem),
                parsed.GetValue(workers)!.Value,
                parsed.GetValue(folder),
                parsed.GetValue(store)!,
                parsed.GetValue(scores)!,
                parsed.GetValue(recorded) ?? [],
                !parsed.GetValue(dryRun),
                parsed.GetValue(progress) || terminal.IsInteractive),
            place => models(parsed, place),
            terminal));
        return command;
    }

    private static Option<string> Folder(string name, string about, string usual) => new(name)
    {
        Description = about,
        HelpName = "FOLDER",
        DefaultValueFactory = _ => usual,
    };

    private static int Run(Options options, Func<string, ModelDesk> models, Terminal terminal)
    {
        // Before anything else: an end that is asked for while files are read is one too.
        using var interrupts = new InterruptSignals();
        if (EvolvingModule.Open(Name, options.File, terminal, out int status) is not { } module)
        {
            return status;
        }

        if (RecordedOption.With(Name, module, options.Recorded, terminal) is not { } whole)
        {
            return ExitStatus.Unusable;
        }

        module = whole;

        string named = options.Folder ?? VersionPlace.Of("output/evolve", module.Problem.Module);
        using var folder = RunFolder.Open(terminal.FullPath(named), out string taken);
        if (folder is null)
        {
            terminal.Error.WriteLine($"tarscli {Name}: {Printable.Of(named)}: {taken}");
            return ExitStatus.Unusable;
        }

        // First of all: who asks for an end from now on means this run.
        if (!EvolveRun.ForgetStop(Name, folder.Path, terminal) || !EvolveRun.Settle(Name, folder.Path, terminal))
        {
            return ExitStatus.Unusable;
        }

        var began = Stopwatch.StartNew();
        var progress = !options.ShowsProgress ? null
            : new LiveProgress(
                terminal.Error,
                terminal.IsInteractive,
                cost => EvolveRun.Text(cost, module.Problem),
                () => began.Elapsed);
        using var desk = models(folder.Path);
        desk.Heard = progress is null ? null : progress.Said;
        if (PlannerOption.Planner(options.Planner, module, desk, terminal, out status) is not { } planner)
        {
            return status;
        }

        string place = VersionPlace.Of(terminal.FullPath(options.Store), module.Problem.Module);
        if (options.Commit && VersionCommit.WhyNoMore(place, module.Problem) is { } why)
        {
            terminal.Error.WriteLine($"tarscli {Name}: {Printable.Of(module.Problem.Module)}: {Printable.Of(why)}");
            return ExitStatus.Faulty;
        }

        if (!GrantDesk.TryBeside(Name, options.File, terminal, out var grants))
        {
            return ExitStatus.Unusable;
        }

        using var memory = ScoreFile.Open(terminal.FullPath(options.Scores), module.Problem.Judge, out string broken);
        if (memory is null)
        {
            terminal.Error.WriteLine($"tarscli {Name}: nothing is remembered over runs: {Printable.Of(broken)}");
        }

        var order = Order(options, module, planner, place);
        TellPatience(order, terminal);
        var parts = new SearchParts(
            terminal.FullPath(options.File), module.Problem.Source.Text, options.Workers, memory, grants, module.Files);
        return new EvolveRun(options, folder.Path, module, order, parts, progress, terminal).Run(interrupts.Token);
    }

    private static void TellPatience(PipelineOrder order, Terminal terminal)
    {
        if (order.Evaluations <= order.End.Patience)
        {
            terminal.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"tarscli {Name}: a patience of {order.End.Patience} ends no run of {order.Evaluations} evaluations"));
        }
    }

    private static PipelineOrder Order(Options options, EvolvingModule module, IPlanner planner, string place)
    {
        int usual = planner is SearchPlanner ? EvaluationsDefault : RuleEvaluationsDefault;
        var evolution = module.Problem.Evolution;
        return new PipelineOrder(
            module.Problem,
            module.Check,
            planner,
            VersionCommit.Head(place, module.Problem.Module),
            options.Seed ?? evolution.Seed ?? 1,
            (int)Math.Min(
                options.Evaluations ?? evolution.Budget.Evaluations ?? usual, SearchOptions.EvaluationsMax))
        {
            Fuel = options.Fuel,
            End = options.End(module.Problem),
        };
    }
}
