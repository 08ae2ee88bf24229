using System.CommandLine;
using Tars.Base;
using Tars.Cli.Views;

namespace Tars.Cli.Commands;

/// <summary><c>tarscli check</c>: every mistake in some metascripts, without running anything.</summary>
internal static class CheckCommand
{
    private const string Text = "text";
    private const string Json = "json";
    private const string SarifFormat = "sarif";

    private sealed record Options(string[] Files, string Format);

    public static Command Define(Terminal terminal)
    {
        var command = new Command("check", "Find every mistake in metascripts.");
        Fill(command, terminal);
        return command;
    }

    /// <summary>Gives a command what this one takes and does, so that a program of its own can be it.</summary>
    public static void Fill(Command command, Terminal terminal)
    {
        var files = CommonOptions.Files();
        var format = new Option<string>("--format")
        {
            Description = "How to tell.",
            DefaultValueFactory = _ => Text,
        };
        format.AcceptOnlyFromAmong(Text, Json, SarifFormat);
        var json = CommonOptions.Json();
        command.Add(files);
        command.Add(format);
        command.Add(json);
        command.SetAction(parsed => Run(
            new Options(parsed.GetRequiredValue(files), parsed.GetValue(json) ? Json : parsed.GetValue(format)!),
            terminal));
    }

    private static int Run(Options options, Terminal terminal)
    {
        var checkedFiles = new List<Compilation>();
        var unread = new List<string>();
        foreach (var file in options.Files)
        {
            if (InputFile.ReadSource("check", file, terminal) is { } bytes)
            {
                checkedFiles.Add(Compilation.Check(file, bytes, terminal));
            }
            else
            {
                unread.Add(file);
            }
        }

        var diagnostics = checkedFiles.SelectMany(one => one.Diagnostics).ToList();
        switch (options.Format)
        {
            case SarifFormat:
                terminal.Output.WriteLine(Sarif.Of(diagnostics));
                break;
            case Json:
                ShowJson(checkedFiles, diagnostics, unread, terminal.Output);
                break;
            default:
                ShowText(checkedFiles, diagnostics, unread.Count == 0, terminal);
                break;
        }

        bool faulty = diagnostics.Exists(one => one.IsError);
        return unread.Count != 0 ? ExitStatus.Unusable : faulty ? ExitStatus.Faulty : ExitStatus.Fine;
    }

    private static void ShowJson(
        List<Compilation> checkedFiles, List<PlacedDiagnostic> diagnostics, List<string> unread, TextWriter output) =>
        output.WriteLine(JsonText.Indented(json =>
        {
            DiagnosticJson.Write(json, diagnostics);
            json.List("not_yet_in_force", checkedFiles.SelectMany(Waiting).ToList(), (_, what) =>
                json.WriteStringValue(what));
            json.List("unread", unread, (_, file) => json.WriteStringValue(file));
        }));

    private static void ShowText(
        List<Compilation> checkedFiles, List<PlacedDiagnostic> diagnostics, bool allRead, Terminal terminal)
    {
        new DiagnosticText(terminal.Output, terminal.OutputColors).Write(diagnostics);
        foreach (var what in checkedFiles.SelectMany(Waiting))
        {
            terminal.Output.WriteLine(Printable.Of(what));
        }

        if (DiagnosticText.Count(diagnostics) is { Length: > 0 } count)
        {
            terminal.Output.WriteLine(count);
        }
        else if (allRead)
        {
            terminal.Output.WriteLine("no mistakes");
        }
    }

    // No mistake of the author's: the module is right, and this version is not yet.
    private static IEnumerable<string> Waiting(Compilation compilation) =>
        compilation.NotYetInForce.Select(what => $"{compilation.File}: declared, not yet in force: {what}");
}
