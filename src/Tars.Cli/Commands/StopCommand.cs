using System.CommandLine;

namespace Tars.Cli.Commands;

/// <summary><c>tarscli stop</c>: a run, or one of its processes, comes to its end; `stop` handlers run.</summary>
internal static class StopCommand
{
    public static Command Define(Terminal terminal)
    {
        var process = new Argument<string?>("PROCESS")
        {
            Description = "The process with this number.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        process.Validators.Add(result => RunLink.CheckNumber(result, "stop"));
        var all = new Option<bool>("--all") { Description = "Stop the whole run." };
        var command = new Command("stop", "Stop a run, or one of its processes.") { process, all };
        command.Validators.Add(result =>
        {
            // Unquoted, a shell takes #3 for a comment, and `stop #3` for `stop`.
            if (result.GetResult(process)?.Tokens.Count is 0 or null == !result.GetValue(all))
            {
                result.AddError("stop wants the number of a process, such as 3, or --all for the whole run");
            }
        });
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
