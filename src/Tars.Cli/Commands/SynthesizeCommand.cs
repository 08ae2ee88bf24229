using System.Collections.Immutable;
using System.CommandLine;
using System.Text;
using Tars.Base;
using Tars.Bundle.Container;
using Tars.Bundle.Manifest;
using Tars.Cli.Views;
using Tars.Evolution.Changes;
using Tars.Evolution.Edits;
using Tars.Evolution.Gates;
using Tars.Evolution.Pipeline;
using Tars.Host.Files;
using Tars.Lang.Checking;
using Tars.Lang.Diagnostics;
using Tars.Lang.Formatting;

namespace Tars.Cli.Commands;

/// <summary><c>tarscli synthesize</c>: makes edits in a metascript as far as its `evolution` allows them.</summary>
internal static class SynthesizeCommand
{
    private const string Name = "synthesize";

    private sealed record Options(string File, string Edits, int Proposal, string? Output, bool Json);

    public static Command Define(Terminal terminal)
    {
        var file = new Argument<string>("FILE") { Description = "A metascript with `evolution`." };
        var edits = new Option<string>("--edits")
        {
            Description = "A JSON file with the edits (docs/evolution.md).",
            HelpName = "FILE",
            Required = true,
        };
        var proposal = NumberOption.Whole(
            "--proposal", "Which proposal of a plan, counted from 1.", 1, int.MaxValue, 1);
        var output = new Option<string?>("-o", "--output")
        {
            Description = "Where the next version goes; without it to standard output.",
            HelpName = "FILE",
        };
        var json = StageJson();
        var command = new Command(Name, "Make edits in a metascript, as far as its `evolution` allows them.")
        {
            file, edits, proposal, output, json,
        };
        command.SetAction(parsed => Run(
            new Options(
                parsed.GetRequiredValue(file),
                parsed.GetRequiredValue(edits),
                parsed.GetValue(proposal)!.Value,
                parsed.GetValue(output),
                parsed.GetValue(json)),
            terminal));
        return command;
    }

    /// <summary>`--json` of a command that is a stage of a run.</summary>
    public static Option<bool> StageJson() =>
        new("--json") { Description = "A line of JSON for each stage, as in `trace.jsonl`." };

    private static int Run(Options options, Terminal terminal)
    {
        if (InputFile.ReadSource(Name, options.File, terminal) is not { } bytes
            || EditsFile.Read(Name, options.Edits, options.Proposal, terminal) is not { } edits)
        {
            return ExitStatus.Unusable;
        }

        if (options.Output is { } output && TargetOf(output, terminal) == TargetOf(options.File, terminal))
        {
            terminal.Error.WriteLine($"tarscli {Name}: -o {Printable.Of(output)}: that is what is changed, and stays; "
                + "name another file");
            return ExitStatus.Unusable;
        }

        var compilation = Compilation.Check(options.File, bytes, terminal);
        if (compilation.Diagnostics.Any(one => one.IsError))
        {
            Compilation.ShowFaults(compilation.Diagnostics, options.Json, terminal);
            return ExitStatus.Faulty;
        }

        var written = compilation.Sources.Source;
        if (ModuleChecker.Check(written, compilation.Sources).Evolution is not { } evolution)
        {
            terminal.Error.WriteLine(
                $"tarscli {Name}: {Printable.Of(options.File)}: it has no `evolution`, so nothing in it may change");
            return ExitStatus.Faulty;
        }

        // As a run takes it, so that the stages say the same of the same.
        var source = new SourceText(written.Name, Formatter.Format(written, new DiagnosticBag()));
        var made = VersionStages.Synthesize(source, edits, out var result);
        if (result is not EditResult.Edited { Text: var text })
        {
            return Refuse(options, made, [((EditResult.Refused)result).Why], terminal);
        }

        if (options.Json)
        {
            terminal.Output.WriteLine(made.Line);
        }

        var next = ModuleFiles.Of(terminal.FullPath(options.File), Encoding.UTF8.GetBytes(text));
        var validation = VersionStages.Validate(source, next.Source, evolution, next);
        var mistakes = validation.Check?.Diagnostics.Where(one => one.Severity == Severity.Error)
            .Select(one => new PlacedDiagnostic(options.File, next.Source, one)).ToList() ?? [];
        if (mistakes.Count != 0 && !options.Json)
        {
            Compilation.ShowFaults(mistakes, asJson: false, terminal);
            return ExitStatus.Faulty;
        }

        if (!validation.Record.Passed)
        {
            return Refuse(options, validation.Record, validation.Refusals, terminal);
        }

        var grown = Growth(options.File, bytes, text, terminal);
        return grown.IsEmpty
            ? Give(options, text, validation, terminal)
            : Refuse(
                options,
                validation.Record with { Passed = false, Reasons = [.. grown.Select(ChangeText.Of)] },
                grown,
                terminal);
    }

    // A new device in old code is no new line of the document.
    private static ImmutableArray<Refusal> Growth(string file, byte[] before, string after, Terminal terminal) =>
        Manifest(file, before, terminal) is { } had
            && Manifest(file, Encoding.UTF8.GetBytes(after), terminal) is { } has
            ? CapabilityGrowth.Between(had, has)
            : [new Refusal(RefusalKind.CapabilityWidened, "", "what it may touch cannot be told: no bundle of it")];

    private static BundleManifest? Manifest(string file, byte[] text, Terminal terminal) =>
        Compilation.Of(file, text, terminal, includeTests: false).Bundle is { } bundle
            && BundleReader.Read(bundle) is BundleReading.Read { Bundle: var read } ? read.Manifest : null;

    private static int Give(Options options, string text, Validation validation, Terminal terminal)
    {
        if (options.Output is { } output && !Write(output, text, terminal))
        {
            return ExitStatus.Unusable;
        }

        if (options.Json)
        {
            Tell(validation.Record, text, validation.Changes, [], terminal);
        }
        else if (options.Output is null)
        {
            terminal.Output.Write(text);
        }
        else
        {
            ChangeText.Write(terminal.Output, validation.Changes);
        }

        return ExitStatus.Fine;
    }

    private static bool Write(string output, string text, Terminal terminal)
    {
        try
        {
            File.WriteAllText(TargetOf(output, terminal), text);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            InputFile.Refuse(Name, output, e, terminal);
            return false;
        }
    }

    private static string TargetOf(string file, Terminal terminal)
    {
        string path = terminal.FullPath(file);
        return !File.Exists(path) ? path : File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
    }

    private static int Refuse(
        Options options, StageRecord stage, ImmutableArray<Refusal> refusals, Terminal terminal)
    {
        if (options.Json)
        {
            Tell(stage, text: null, [], refusals, terminal);
            return ExitStatus.Faulty;
        }

        foreach (string reason in stage.Reasons)
        {
            terminal.Error.WriteLine($"refused: {Printable.Of(reason)}");
        }

        return ExitStatus.Faulty;
    }

    // What the stage gave stands behind what every stage says.
    private static void Tell(
        StageRecord stage,
        string? text,
        ImmutableArray<DocumentChange> changes,
        ImmutableArray<Refusal> refusals,
        Terminal terminal) => terminal.Output.WriteLine(stage.LineWith(json =>
        {
            json.WriteString("text", text);
            ChangeText.Write(json, changes);
            ChangeText.Write(json, refusals);
        }));
}
