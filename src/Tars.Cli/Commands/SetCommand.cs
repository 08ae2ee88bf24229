using System.CommandLine;
using Tars.Base;

namespace Tars.Cli.Commands;

/// <summary><c>tarscli set</c>: a parameter of a run gets another value, for a time or for good.</summary>
internal static class SetCommand
{
    public static Command Define(Terminal terminal)
    {
        var pair = new Argument<string>("PARAM=VALUE") { Description = "MODULE.PARAM=VALUE names one module's." };
        pair.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && token.Value.IndexOf('=', StringComparison.Ordinal) < 1)
            {
                result.AddError($"set wants PARAM=VALUE, not '{Printable.Of(token.Value)}'");
            }
        });
        var span = new Option<string?>("--for")
        {
            Description = "It returns by itself after this time, such as 10m.",
            HelpName = "DURATION",
        };
        span.Validators.Add(RunCommand.CheckDuration);
        span.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && RunCommand.Duration(token.Value) == 0)
            {
                result.AddError("--for wants a time above zero");
            }
        });
        var command = new Command("set", "Change a parameter of a run.") { pair, span };
        var link = new RunLink(command, terminal);
        command.SetAction(parsed =>
        {
            string text = parsed.GetRequiredValue(pair);
            int at = text.IndexOf('=', StringComparison.Ordinal);
            return link.Do(parsed, json =>
            {
                json.WriteString("op", "set");
                json.WriteString("param", text[..at]);
                json.WriteString("value", text[(at + 1)..]);
                if (parsed.GetValue(span) is { } time)
                {
                    json.WriteNumber("for_ns", RunCommand.Duration(time)!.Value); // It was checked.
                }
            });
        });
        return command;
    }
}
