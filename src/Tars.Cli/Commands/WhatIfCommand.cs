using System.CommandLine;
using System.Globalization;
using Tars.Base;
using Tars.Cli.Views;
using Tars.Host.Granting;
using Tars.Host.Journal;

namespace Tars.Cli.Commands;

/// <summary><c>tarscli what-if</c>: a recorded load again, under another scheduling policy.</summary>
internal static class WhatIfCommand
{
    private const long NanosecondsPerFuelMax = 1_000_000;

    private sealed record Options(string Log, string? Policy, long NanosecondsPerFuel, bool Json);

    public static Command Define(Terminal terminal)
    {
        var log = new Argument<string>("LOG") { Description = "What `tarscli run --record LOG` wrote." };
        var policy = new Option<string>("--policy")
        {
            Description = $"Who would decide which process runs next: {PolicyOption.Names}, or a module.",
            HelpName = "NAME|FILE",
            Required = true,
        };
        var cost = new Option<string?>("--ns-per-fuel")
        {
            Description = "Nanoseconds that a unit of fuel takes in the model; 1 where nothing is said.",
            HelpName = "N",
        };
        cost.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && Cost(token.Value) is null)
            {
                result.AddError(
                    $"--ns-per-fuel wants a whole number from 1 to {NanosecondsPerFuelMax}, "
                    + $"not '{Printable.Of(token.Value)}'");
            }
        });
        var json = CommonOptions.Json();
        var command = new Command("what-if", "Compare scheduling policies on a recorded load, in virtual time.")
        {
            log, policy, cost, json,
        };
        command.SetAction(parsed => Run(
            new Options(
                parsed.GetRequiredValue(log),
                parsed.GetRequiredValue(policy),
                parsed.GetValue(cost) is { } text ? Cost(text)!.Value : new WhatIfOptions().NanosecondsPerFuel,
                parsed.GetValue(json)),
            terminal));
        return command;
    }

    private static long? Cost(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            && number is >= 1 and <= NanosecondsPerFuelMax ? number : null;

    private static int Run(Options options, Terminal terminal)
    {
        if (!Path.Exists(terminal.FullPath(options.Log)))
        {
            InputFile.Refuse("what-if", options.Log, new FileNotFoundException(), terminal);
            return ExitStatus.Unusable;
        }

        if (!PolicyOption.TryRead("what-if", options.Policy, terminal, out var policy))
        {
            return ExitStatus.Unusable;
        }

        PolicyFile? grants = null;
        if (policy.Module is not null && options.Policy is { } file
            && !GrantDesk.TryBeside("what-if", file, terminal, out grants))
        {
            return ExitStatus.Unusable;
        }

        using var stop = new InterruptSignals();
        var wanted = new WhatIfOptions
        {
            Policy = policy.Kind,
            PolicyModule = policy.Module,
            Grants = grants,
            NanosecondsPerFuel = options.NanosecondsPerFuel,
        };
        switch (WhatIf.Run(terminal.FullPath(options.Log), wanted, stop.Token))
        {
            case WhatIfOutcome.Refused refused:
                return Refuse(refused, options, terminal);
            case WhatIfOutcome.Compared compared:
                Show(compared.Report, options, terminal);
                return compared.Report.Inconclusive is null ? ExitStatus.Fine : ExitStatus.Faulty;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private static int Refuse(WhatIfOutcome.Refused refused, Options options, Terminal terminal)
    {
        if (options.Json)
        {
            terminal.Output.WriteLine(JsonText.Indented(json =>
                json.List("refused", refused.Reasons, (_, reason) => json.WriteStringValue(reason))));
        }

        foreach (string reason in refused.Reasons)
        {
            terminal.Error.WriteLine($"tarscli what-if: {options.Log}: {Printable.Of(reason)}");
        }

        return ExitStatus.Unusable;
    }

    private static void Show(WhatIfReport report, Options options, Terminal terminal)
    {
        if (options.Json)
        {
            terminal.Output.WriteLine(JsonText.Indented(json => WhatIfJson.Write(json, report)));
        }
        else
        {
            WhatIfText.Write(report, terminal.Output);
        }
    }
}
