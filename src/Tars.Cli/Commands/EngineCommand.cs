using System.CommandLine;
using Tars.Host;

namespace Tars.Cli.Commands;

/// <summary><c>tarscli engine</c>: the modules of a run go over to another engine while they run.</summary>
internal static class EngineCommand
{
    public static Command Define(Terminal terminal)
    {
        var engine = new Argument<string>("NAME")
        {
            Description = "What is to run the guests.", HelpName = "NAME",
        };
        engine.AcceptOnlyFromAmong([.. Compose.Names]);
        var command = new Command("engine", "Have the modules of a run go over to another engine.") { engine };
        var link = new RunLink(command, terminal);
        command.SetAction(parsed => link.Do(parsed, json =>
        {
            json.WriteString("op", "engine");
            json.WriteString("engine", parsed.GetRequiredValue(engine));
        }));
        return command;
    }
}
