using System.CommandLine;
using System.Diagnostics;
using Tars.Base;
using Tars.Cli.Views;
using Tars.Evolution.Planning;
using Tars.Evolution.Search;
using Tars.Host.Evolving;
using Tars.Host.Versions;

namespace Tars.Cli.Commands;

/// <summary><c>tarscli plan</c>: what a planner proposes for a metascript, as edits that `synthesize` makes.</summary>
internal static class PlanCommand
{
    private const string Name = "plan";
    private const int EvaluationsDefault = 1_000;

    // Where the exchanges with a model are kept.
    private const string Folder = "output/plan";

    public static Command Define(Terminal terminal)
    {
        var file = new Argument<string>("FILE") { Description = "A metascript with `evolution`." };
        var planner = PlannerOption.Define();
        var evaluations = NumberOption.Whole(
            "--evaluations",
            "How many candidates a planner that tries them may run.",
            1,
            SearchOptions.EvaluationsMax,
            EvaluationsDefault);
        var command = new Command(Name, "Propose edits of a metascript, as JSON.") { file, planner, evaluations };
        var models = ModelDesk.Define(command);
        command.SetAction(parsed =>
        {
            using var desk = models(parsed, terminal.FullPath(Folder));
            return Run(
                parsed.GetRequiredValue(file),
                parsed.GetValue(planner)!,
                parsed.GetValue(evaluations)!.Value,
                desk,
                terminal);
        });
        return command;
    }

    private static int Run(string file, string asked, int evaluations, ModelDesk models, Terminal terminal)
    {
        if (EvolvingModule.Open(Name, file, terminal, out int status) is not { } module)
        {
            return status;
        }

        if (PlannerOption.Planner(asked, module, models, terminal, out status) is not { } planner)
        {
            return status;
        }

        if (!GrantDesk.TryBeside(Name, file, terminal, out var grants))
        {
            return ExitStatus.Unusable;
        }

        var parts = new SearchParts(
            terminal.FullPath(file),
            module.Problem.Source.Text,
            Environment.ProcessorCount,
            memory: null,
            grants,
            module.Files);
        var findings = AnalyzeCommand.Analyze(module, VersionPlace.Default, parts, terminal);
        var request = new PlanRequest(
            module.Problem, module.Check.Module, findings, module.Problem.Evolution.Seed ?? 1, evaluations)
        {
            Beliefs = BeliefDoubts.Of(module.Check),
        };
        if (planner is RulePlanner)
        {
            terminal.Output.Write(EvolveFiles.Plan(planner.Name, RulePlanner.Proposals(request)));
            return ExitStatus.Fine;
        }

        using var interrupts = new InterruptSignals();
        switch (planner.Plan(request, parts, interrupts.Token))
        {
            case PlanResult.Found found:
                terminal.Output.Write(EvolveFiles.Plan(planner.Name, found.Finalists.Select(one => one.Proposal)));
                return ExitStatus.Fine;
            case PlanResult.Stopped stopped:
                terminal.Error.WriteLine(
                    $"tarscli {Name}: {Printable.Of(file)}: the planner could not go on: "
                    + Printable.Of(stopped.Reason));
                return ExitStatus.Faulty;
            default:
                throw new UnreachableException();
        }
    }
}
