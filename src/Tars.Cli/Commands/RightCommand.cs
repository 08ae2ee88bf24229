using System.CommandLine;
using System.CommandLine.Parsing;
using Tars.Base;

namespace Tars.Cli.Commands;

/// <summary><c>tarscli revoke</c> and <c>grant</c>: a module or process of a run loses a right, or has it again.
/// </summary>
internal static class RightCommand
{
    public static Command DefineRevoke(Terminal terminal) =>
        Define("revoke", "Take a right away from a module or process of a run.", terminal);

    public static Command DefineGrant(Terminal terminal) =>
        Define("grant", "Give back what was revoked.", terminal);

    private static Command Define(string name, string about, Terminal terminal)
    {
        var whose = new Argument<string>("WHOSE") { Description = "A module, or a process by its number: #3." };
        var device = new Option<string?>("--device") { Description = "The device of this name.", HelpName = "NAME" };
        var publish = new Option<string?>("--publish")
        {
            Description = "To publish on this pattern, as the module declares it.",
            HelpName = "PATTERN",
        };
        var command = new Command(name, about) { whose, device, publish };
        command.Validators.Add(result => CheckRight(result, name, device, publish));
        var link = new RunLink(command, terminal);
        command.SetAction(parsed =>
        {
            string text = parsed.GetRequiredValue(whose);
            return link.Do(parsed, json =>
            {
                json.WriteString("op", name);
                if (RunLink.Number(text) is { } process)
                {
                    json.WriteNumber("process", process);
                }
                else
                {
                    json.WriteString("module", text);
                }

                bool isDevice = parsed.GetValue(device) is not null;
                json.WriteString(isDevice ? "device" : "publish", parsed.GetValue(isDevice ? device : publish));
            });
        });
        return command;
    }

    private static void CheckRight(
        CommandResult result, string name, Option<string?> device, Option<string?> publish)
    {
        if (result.GetValue(device) is null == result.GetValue(publish) is null)
        {
            result.AddError($"{Printable.Of(name)} wants one right: --device NAME or --publish PATTERN");
        }
    }
}
