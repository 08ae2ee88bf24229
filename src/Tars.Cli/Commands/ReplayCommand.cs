using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Tars.Base;
using Tars.Cli.Views;
using Tars.Host;
using Tars.Host.Journal;
using Tars.Kernel.Ports;

namespace Tars.Cli.Commands;

/// <summary><c>tarscli replay</c>: a run again, from its journal.</summary>
internal static class ReplayCommand
{
    private sealed record Options(string Log, ReplayOptions Replay, string? Process, bool Json);

    public static Command Define(Terminal terminal)
    {
        var log = new Argument<string>("LOG") { Description = "What `tarscli run --record LOG` wrote." };
        var until = new Option<string?>("--until")
        {
            Description = "Stand still after this transaction and show all states; one less is a step back.",
            HelpName = "N",
        };
        until.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && Number(token.Value) is null)
            {
                result.AddError($"--until wants a whole number from 0 on, not '{Printable.Of(token.Value)}'");
            }
        });
        var shard = Shard();
        var verify = new Option<bool>("--verify") { Description = "Compare the state of all processes too." };
        var state = new Option<string?>("--state")
        {
            Description = "Show the state of all processes, or of one: its number, agent or MODULE.AGENT.",
            HelpName = "PROCESS",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var output = new Option<bool>("--output") { Description = "Show again what the run printed and logged." };
        var engine = new Option<string>("--engine")
        {
            Description = "What runs the guests; another one than recorded must do the same.",
            DefaultValueFactory = _ => new ReplayOptions().Engine,
        };
        engine.AcceptOnlyFromAmong([.. Compose.ReplayNames]);
        var json = CommonOptions.Json();
        var on = new Option<string[]>("--on")
        {
            Description = "Give what was recorded to another version of a module, and show what it does otherwise.",
            HelpName = "FILE",
        };
        var gate = GateOption.Define("With --on: status 1 unless so much of the events could be tried; 95 for none.");
        var command = new Command("replay", "Do again what a run did, from its journal.")
        {
            log, until, shard, verify, state, output, on, gate, engine, json,
        };
        command.Validators.Add(result => CheckTrial(result, on, gate, [until, shard, verify, state, output, engine]));
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(on) is { Length: > 0 } files)
            {
                return ReplayOn.Run(
                    parsed.GetRequiredValue(log), files, GateOption.Of(parsed, gate), parsed.GetValue(json), terminal);
            }

            bool isStateAsked = parsed.GetResult(state) is not null;
            long? number = parsed.GetValue(until) is { } text ? Number(text) : null;
            var options = new ReplayOptions
            {
                Until = number,
                Shard = parsed.GetValue(shard) is { } one ? (int?)Number(one) : null,
                Verify = parsed.GetValue(verify),
                Output = parsed.GetValue(output),
                States = isStateAsked || number is not null,
                Engine = parsed.GetValue(engine)!,
            };
            return Run(
                new Options(parsed.GetRequiredValue(log), options, parsed.GetValue(state), parsed.GetValue(json)),
                terminal);
        });
        return command;
    }

    private static Option<string?> Shard()
    {
        var shard = new Option<string?>("--shard")
        {
            Description = "Replay one shard alone of a run on several; counted from zero.",
            HelpName = "K",
        };
        shard.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && Number(token.Value) is null or >= ShardPlan.CountMax)
            {
                result.AddError($"--shard wants a number from 0 to {ShardPlan.CountMax - 1}");
            }
        });
        return shard;
    }

    /// <param name="others">What a replay of the recorded code can be told.</param>
    private static void CheckTrial(CommandResult result, Option on, Option gate, Option[] others)
    {
        bool isTrial = result.GetResult(on) is not null;
        foreach (var other in (isTrial ? others : [gate]).Where(one => result.GetResult(one) is { Implicit: false }))
        {
            result.AddError(isTrial
                ? $"--on tries other code; {other.Name} is not for that"
                : $"{other.Name} is for --on");
        }
    }

    private static long? Number(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;

    private static int Run(Options options, Terminal terminal)
    {
        if (!Path.Exists(terminal.FullPath(options.Log)))
        {
            InputFile.Refuse("replay", options.Log, new FileNotFoundException(), terminal);
            return ExitStatus.Unusable;
        }

        terminal.Flush();
        using var stop = new InterruptSignals();
        var streams = new RunStreams(Stream.Null, options.Json ? Stream.Null : terminal.Bytes, terminal.Error);
        switch (Replay.Run(terminal.FullPath(options.Log), options.Replay, streams, stop.Token))
        {
            case ReplayOutcome.Refused refused:
                return Refuse(refused, options, terminal);
            case ReplayOutcome.Ended ended:
                return Show(ended.Report, options, terminal);
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private static int Refuse(ReplayOutcome.Refused refused, Options options, Terminal terminal)
    {
        if (options.Json)
        {
            terminal.Output.WriteLine(JsonText.Indented(json =>
                json.List("refused", refused.Reasons, (_, reason) => json.WriteStringValue(reason))));
        }

        foreach (string reason in refused.Reasons)
        {
            terminal.Error.WriteLine($"tarscli replay: {options.Log}: {Printable.Of(reason)}");
        }

        return ExitStatus.Unusable;
    }

    private static int Show(ReplayReport report, Options options, Terminal terminal)
    {
        bool isShown(ProcessView one) => options.Process is not { } wanted
            || one.Agent == wanted || one.Agent.EndsWith($".{wanted}", StringComparison.Ordinal)
            || one.Process.ToString(CultureInfo.InvariantCulture) == wanted.TrimStart('#');
        report = report with { States = [.. report.States.Where(isShown)] };
        if (options.Json)
        {
            terminal.Output.WriteLine(JsonText.Indented(json => ReplayJson.Write(json, report)));
        }
        else
        {
            ReplayText.Write(report, terminal.Output, terminal.OutputColors);
            if (options.Replay.Verify && report is { Points: 0, Difference: null })
            {
                terminal.Output.WriteLine("it holds no state to compare");
            }

            if (options.Replay.States && options is { Process: null } && report.States.IsEmpty)
            {
                terminal.Output.WriteLine("no process lives there");
            }
        }

        if (report.Damage is { } damage)
        {
            terminal.Error.WriteLine(
                $"tarscli replay: {options.Log}: {Printable.Of(damage)}; what stands before it was replayed");
        }

        bool isMissing = options.Replay.Until is { } until && report.Transactions < until;
        if (isMissing)
        {
            terminal.Error.WriteLine(
                $"tarscli replay: {options.Log}: there is no transaction {options.Replay.Until}, "
                + $"the last is {report.Transactions}");
        }

        if (options.Process is { } process && report.States.IsEmpty)
        {
            terminal.Error.WriteLine($"tarscli replay: no process '{Printable.Of(process)}' lives there");
            isMissing = true;
        }

        return report.Damage is not null || isMissing ? ExitStatus.Unusable
            : report.Difference is not null ? ExitStatus.Faulty
            : ExitStatus.Fine;
    }
}
