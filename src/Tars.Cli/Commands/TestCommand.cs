using System.CommandLine;
using System.Globalization;
using Tars.Base;
using Tars.Cli.Views;
using Tars.Host.Testing;

namespace Tars.Cli.Commands;

/// <summary><c>tarscli test</c>: the modules' own tests, then their scenarios with all seeds.</summary>
internal static class TestCommand
{
    private sealed record Options(string[] Files, string Engine, bool Json);

    /// <summary>One file: its outcomes, or the mistakes that it does not compile for.</summary>
    private sealed record Tested(string File, TestRun Run, List<ScenarioRuns.Ran> Scenarios);

    public static Command Define(Terminal terminal)
    {
        var files = CommonOptions.Files();
        var engine = EngineOption.Define();
        var json = CommonOptions.Json();
        var command = new Command("test", "Run the tests and scenarios of metascripts.") { files, engine, json };
        command.SetAction(parsed => Run(
            new Options(parsed.GetRequiredValue(files), parsed.GetRequiredValue(engine), parsed.GetValue(json)),
            terminal));
        return command;
    }

    private static int Run(Options options, Terminal terminal)
    {
        if (EngineOption.Find(options.Engine, "test", terminal) is not { } engine)
        {
            return ExitStatus.Unusable;
        }

        var tested = new List<Tested>();
        var diagnostics = new List<PlacedDiagnostic>();
        bool allRead = true;
        foreach (var file in options.Files)
        {
            if (InputFile.ReadSource("test", file, terminal) is not { } source)
            {
                allRead = false;
                continue;
            }

            var compiled = Compilation.Of(file, source, terminal, includeTests: true);
            diagnostics.AddRange(compiled.Diagnostics);
            if (compiled.Bundle is { } bundle)
            {
                // Of what an operator says in the file beside it the floor counts here: tests reach nothing outside.
                if (!GrantDesk.TryBeside("test", file, terminal, out var grants))
                {
                    return ExitStatus.Unusable;
                }

                var run = ModuleTests.Run(bundle, engine, grants);
                var all = new ScenarioRuns.Choice(Scenario: null, Seed: null);
                tested.Add(new Tested(
                    file, run, ScenarioRuns.Of(compiled, all, engine, trace: null, terminal, grants)));
            }
        }

        Show(options, tested, diagnostics, terminal);
        bool faulty = diagnostics.Exists(one => one.IsError) || tested.Exists(one => !Passed(one));
        return !allRead ? ExitStatus.Unusable : faulty ? ExitStatus.Faulty : ExitStatus.Fine;
    }

    private static bool Passed(Tested tested) =>
        tested.Run is TestRun.Ran ran && ran.Outcomes.All(outcome => outcome.Failure is null)
        && tested.Scenarios.TrueForAll(one => one.Outcome.Passed);

    private static void Show(
        Options options, List<Tested> tested, List<PlacedDiagnostic> diagnostics, Terminal terminal)
    {
        if (options.Json)
        {
            terminal.Output.WriteLine(JsonText.Indented(json =>
            {
                json.List("files", tested, (_, one) => WriteJson(json, one));
                DiagnosticJson.Write(json, diagnostics);
            }));
            return;
        }

        Compilation.ShowFaults(diagnostics, asJson: false, terminal);
        var paint = new Paint(terminal.OutputColors);
        foreach (var one in tested)
        {
            WriteText(one, paint, terminal.Output);
            new ScenarioText(terminal.Output, paint).WriteTable(one.Scenarios);
        }

        var outcomes = tested.Select(one => one.Run).OfType<TestRun.Ran>().SelectMany(run => run.Outcomes).ToList();
        int failed = outcomes.Count(outcome => outcome.Failure is not null);
        if (tested.Count == 0)
        {
            return;
        }

        var scenarios = tested.SelectMany(one => one.Scenarios).ToList();
        int refused = tested.Count(one => one.Run is TestRun.Refused);
        var nothing = outcomes.Count + scenarios.Count + refused == 0 ? "no tests: " : "";
        var unrun = refused == 0 ? "" : $", {refused} not run";
        failed += scenarios.Count(one => !one.Outcome.Passed);
        int all = outcomes.Count + scenarios.Count;
        terminal.Output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{nothing}{all - failed} passed, {failed} failed{unrun}"));
    }

    private static void WriteText(Tested tested, Paint paint, TextWriter output)
    {
        if (tested.Run is not TestRun.Ran ran)
        {
            output.WriteLine($"{tested.File}: {((TestRun.Refused)tested.Run).Reason}");
            return;
        }

        foreach (var outcome in ran.Outcomes)
        {
            var mark = outcome.Failure is null ? paint.Green("pass") : paint.Red("FAIL");
            output.WriteLine($"{mark}  {tested.File}: {Printable.Of(outcome.Name)}");
            if (outcome.Failure is { } failure)
            {
                output.WriteLine($"      {PlaceOf(tested, failure)}{Printable.Of(failure.Reason)}");
            }
        }
    }

    private static string PlaceOf(Tested tested, TestFailure failure) => failure.Line == 0
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $"{FileOf(tested, failure)}:{failure.Line}: ");

    // Sources are named from the module's folder; the user named the module from somewhere else.
    private static string FileOf(Tested tested, TestFailure failure) =>
        Path.Combine(Path.GetDirectoryName(tested.File) ?? "", failure.File).Replace('\\', '/');

    private static void WriteJson(System.Text.Json.Utf8JsonWriter json, Tested tested)
    {
        json.WriteStartObject();
        json.WriteString("file", tested.File);
        if (tested.Run is TestRun.Refused refused)
        {
            json.WriteString("refused", refused.Reason);
        }

        var outcomes = tested.Run is TestRun.Ran ran ? ran.Outcomes : [];
        json.List("tests", outcomes, (_, outcome) =>
        {
            json.WriteStartObject();
            json.WriteString("name", outcome.Name);
            json.WriteBoolean("passed", outcome.Failure is null);
            json.WriteNumber("fuel", outcome.Fuel);
            if (outcome.Failure is { } failure)
            {
                json.WriteString("reason", failure.Reason);
                json.WriteString("file", FileOf(tested, failure));
                json.WriteNumber("line", failure.Line);
            }

            json.WriteEndObject();
        });
        json.List("scenarios", tested.Scenarios, ScenarioJson.Write);
        json.WriteEndObject();
    }
}
