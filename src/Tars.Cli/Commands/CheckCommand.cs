using System.CommandLine;
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
        var files = CommonOptions.Files();
        var format = new Option<string>("--format")
        {
            Description = "How to tell.",
            DefaultValueFactory = _ => Text,
        };
        format.AcceptOnlyFromAmong(Text, Json, SarifFormat);
        var json = CommonOptions.Json();
        var command = new Command("check", "Find every mistake in metascripts.") { files, format, json };
        command.SetAction(parsed => Run(
            new Options(parsed.GetRequiredValue(files), parsed.GetValue(json) ? Json : parsed.GetValue(format)!),
            terminal));
        return command;
    }

    private static int Run(Options options, Terminal terminal)
    {
        var diagnostics = new List<PlacedDiagnostic>();
        bool allRead = true;
        foreach (var file in options.Files)
        {
            if (InputFile.Read("check", file, terminal) is { } bytes)
            {
                diagnostics.AddRange(Compilation.Check(file, bytes, terminal));
            }
            else
            {
                allRead = false;
            }
        }

        Show(options, diagnostics, allRead, terminal);
        bool faulty = diagnostics.Exists(one => one.IsError);
        return !allRead ? ExitStatus.Unusable : faulty ? ExitStatus.Faulty : ExitStatus.Fine;
    }

    private static void Show(
        Options options, List<PlacedDiagnostic> diagnostics, bool allRead, Terminal terminal)
    {
        switch (options.Format)
        {
            case SarifFormat:
                terminal.Output.WriteLine(Sarif.Of(diagnostics));
                break;
            case Json:
                terminal.Output.WriteLine(JsonText.Indented(json => DiagnosticJson.Write(json, diagnostics)));
                break;
            default:
                new DiagnosticText(terminal.Output, terminal.OutputColors).Write(diagnostics);
                if (DiagnosticText.Count(diagnostics) is { Length: > 0 } count)
                {
                    terminal.Output.WriteLine(count);
                }
                else if (allRead)
                {
                    terminal.Output.WriteLine("no mistakes");
                }

                break;
        }
    }
}
