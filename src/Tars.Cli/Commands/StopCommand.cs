using System.CommandLine;

namespace Tars.Cli.Commands;

/// <summary><c>tarscli stop</c>: a run, or one of its processes, comes to its end; `stop` handlers run.</summary>
internal static class StopCommand
{
    public static Command Define(Terminal terminal)
    {
        var process = new Argument<string?>("PROCESS")
        {
            Description = "The process with this number; without it the whole run ends.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        process.Validators.Add(result => RunLink.CheckNumber(result, "stop"));
        var command = new Command("stop", "Stop a run, or one of its processes.") { process };
        var link = new RunLink(command, terminal);
        command.SetAction(parsed => link.Do(parsed, json =>
        {
            json.WriteString("op", "stop");
            if (parsed.GetValue(process) is { } text)
            {
                json.WriteNumber("process", RunLink.Number(text)!.Value); // It was checked.
            }
        }));
        return command;
    }
}
