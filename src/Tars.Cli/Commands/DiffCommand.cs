using System.CommandLine;
using Tars.Cli.Views;
using Tars.Evolution.Changes;
using Tars.Host.Files;
using Tars.Lang.Diagnostics;
using Tars.Lang.Yaml;

namespace Tars.Cli.Commands;

/// <summary><c>tarscli diff</c>: what differs between two metascripts, by path; layout and comments do not count.
/// </summary>
internal static class DiffCommand
{
    public static Command Define(Terminal terminal)
    {
        var before = new Argument<string>("A") { Description = "A metascript." };
        var after = new Argument<string>("B") { Description = "Another one, mostly its next version." };
        var json = CommonOptions.Json();
        var command = new Command("diff", "Show what differs between two metascripts, by path.")
        {
            before, after, json,
        };
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(before), parsed.GetRequiredValue(after), parsed.GetValue(json), terminal));
        return command;
    }

    private static int Run(string before, string after, bool asJson, Terminal terminal)
    {
        if (Read("diff", before, asJson, terminal, out int status) is not { } first
            || Read("diff", after, asJson, terminal, out status) is not { } second)
        {
            return status;
        }

        var changes = DocumentDiff.Between(first, second);
        if (asJson)
        {
            terminal.Output.WriteLine(JsonText.Indented(json => ChangeText.Write(json, changes)));
        }
        else
        {
            ChangeText.Write(terminal.Output, changes);
        }

        return ExitStatus.Fine;
    }

    /// <summary>The tree of a metascript that is a document; null after the user was told why there is none.</summary>
    internal static YamlNode? Read(string command, string file, bool asJson, Terminal terminal, out int status)
    {
        status = ExitStatus.Unusable;
        if (InputFile.ReadSource(command, file, terminal) is not { } bytes)
        {
            return null;
        }

        var files = ModuleFiles.Of(terminal.FullPath(file), bytes);
        var bag = new DiagnosticBag();
        var root = YamlReader.Read(files.Source, bag);
        var wrong = files.DiagnosticsOf(files.Source).Concat(bag.ToSorted())
            .Where(one => one.Severity == Severity.Error)
            .Select(one => new PlacedDiagnostic(file, files.Source, one))
            .ToList();
        if (wrong.Count == 0)
        {
            status = ExitStatus.Fine;
            return root;
        }

        status = ExitStatus.Faulty;
        Compilation.ShowFaults(wrong, asJson, terminal);
        return null;
    }
}
