using System.CommandLine;
using Tars.Evolution.Planning;

namespace Tars.Cli.Commands;

/// <summary><c>tarscli evolve prompt</c>: the template of what a model is told, to be changed and given with
/// <c>--prompt</c>.</summary>
internal static class EvolvePromptCommand
{
    public static Command Define(Terminal terminal)
    {
        var command = new Command("prompt", "Show the template of what a model is told; --prompt takes another.");
        command.SetAction(_ =>
        {
            terminal.Output.Write(ModelPrompt.Default());
            return ExitStatus.Fine;
        });
        return command;
    }
}
