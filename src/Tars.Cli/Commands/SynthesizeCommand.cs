using System.Collections.Immutable;
using System.CommandLine;
using System.Text;
using Tars.Base;
using Tars.Cli.Views;
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

    private sealed record Options(string File, string Edits, string? Output, bool Json);

    public static Command Define(Terminal terminal)
    {
        var file = new Argument<string>("FILE") { Description = "A metascript with `evolution`." };
        var edits = new Option<string>("--edits")
        {
            Description = "A JSON file with the edits (docs/evolution.md).",
            HelpName = "FILE",
            Required = true,
        };
        var output = new Option<string?>("-o", "--output")
        {
            Description = "Where the next version goes; without it to standard output.",
            HelpName = "FILE",
        };
        var json = CommonOptions.Json();
        var command = new Command(Name, "Make edits in a metascript, as far as its `evolution` allows them.")
        {
            file, edits, output, json,
        };
        command.SetAction(parsed => Run(
            new Options(
                parsed.GetRequiredValue(file),
                parsed.GetRequiredValue(edits),
                parsed.GetValue(output),
                parsed.GetValue(json)),
            terminal));
        return command;
    }

    private static int Run(Options options, Terminal terminal)
    {
        if (InputFile.ReadSource(Name, options.File, terminal) is not { } bytes
            || InputFile.Read(Name, options.Edits, terminal) is not { } json)
        {
            return ExitStatus.Unusable;
        }

        var compilation = Compilation.Check(options.File, bytes, terminal);
        if (compilation.Diagnostics.Any(one => one.IsError))
        {
            Compilation.ShowFaults(compilation.Diagnostics, options.Json, terminal);
            return ExitStatus.Faulty;
        }

        var edits = EditJson.Read(json, out string? problem);
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

        return Give(options, text, before, after, terminal);
    }

    private static int Give(Options options, string text, YamlNode before, YamlNode after, Terminal terminal)
    {
        if (options.Output is { } output)
        {
            try
            {
                File.WriteAllText(terminal.FullPath(output), text);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                InputFile.Refuse(Name, output, e, terminal);
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
