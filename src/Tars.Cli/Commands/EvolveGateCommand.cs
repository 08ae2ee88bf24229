using System.Collections.Immutable;
using System.CommandLine;
using Tars.Base;
using Tars.Cli.Views;
using Tars.Evolution.Edits;
using Tars.Evolution.Gates;
using Tars.Evolution.Pipeline;
using Tars.Evolution.Store;
using Tars.Host.Evolving;

namespace Tars.Cli.Commands;

/// <summary><c>tarscli evolve gate</c>: takes edits of one's own, or a version, through the stages of a run, and
/// commits nothing.</summary>
internal static class EvolveGateCommand
{
    private const string Name = "evolve";

    private sealed record Options(
        string File, string? Next, string? Edits, int Proposal, IReadOnlyList<string> Recorded, bool Json);

    public static Command Define(Terminal terminal)
    {
        var file = new Argument<string>("FILE") { Description = "A metascript with `evolution`." };
        var next = new Argument<string?>("NEXT")
        {
            Description = "Another version of it, judged in the place of FILE; or --edits.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var edits = new Option<string?>("--edits")
        {
            Description = "A JSON file with edits of FILE (docs/evolution.md).",
            HelpName = "FILE",
        };
        var proposal = NumberOption.Whole(
            "--proposal", "Which proposal of a plan, counted from 1.", 1, int.MaxValue, 1);
        var recorded = RecordedOption.Define();
        var json = SynthesizeCommand.StageJson();
        var command = new Command(
            "gate", "Ask whether edits of one's own, or a version, may be the next; nothing is committed.")
        {
            file, next, edits, proposal, recorded, json,
        };
        command.Validators.Add(result =>
        {
            if ((result.GetValue(next) is null) == (result.GetValue(edits) is null))
            {
                result.AddError("evolve gate wants NEXT or --edits, one of the two");
            }
            else if (result.GetValue(edits) is null && result.GetResult(proposal) is { Implicit: false })
            {
                result.AddError("--proposal is for --edits");
            }
        });
        command.SetAction(parsed => Run(
            new Options(
                parsed.GetRequiredValue(file),
                parsed.GetValue(next),
                parsed.GetValue(edits),
                parsed.GetValue(proposal)!.Value,
                parsed.GetValue(recorded) ?? [],
                parsed.GetValue(json)),
            terminal));
        return command;
    }

    private static int Run(Options options, Terminal terminal)
    {
        if (EvolvingModule.Open(Name, options.File, terminal, out int status) is not { } read)
        {
            return status;
        }

        if (RecordedOption.With(Name, read, options.Recorded, terminal) is not { } module
            || !GrantDesk.TryBeside(Name, options.File, terminal, out var grants))
        {
            return ExitStatus.Unusable;
        }

        ImmutableArray<Edit> edits = [];
        string? next = null;
        if (options.Edits is { } file)
        {
            if (EditsFile.Read(Name, file, options.Proposal, terminal) is not { } asked)
            {
                return ExitStatus.Unusable;
            }

            edits = asked;
        }
        else if ((next = Version(options.Next!, options.Json, terminal, out status)) is null) // One of the two is.
        {
            return status;
        }

        var parts = new SearchParts(
            terminal.FullPath(options.File),
            module.Problem.Source.Text,
            workers: 1,
            memory: null,
            grants,
            module.Files);
        using var interrupts = new InterruptSignals();
        var stages = new VersionStages(
            module.Problem, parts, record => Tell(options, record, terminal), interrupts.Token);
        try
        {
            return Judge(options, module.Problem, stages, next ?? stages.Synthesize(edits), terminal);
        }
        catch (OperationCanceledException)
        {
            terminal.Error.WriteLine($"tarscli {Name}: interrupted, so nothing is said of it");
            return ExitStatus.Unusable;
        }
    }

    // Null with a status after the user was told what is wrong with it.
    private static string? Version(string file, bool asJson, Terminal terminal, out int status)
    {
        status = ExitStatus.Unusable;
        if (InputFile.ReadSource(Name, file, terminal) is not { } bytes)
        {
            return null;
        }

        status = ExitStatus.Faulty;
        var wrong = new List<PlacedDiagnostic>();
        string? text = Compilation.Format(file, bytes, terminal, wrong);
        if (text is null)
        {
            Compilation.ShowFaults(wrong, asJson, terminal);
        }

        return text;
    }

    private static int Judge(
        Options options, EvolutionProblem problem, VersionStages stages, string? text, Terminal terminal)
    {
        if (text is null || !stages.Validate(text, out var changes))
        {
            return ExitStatus.Faulty;
        }

        if (!options.Json)
        {
            ChangeText.Write(terminal.Output, changes);
        }

        var after = stages.DryRun(text, planned: null, out _);
        if (!options.Json)
        {
            foreach (string split in new[] { "train", "validation" })
            {
                terminal.Output.WriteLine(
                    $"{split}: {Printable.Of(problem.Metric)} {EvolveRun.Text(stages.Before.Mean(split), problem)} → "
                    + EvolveRun.Text(after.Mean(split), problem));
            }
        }

        var verdicts = stages.Gate(text, after);
        bool isPassed = verdicts.All(one => one.Passed);
        if (!options.Json)
        {
            EvolveRun.Tell(verdicts, terminal);
            if (stages.Before.Mean("train") is { } was && was < after.Mean("train"))
            {
                terminal.Output.WriteLine("note: it costs more on train, which no gate asks");
            }

            string worth = !isPassed ? "refused"
                : VersionStages.IsGain(stages.Before, after) ? "it may be the next version"
                : "it may be, and is no better than before";
            terminal.Output.WriteLine($"{Printable.Of(problem.Module)} {VersionId.Of(text).Short}: {worth}");
        }

        return isPassed ? ExitStatus.Fine : ExitStatus.Faulty;
    }

    // At once: a stage may take its time.
    private static void Tell(Options options, StageRecord record, Terminal terminal)
    {
        if (options.Json)
        {
            terminal.Output.WriteLine(record.Line);
        }
        else if (record.Stage != VersionStages.GateStage)
        {
            foreach (string reason in record.Reasons.DefaultIfEmpty("passed"))
            {
                terminal.Output.WriteLine($"{record.Stage}: {Printable.Of(reason)}");
            }
        }

        terminal.Output.Flush();
    }
}
