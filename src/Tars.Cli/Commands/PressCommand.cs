using System.CommandLine;

namespace Tars.Cli.Commands;

/// <summary><c>tarscli press</c>: a button of a run is pressed, or let go.</summary>
internal static class PressCommand
{
    public static Command Define(Terminal terminal)
    {
        var button = new Argument<string>("BUTTON")
        {
            Description = "A device of kind button; MODULE.NAME names one module's.",
        };
        var release = new Option<bool>("--release") { Description = "Let it go, in place of pressing it." };
        var command = new Command("press", "Press a button of a run.") { button, release };
        var link = new RunLink(command, terminal);
        command.SetAction(parsed => link.Do(parsed, json =>
        {
            json.WriteString("op", "press");
            json.WriteString("device", parsed.GetRequiredValue(button));
            json.WriteBoolean("down", !parsed.GetValue(release));
        }));
        return command;
    }
}
