using System.CommandLine;
using System.Diagnostics;
using Tars.Base;
using Tars.Cli.Views;
using Tars.Evolution.Pipeline;
using Tars.Evolution.Planning;
using Tars.Evolution.Search;
using Tars.Evolution.Store;
using Tars.Host.Evolving;

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
        var store = VersionsCommand.Store();
        var json = SynthesizeCommand.StageJson();
        var command = new Command(Name, "Propose edits of a metascript, as JSON.")
        {
            file, planner, evaluations, store, json,
        };
        var models = ModelDesk.Define(command);
        command.SetAction(parsed =>
        {
            using var desk = models(parsed, terminal.FullPath(Folder));
            return Run(
                parsed.GetRequiredValue(file),
                parsed.GetValue(planner)!,
                parsed.GetValue(evaluations)!.Value,
                parsed.GetValue(store)!,
                parsed.GetValue(json),
                desk,
                terminal);
        });
        return command;
    }

    private static int Run(
        string file,
        string asked,
        int evaluations,
        string store,
        bool asJson,
        ModelDesk models,
        Terminal terminal)
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
        using var interrupts = new InterruptSignals();
        if (AnalyzeCommand.Analyze(Name, module, store, parts, terminal, interrupts.Token) is not { } findings)
        {
            return ExitStatus.Unusable;
        }

        var request = new PlanRequest(
            module.Problem, module.Check.Module, findings, module.Problem.Evolution.Seed ?? 1, evaluations)
        {
            Beliefs = BeliefDoubts.Of(module.Check),
        };
        var (plan, stage) = Plan(planner, request, parts, interrupts.Token);
        if (asJson)
        {
            terminal.Output.WriteLine(stage.LineWith(json => EvolveFiles.WritePlan(json, planner.Name, plan ?? [])));
        }
        else if (plan is not null)
        {
            terminal.Output.Write(EvolveFiles.Plan(planner.Name, plan));
        }

        if (plan is null)
        {
            terminal.Error.WriteLine(
                $"tarscli {Name}: {Printable.Of(file)}: the planner could not go on: {Printable.Of(stage.Reasons[0])}");
            return ExitStatus.Faulty;
        }

        return ExitStatus.Fine;
    }

    // No proposals with why.
    private static (IReadOnlyList<Proposal>? Plan, StageRecord Stage) Plan(
        IPlanner planner, PlanRequest request, SearchParts parts, CancellationToken stop)
    {
        var from = VersionId.Of(request.Problem.Source.Text);
        if (planner is RulePlanner)
        {
            // All that they have to say, tried or not.
            IReadOnlyList<Proposal> all = [.. RulePlanner.Proposals(request)];
            return (all, Made(all, evaluations: 0));
        }

        switch (planner.Plan(request, parts, stop))
        {
            case PlanResult.Found found:
                IReadOnlyList<Proposal> best = [.. found.Finalists.Select(one => one.Proposal)];
                return (best, Made(best, found.Evaluations));
            case PlanResult.Stopped stopped:
                return (null, StageRecord.Of(Name, from, VersionId.None, [stopped.Reason]));
            default:
                throw new UnreachableException();
        }

        StageRecord Made(IReadOnlyList<Proposal> plan, int evaluations) => StageRecord.Of(
            Name, from, VersionId.Of(EvolveFiles.Plan(planner.Name, plan)), [],
            ("evaluations", evaluations), ("finalists", plan.Count));
    }
}
