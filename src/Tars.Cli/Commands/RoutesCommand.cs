using System.CommandLine;
using System.CommandLine.Parsing;
using Tars.Base;
using Tars.Cli.Views;
using Tars.Host;
using Tars.Host.Granting;

namespace Tars.Cli.Commands;

/// <summary><c>tarscli routes</c>: for each capability the way from its operator's word to the agents that use it,
/// before anything runs; with <c>--live</c> what each process of a run may use, and what an operator took
/// away.</summary>
internal static class RoutesCommand
{
    private sealed record Options(string[] Files, string? Policy, string[] StandIns, bool Json);

    public static Command Define(Terminal terminal)
    {
        var files = new Argument<string[]>("FILE")
        {
            Description = "A metascript or a bundle; several are one system.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var policy = CommonOptions.Grants();
        var live = new Option<bool>("--live") { Description = "Of a system that runs, in place of files." };
        var bind = DeviceOptions.BindOption();
        var command = new Command("routes", "Show who grants what to which agent or process.")
        {
            files, policy, bind, live,
        };
        var link = new RunLink(command, terminal);
        command.Validators.Add(result => CheckFiles(result, files, live));
        command.SetAction(parsed => parsed.GetValue(live)
            ? link.List(parsed, "rights", "rights", "process", ControlText.Rights)
            : Run(
                new Options(
                    parsed.GetRequiredValue(files),
                    parsed.GetValue(policy),
                    parsed.GetValue(bind) ?? [],
                    link.IsJson(parsed)),
                terminal));
        return command;
    }

    private static void CheckFiles(CommandResult result, Argument<string[]> files, Option<bool> live)
    {
        string[] named = result.GetValue(files) ?? [];
        if (result.GetValue(live) == 0 < named.Length)
        {
            result.AddError("routes wants files, or --live for a system that runs");
        }

        // The parser takes an unknown option for one more file.
        foreach (string option in named.Where(one => one is ['-', _, ..]))
        {
            result.AddError($"no option {Printable.Of(option)}; a file of that name is ./{Printable.Of(option)}");
        }
    }

    private static int Run(Options options, Terminal terminal)
    {
        switch (SystemFiles.Load("routes", options.Files, terminal))
        {
            case SystemFiles.Ready ready:
                return Show(options, ready.Bundles, terminal);
            case SystemFiles.Faulty faulty:
                Compilation.ShowFaults(faulty.Diagnostics, options.Json, terminal);
                return ExitStatus.Faulty;
            case SystemFiles.NotInForce waiting:
                return RunCommand.Refuse(waiting.Reasons, ExitStatus.Faulty, options.Json, terminal, "routes");
            default:
                return ExitStatus.Unusable;
        }
    }

    private static int Show(Options options, IReadOnlyList<ReadOnlyMemory<byte>> bundles, Terminal terminal)
    {
        PolicyFile? policy = null;
        if (GrantDesk.Find(options.Policy, options.Files[0], terminal) is { } name)
        {
            policy = GrantDesk.Read("routes", name, terminal);
            if (policy is null)
            {
                return ExitStatus.Unusable;
            }
        }

        var run = new RunOptions { Grants = policy, StandIns = [.. RunCommand.SplitAll(options.StandIns)] };
        var grants = SystemGrants.Of(bundles, run);
        var reasons = new List<string>();
        _ = StandInNames.Of([.. grants.Modules.Select(one => one.Manifest)], run.StandIns, reasons);
        if (0 < reasons.Count)
        {
            return RunCommand.Refuse(reasons, ExitStatus.Unusable, options.Json, terminal, "routes");
        }

        var routes = Routes.Of(grants, policy);
        bool isAccepted = policy is null || options.Policy is not null || !policy.Reaches
            || new PolicyFiles(terminal.StateFolder).IsAccepted(policy);
        if (options.Json)
        {
            terminal.Output.WriteLine(RouteJson.Of(routes, policy, isAccepted));
        }
        else
        {
            RouteText.Write(routes, policy, isAccepted, terminal.Output);
        }

        return grants.Open.IsEmpty && isAccepted ? ExitStatus.Fine : ExitStatus.Faulty;
    }
}
