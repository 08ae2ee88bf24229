using System.CommandLine;
using Tars.Base;
using Tars.Cli.Views;
using Tars.Evolution.Analysis;
using Tars.Evolution.Pipeline;
using Tars.Evolution.Search;
using Tars.Evolution.Store;
using Tars.Host.Evolving;
using Tars.Host.Versions;

namespace Tars.Cli.Commands;

/// <summary><c>tarscli analyze</c>: what is known of a metascript before anybody proposes anything.</summary>
internal static class AnalyzeCommand
{
    private const string Name = "analyze";

    public static Command Define(Terminal terminal)
    {
        var file = new Argument<string>("FILE") { Description = "A metascript with `evolution`." };
        var store = new Option<string>("--store")
        {
            Description = "Where the versions of all modules are; the head is what it is compared with.",
            HelpName = "FOLDER",
            DefaultValueFactory = _ => VersionPlace.Default,
        };
        var json = SynthesizeCommand.StageJson();
        var command = new Command(Name, "Run a metascript's scenarios, and tell what is wrong with it.")
        {
            file, store, json,
        };
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(file), parsed.GetValue(store)!, parsed.GetValue(json), terminal));
        return command;
    }

    /// <summary>What is known of a module; what is compared with is the head of its store. Null after the user was told
    /// that it was interrupted.</summary>
    public static ModuleAnalysis? Analyze(
        string command,
        EvolvingModule module,
        string store,
        ISearchParts parts,
        Terminal terminal,
        CancellationToken stop)
    {
        string place = VersionPlace.Of(terminal.FullPath(store), module.Problem.Module);
        string? head = VersionCommit.Head(place, module.Problem.Module);
        try
        {
            return Analyzer.Run(module.Problem, module.Check, head, parts, stop);
        }
        catch (OperationCanceledException)
        {
            terminal.Error.WriteLine($"tarscli {command}: interrupted, so nothing is said of it");
            return null;
        }
    }

    private static int Run(string file, string store, bool asJson, Terminal terminal)
    {
        if (EvolvingModule.Open(Name, file, terminal, out int status) is not { } module)
        {
            return status;
        }

        if (!GrantDesk.TryBeside(Name, file, terminal, out var grants))
        {
            return ExitStatus.Unusable;
        }

        var parts = new SearchParts(
            terminal.FullPath(file), module.Problem.Source.Text, workers: 1, memory: null, grants, module.Files);
        using var interrupts = new InterruptSignals();
        if (Analyze(Name, module, store, parts, terminal, interrupts.Token) is not { } analysis)
        {
            return ExitStatus.Unusable;
        }

        if (asJson)
        {
            var stage = StageRecord.Of(
                Name, VersionId.Of(module.Problem.Source.Text), VersionId.None, analysis.Refusals.AsSpan(),
                ("findings", analysis.Findings.Length));
            terminal.Output.WriteLine(stage.LineWith(json => AnalysisText.Write(json, analysis)));
        }
        else
        {
            AnalysisText.Write(terminal.Output, analysis);
        }

        foreach (string reason in analysis.Refusals)
        {
            terminal.Error.WriteLine(
                $"tarscli {Name}: {Printable.Of(file)}: nothing could be run: {Printable.Of(reason)}");
        }

        return analysis.Refusals.IsEmpty ? ExitStatus.Fine : ExitStatus.Faulty;
    }
}
