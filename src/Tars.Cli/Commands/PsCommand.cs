using System.CommandLine;
using Tars.Cli.Views;

namespace Tars.Cli.Commands;

/// <summary><c>tarscli ps</c>: the processes of a run, and who waits for whom.</summary>
internal static class PsCommand
{
    public static Command Define(Terminal terminal)
    {
        var command = new Command("ps", "Show the processes of a run, and who waits for whom.");
        var link = new RunLink(command, terminal);
        command.SetAction(parsed => link.List(parsed, "ps", "processes", "process", ControlText.Processes));
        return command;
    }
}
