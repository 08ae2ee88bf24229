using System.CommandLine;
using System.Text;
using Tars.Cli.Views;

namespace Tars.Cli.Commands;

/// <summary><c>tarscli fmt</c>: metascripts in their one canonical layout, or whether they are.</summary>
internal static class FmtCommand
{
    private static readonly UTF8Encoding _utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private sealed record Options(string[] Files, bool CheckOnly, bool Json);

    /// <summary>What became of one file.</summary>
    private enum Outcome
    {
        Unchanged,
        Changed,
        Faulty,
        Unusable,
    }

    public static Command Define(Terminal terminal)
    {
        var files = CommonOptions.Files();
        files.Description = "A metascript, or - to format standard input to standard output.";
        var check = new Option<bool>("--check")
        {
            Description = "Write nothing; name what is not formatted, and end with status 1 if there is any.",
        };
        var json = CommonOptions.Json();
        var command = new Command("fmt", "Format metascripts.") { files, check, json };
        command.SetAction(parsed => Run(
            new Options(parsed.GetRequiredValue(files), parsed.GetValue(check), parsed.GetValue(json)), terminal));
        return command;
    }

    private static int Run(Options options, Terminal terminal)
    {
        var diagnostics = new List<PlacedDiagnostic>();
        var outcomes = options.Files
            .Select(file => (File: file, Outcome: Format(file, options, diagnostics, terminal)))
            .ToList();
        if (options.Json)
        {
            terminal.Output.WriteLine(JsonText.Indented(json =>
            {
                json.List("files", outcomes, (_, one) =>
                {
                    json.WriteStartObject();
                    json.WriteString("file", one.File);
                    json.WriteString("outcome", one.Outcome.ToString().ToLowerInvariant());
                    json.WriteEndObject();
                });
                DiagnosticJson.Write(json, diagnostics);
            }));
        }
        else
        {
            new DiagnosticText(terminal.Error, terminal.ErrorColors).Write(diagnostics);
            var changed = outcomes.Where(one => one.Outcome == Outcome.Changed && one.File != InputFile.Standard);
            foreach (var (file, _) in changed)
            {
                terminal.Output.WriteLine(options.CheckOnly ? $"{file} is not formatted" : $"{file} formatted");
            }
        }

        return outcomes.Max(one => StatusOf(one.Outcome, options));
    }

    private static int StatusOf(Outcome outcome, Options options) => outcome switch
    {
        Outcome.Unchanged => ExitStatus.Fine,
        Outcome.Changed => options.CheckOnly ? ExitStatus.Faulty : ExitStatus.Fine,
        Outcome.Faulty => ExitStatus.Faulty,
        Outcome.Unusable => ExitStatus.Unusable,
    };

    private static Outcome Format(string file, Options options, List<PlacedDiagnostic> diagnostics, Terminal terminal)
    {
        if (InputFile.ReadSource("fmt", file, terminal) is not { } bytes)
        {
            return Outcome.Unusable;
        }

        if (Compilation.Format(file, bytes, terminal, diagnostics) is not { } formatted)
        {
            return Outcome.Faulty;
        }

        bool same = bytes.AsSpan().SequenceEqual(_utf8.GetBytes(formatted));
        if (options.CheckOnly)
        {
            return same ? Outcome.Unchanged : Outcome.Changed;
        }

        if (file == InputFile.Standard)
        {
            terminal.Output.Write(formatted);
            return same ? Outcome.Unchanged : Outcome.Changed;
        }

        return same ? Outcome.Unchanged : Write(file, formatted, terminal);
    }

    // Written beside and moved over, so that a stop in between leaves the old text or the new one, never half of it.
    private static Outcome Write(string file, string formatted, Terminal terminal)
    {
        var path = terminal.FullPath(file);
        var target = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        var beside = $"{target}.{Environment.ProcessId}.tmp";
        try
        {
            File.Copy(target, beside); // It brings the rights along.
            File.WriteAllText(beside, formatted, _utf8);
            File.Move(beside, target, overwrite: true);
            return Outcome.Changed;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            File.Delete(beside);
            InputFile.Refuse("fmt", file, e, terminal);
            return Outcome.Unusable;
        }
    }
}
