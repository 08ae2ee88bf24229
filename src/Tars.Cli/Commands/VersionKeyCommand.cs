using System.CommandLine;
using Tars.Base;
using Tars.Host.Versions;

namespace Tars.Cli.Commands;

/// <summary><c>tarscli versions key</c>: makes the key of somebody who approves without a terminal.</summary>
internal static class VersionKeyCommand
{
    public static Command Define(Terminal terminal)
    {
        var file = new Argument<string>("FILE") { Description = "A new file; it is for its owner alone." };
        var command = new Command("key", "Make the key of an approver, and show the line for [approvers].") { file };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(file), terminal));
        return command;
    }

    private static int Run(string file, Terminal terminal)
    {
        using var key = ApproverKey.Make(terminal.FullPath(file), out string why);
        if (key is null)
        {
            terminal.Error.WriteLine($"tarscli {VersionCall.Command}: {Printable.Of(file)}: {why}");
            return ExitStatus.Unusable;
        }

        terminal.Output.WriteLine("[approvers]");
        terminal.Output.WriteLine($"NAME = \"{key.Public}\" # {ApproverKey.Fingerprint(key.Public)}");
        return ExitStatus.Fine;
    }
}
