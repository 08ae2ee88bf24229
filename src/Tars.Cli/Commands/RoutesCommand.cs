using System.CommandLine;
using Tars.Cli.Views;

namespace Tars.Cli.Commands;

/// <summary><c>tarscli routes</c>: what each process of a run may use, and what an operator took away.</summary>
internal static class RoutesCommand
{
    public static Command Define(Terminal terminal)
    {
        var live = new Option<bool>("--live") { Description = "Of a system that runs.", Required = true };
        var command = new Command("routes", "Show what the processes of a run may use.") { live };
        var link = new RunLink(command, terminal);
        command.SetAction(parsed => link.List(parsed, "rights", "rights", "process", ControlText.Rights));
        return command;
    }
}
