using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text;
using Tars.Base;
using Tars.Cli.Views;

namespace Tars.Cli.Commands;

/// <summary><c>tarscli simulate-agentic</c>: scenarios in virtual time, with report, plots and trace.</summary>
internal static class SimulateCommand
{
    private const string Name = "simulate-agentic";
    private const string ModuleEnding = ".tars";

    private sealed record Options(
        string File,
        ScenarioRuns.Choice Choice,
        string Engine,
        string? Trace,
        string? Html,
        bool DryRun,
        bool Json);

    public static Command Define(Terminal terminal)
    {
        var file = new Argument<string>("FILE") { Description = "A metascript." };
        var scenario = new Option<string?>("--scenario")
        {
            Description = "Only the scenario of this name.", HelpName = "NAME",
        };
        var seed = new Option<string?>("--seed")
        {
            Description = "This seed in place of the scenario's own.", HelpName = "N",
        };
        seed.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && RunCommand.Seed(token.Value) is null or > long.MaxValue)
            {
                result.AddError(
                    $"--seed wants a whole number from 0 to {long.MaxValue}, not '{Printable.Of(token.Value)}'");
            }
        });
        var trace = new Option<string?>("--trace")
        {
            Description = "Write what happens, a line for each effect; - is standard output.", HelpName = "OUT",
        };
        var html = new Option<string?>("--html")
        {
            Description = "Write a report with a plot for each metric.", HelpName = "OUT",
        };
        var dryRun = new Option<bool>("--dry-run")
        {
            Description = "Write nothing but the answer. Devices and stores are never touched.",
        };
        var engine = EngineOption.Define();
        var json = CommonOptions.Json();
        var command = new Command(Name, "Run the scenarios of a metascript in virtual time.")
        {
            file, scenario, seed, engine, trace, html, dryRun, json,
        };
        command.Validators.Add(result => CheckOutputs(result, trace, html, dryRun, terminal));
        command.SetAction(parsed => Run(
            new Options(
                parsed.GetRequiredValue(file),
                new ScenarioRuns.Choice(
                    parsed.GetValue(scenario),
                    parsed.GetValue(seed) is { } number ? (long)RunCommand.Seed(number)!.Value : null),
                parsed.GetRequiredValue(engine),
                parsed.GetValue(trace),
                parsed.GetValue(html),
                parsed.GetValue(dryRun),
                parsed.GetValue(json)),
            terminal));
        return command;
    }

    private static void CheckOutputs(
        CommandResult result, Option<string?> trace, Option<string?> html, Option<bool> dryRun, Terminal terminal)
    {
        // A report has no other place than a file.
        var written = new[] { trace, html }.Where(one => result.GetValue(one) is { Length: > 0 } path
            && (one == html || path != InputFile.Standard)).ToArray();
        foreach (var option in new[] { trace, html }.Where(one => result.GetValue(one) is ""))
        {
            result.AddError($"{option.Name} wants the name of a file, not ''");
        }

        if (result.GetValue(dryRun) && 0 < written.Length)
        {
            result.AddError("--dry-run writes no files, so --trace and --html have no place beside it");
            return;
        }

        string[] paths = [.. written.Select(one => terminal.FullPath(result.GetValue(one)!))]; // It has a length.
        foreach (string path in paths.Where(one => one.EndsWith(ModuleEnding, StringComparison.Ordinal)))
        {
            result.AddError($"{Printable.Of(Path.GetFileName(path))}: a metascript is not written over; give the file "
                + "another ending");
        }

        if (paths.Distinct(StringComparer.Ordinal).Count() < paths.Length)
        {
            result.AddError("--trace and --html want a file each");
        }
    }

    private static int Run(Options options, Terminal terminal)
    {
        if (InputFile.ReadSource(Name, options.File, terminal) is not { } bytes)
        {
            return ExitStatus.Unusable;
        }

        var compiled = Compilation.Of(options.File, bytes, terminal, includeTests: false);
        if (compiled.Bundle is null)
        {
            Compilation.ShowFaults(compiled.Diagnostics, options.Json, terminal);
            return ExitStatus.Faulty;
        }

        var scenarios = compiled.Result!.Check.Scenarios;
        if (options.Choice.Scenario is { } wanted && scenarios.All(one => one.Name != wanted))
        {
            string known = string.Join(", ", scenarios.Select(one => $"'{one.Name}'"));
            terminal.Error.WriteLine(
                $"tarscli {Name}: no scenario '{Printable.Of(wanted)}'; there is {Printable.Of(known)}");
            return ExitStatus.Unusable;
        }

        if (EngineOption.Find(options.Engine, Name, terminal) is not { } engine
            || !GrantDesk.TryBeside(Name, options.File, terminal, out var grants))
        {
            return ExitStatus.Unusable;
        }

        using var trace = OpenTrace(options.Trace, terminal);
        var ran = ScenarioRuns.Of(compiled, options.Choice, engine, trace, terminal, grants);
        Show(options, compiled, ran, terminal);
        if (options.Html is { } path)
        {
            File.WriteAllText(terminal.FullPath(path), ScenarioHtml.Of(compiled.Result.Check.Module, ran));
        }

        return ran.TrueForAll(one => one.Outcome.Passed) ? ExitStatus.Fine : ExitStatus.Faulty;
    }

    // What cannot be written is told by whoever runs the command.
    private static StreamWriter? OpenTrace(string? path, Terminal terminal)
    {
        if (path is null)
        {
            return null;
        }

        terminal.Flush();
        var encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        return path == InputFile.Standard
            ? new StreamWriter(terminal.Bytes, encoding, leaveOpen: true) { NewLine = "\n" }
            : new StreamWriter(File.Create(terminal.FullPath(path)), encoding) { NewLine = "\n" };
    }

    private static void Show(
        Options options, Compilation compiled, List<ScenarioRuns.Ran> ran, Terminal terminal)
    {
        if (options.Json)
        {
            terminal.Output.WriteLine(JsonText.Indented(json =>
            {
                json.List("scenarios", ran, ScenarioJson.Write);
                DiagnosticJson.Write(json, compiled.Diagnostics);
            }));
            return;
        }

        Compilation.ShowFaults(compiled.Diagnostics, asJson: false, terminal);
        var text = new ScenarioText(terminal.Output, new Paint(terminal.OutputColors));
        text.WriteTable(ran);
        text.WriteMetrics(ran);
        terminal.Output.WriteLine(ScenarioText.Count(ran));
    }
}
