using System.Collections.Immutable;
using System.CommandLine;
using Tars.Base;
using Tars.Cli.Views;
using Tars.Evolution.Store;
using Tars.Host.Evolving;
using Tars.Lang.Diagnostics;
using Tars.Lang.Formatting;

namespace Tars.Cli.Commands;

/// <summary><c>tarscli versions bisect</c>: the first version of a module that fails a scenario.</summary>
/// <remarks>The scenario is that of the file, so one that was written today asks every version the same.</remarks>
internal static class VersionBisectCommand
{
    private sealed record Question(string File, string Scenario, string Expected, string Good, string Bad);

    public static Command Define(Terminal terminal)
    {
        var file = new Argument<string>("FILE") { Description = "The metascript as it is now; it has the scenario." };
        var scenario = new Option<string>("--scenario")
        {
            Description = "The name of the scenario that the good pass and the bad fail.",
            HelpName = "NAME",
            Required = true,
        };
        var expected = new Option<string>("--expect")
        {
            Description = "A part of the one expectation that counts; without it all do.",
            HelpName = "TEXT",
            DefaultValueFactory = _ => "",
        };
        var good = new Option<string>("--good")
        {
            Description = "A version that passes; without it the oldest.",
            HelpName = "VERSION",
            DefaultValueFactory = _ => "",
        };
        var bad = new Option<string>("--bad")
        {
            Description = "A version that fails; without it the head.",
            HelpName = "VERSION",
            DefaultValueFactory = _ => "head",
        };
        var store = VersionsCommand.Store();
        var json = CommonOptions.Json();
        var command = new Command("bisect", "Find the first version that fails a scenario.")
        {
            file, scenario, expected, good, bad, store, json,
        };
        command.SetAction(parsed => Run(
            new Question(
                parsed.GetRequiredValue(file),
                parsed.GetRequiredValue(scenario),
                parsed.GetValue(expected)!,
                parsed.GetValue(good)!,
                parsed.GetValue(bad)!),
            parsed.GetValue(store)!,
            parsed.GetValue(json),
            terminal));
        return command;
    }

    private static int Run(Question question, string store, bool asJson, Terminal terminal)
    {
        if (InputFile.ReadSource(VersionCall.Command, question.File, terminal) is not { } bytes)
        {
            return ExitStatus.Unusable;
        }

        var compilation = Compilation.Of(question.File, bytes, terminal, includeTests: false);
        if (compilation.Bundle is null)
        {
            Compilation.ShowFaults(compilation.Diagnostics, asJson, terminal);
            return ExitStatus.Faulty;
        }

        var check = compilation.Result!.Check; // It was compiled.
        if (check.Scenarios.All(one => one.Name != question.Scenario))
        {
            return VersionCall.Fail(
                check.Module.Name, $"no scenario '{question.Scenario}' in {question.File}", terminal);
        }

        if (!GrantDesk.TryBeside(VersionCall.Command, question.File, terminal, out var grants))
        {
            return ExitStatus.Unusable;
        }

        var source = compilation.Sources.Source;
        string asking = Formatter.Format(source, new DiagnosticBag());
        var parts = new SearchParts(terminal.FullPath(question.File), asking, workers: 1, memory: null, grants);
        var trial = new VersionTrial(source.Name, asking, question.Scenario, question.Expected, parts);
        return VersionCall.With(
            check.Module.Name,
            store,
            asJson,
            [],
            VersionAccess.Read,
            call => Bisect(call, question, trial),
            terminal);
    }

    private static int Bisect(VersionCall call, Question question, VersionTrial trial)
    {
        if (Lineage(call, question) is not { } lineage)
        {
            return ExitStatus.Unusable;
        }

        var result = VersionBisect.Run(lineage, version =>
            call.Folder.Text(version, out _) is { } text ? trial.Ask(text) : VersionHealth.Unclear);
        return result switch
        {
            BisectResult.None none => Nothing(call, none.Why),
            BisectResult.Found found => Tell(call, found),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    // What was dropped cannot be asked; what was made from it can.
    private static ImmutableArray<VersionEntry>? Lineage(VersionCall call, Question question)
    {
        if (call.Meant(question.Bad) is not { } bad)
        {
            return null;
        }

        ImmutableArray<VersionEntry> lineage =
            [.. call.History.Lineage(bad).Where(one => call.History.Present.Contains(one.Version))];
        if (question.Good.Length == 0)
        {
            return lineage;
        }

        if (call.Meant(question.Good) is not { } good)
        {
            return null;
        }

        int first = lineage.ToList().FindLastIndex(one => one.Version == good);
        if (first < 0)
        {
            _ = call.Fail($"{bad.Short} was not made from {good.Short}");
            return null;
        }

        return lineage[first..];
    }

    private static int Nothing(VersionCall call, string why)
    {
        if (call.Json)
        {
            call.Terminal.Output.WriteLine(JsonText.Indented(json =>
            {
                json.WriteNull("bad");
                json.WriteString("why", why);
            }));
        }
        else
        {
            call.Terminal.Error.WriteLine(
                $"tarscli {VersionCall.Command}: {Printable.Of(call.Module)}: {Printable.Of(why)}");
        }

        return ExitStatus.Faulty;
    }

    private static int Tell(VersionCall call, BisectResult.Found found)
    {
        if (call.Json)
        {
            call.Terminal.Output.WriteLine(JsonText.Indented(json =>
            {
                json.WriteString("bad", found.Bad.Version.ToString());
                json.WriteString("good", found.Good.Version.ToString());
                json.List("unclear", found.Unclear, (_, one) => json.WriteStringValue(one.Version.ToString()));
                json.WriteNumber("tried", found.Tried);
            }));
            return ExitStatus.Fine;
        }

        if (call.Changes(found.Good.Version, found.Bad.Version) is not { } changes)
        {
            return ExitStatus.Unusable;
        }

        var output = call.Terminal.Output;
        output.WriteLine($"first bad: {Text(found.Bad)}");
        output.WriteLine($"last good: {Text(found.Good)}");
        foreach (var one in found.Unclear)
        {
            output.WriteLine($"cannot be tried, and may be the first: {Text(one)}");
        }

        output.Write(changes);
        output.WriteLine($"{found.Tried} versions tried");
        return ExitStatus.Fine;
    }

    private static string Text(VersionEntry entry) =>
        $"{entry.Version.Short} {VersionText.Word(entry.Event)} {Printable.Of(entry.At)} {Printable.Of(entry.By)}";
}
