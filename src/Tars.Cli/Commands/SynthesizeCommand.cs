using System.Collections.Immutable;
using System.CommandLine;
using System.Text;
using Tars.Base;
using Tars.Bundle.Container;
using Tars.Bundle.Manifest;
using Tars.Cli.Views;
using Tars.Devices.Host;
using Tars.Evolution.Changes;
using Tars.Evolution.Edits;
using Tars.Evolution.Gates;
using Tars.Host.Files;
using Tars.Lang.Checking;
using Tars.Lang.Diagnostics;
using Tars.Lang.Yaml;

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
        var json = CommonOptions.Json();
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

    private static int Run(Options options, Terminal terminal)
    {
        if (InputFile.ReadSource(Name, options.File, terminal) is not { } bytes
            || Edits(options.Edits, terminal) is not { } json)
        {
            return ExitStatus.Unusable;
        }

        var compilation = Compilation.Check(options.File, bytes, terminal);
        if (compilation.Diagnostics.Any(one => one.IsError))
        {
            Compilation.ShowFaults(compilation.Diagnostics, options.Json, terminal);
            return ExitStatus.Faulty;
        }

        var edits = EditJson.Read(json, options.Proposal, out string? problem);
        if (problem is not null)
        {
            terminal.Error.WriteLine($"tarscli {Name}: {Printable.Of(options.Edits)}: {Printable.Of(problem)}");
            return ExitStatus.Unusable;
        }

        var source = compilation.Sources.Source;
        var evolution = ModuleChecker.Check(source, compilation.Sources).Evolution;
        if (evolution is null)
        {
            terminal.Error.WriteLine(
                $"tarscli {Name}: {Printable.Of(options.File)}: it has no `evolution`, so nothing in it may change");
            return ExitStatus.Faulty;
        }

        var result = EditApplication.Apply(source, edits);
        if (result is EditResult.Refused refused)
        {
            return Refuse(options, [refused.Why], terminal);
        }

        string text = ((EditResult.Edited)result).Text;
        var (before, after) = (Tree(source), Tree(new SourceText(source.Name, text)));
        var refusals = DocumentRules.Judge(before, after, evolution);
        if (!refusals.IsEmpty)
        {
            return Refuse(options, refusals, terminal);
        }

        var next = ModuleFiles.Of(terminal.FullPath(options.File), Encoding.UTF8.GetBytes(text));
        var wrong = ModuleChecker.Check(next.Source, next).Diagnostics
            .Where(one => one.Severity == Severity.Error)
            .Select(one => new PlacedDiagnostic(options.File, next.Source, one))
            .ToList();
        if (0 < wrong.Count)
        {
            Compilation.ShowFaults(wrong, options.Json, terminal);
            return ExitStatus.Faulty;
        }

        var grown = Growth(options.File, bytes, text, terminal);
        return grown.IsEmpty ? Give(options, text, before, after, terminal) : Refuse(options, grown, terminal);
    }

    // A pipe that nobody writes to would be waited for without end; standard input is there for those.
    private static byte[]? Edits(string file, Terminal terminal)
    {
        try
        {
            if (file == InputFile.Standard || FileContent.MayBeRead(terminal.FullPath(file)))
            {
                return InputFile.Read(Name, file, terminal);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            InputFile.Refuse(Name, file, e, terminal);
            return null;
        }

        terminal.Error.WriteLine(
            $"tarscli {Name}: {Printable.Of(file)}: empty, or no regular file; standard input is {InputFile.Standard}");
        return null;
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

    private static int Give(Options options, string text, YamlNode before, YamlNode after, Terminal terminal)
    {
        if (options.Output is { } output)
        {
            if (!Write(options.File, output, text, terminal))
            {
                return ExitStatus.Unusable;
            }
        }

        var changes = DocumentDiff.Between(before, after);
        if (options.Json)
        {
            terminal.Output.WriteLine(JsonText.Indented(json =>
            {
                json.WriteString("text", text);
                ChangeText.Write(json, changes);
                ChangeText.Write(json, Array.Empty<Refusal>());
            }));
        }
        else if (options.Output is null)
        {
            terminal.Output.Write(text);
        }
        else
        {
            ChangeText.Write(terminal.Output, changes);
        }

        return ExitStatus.Fine;
    }

    // Onto the source itself it is written beside and moved over: a stop in between must not leave half of it.
    private static bool Write(string source, string output, string text, Terminal terminal)
    {
        string? beside = null;
        try
        {
            string target = TargetOf(output, terminal);
            if (target != TargetOf(source, terminal))
            {
                File.WriteAllText(target, text);
                return true;
            }

            beside = $"{target}.{Environment.ProcessId}.tmp";
            File.Copy(target, beside); // It brings the rights along.
            File.WriteAllText(beside, text);
            File.Move(beside, target, overwrite: true);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (beside is not null)
            {
                File.Delete(beside);
            }

            InputFile.Refuse(Name, output, e, terminal);
            return false;
        }
    }

    private static string TargetOf(string file, Terminal terminal)
    {
        string path = terminal.FullPath(file);
        return !File.Exists(path) ? path : File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
    }

    private static int Refuse(Options options, IReadOnlyCollection<Refusal> refusals, Terminal terminal)
    {
        if (options.Json)
        {
            terminal.Output.WriteLine(JsonText.Indented(json =>
            {
                json.WriteNull("text");
                ChangeText.Write(json, ImmutableArray<DocumentChange>.Empty);
                ChangeText.Write(json, refusals);
            }));
            return ExitStatus.Faulty;
        }

        foreach (var refusal in refusals)
        {
            terminal.Error.WriteLine($"refused: {ChangeText.Of(refusal)}");
        }

        return ExitStatus.Faulty;
    }

    private static YamlNode Tree(SourceText source) => YamlReader.Read(source, new DiagnosticBag());
}
