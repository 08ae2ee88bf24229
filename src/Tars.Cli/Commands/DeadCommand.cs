using System.CommandLine;
using Tars.Cli.Views;

namespace Tars.Cli.Commands;

/// <summary><c>tarscli dead</c>: events of a run that were rolled back are seen, delivered again or dropped.</summary>
internal static class DeadCommand
{
    private const string All = "all";

    public static Command Define(Terminal terminal)
    {
        var command = new Command("dead", "Show the dead letters of a run, deliver them again or drop them.");
        var link = new RunLink(command, terminal);
        command.SetAction(parsed => link.List(parsed, "dead", "letters", "letter", ControlText.Letters));
        command.Add(Change("deliver", "Deliver a dead letter again; it is then none any more.", terminal));
        command.Add(Change("drop", "Throw a dead letter away.", terminal));
        return command;
    }

    private static Command Change(string name, string about, Terminal terminal)
    {
        var letter = new Argument<string>("N") { Description = "The letter's number, or `all`." };
        letter.Validators.Add(result =>
        {
            if (result.Tokens is not [{ Value: All }])
            {
                RunLink.CheckNumber(result, $"dead {name}");
            }
        });
        var command = new Command(name, about) { letter };
        var link = new RunLink(command, terminal, $"dead {name}");
        string done = name == "drop" ? "dropped" : "delivered";
        command.SetAction(parsed => link.Do(
            parsed,
            json =>
            {
                json.WriteString("op", $"dead_{name}");
                if (RunLink.Number(parsed.GetRequiredValue(letter)) is { } number)
                {
                    json.WriteNumber("letter", number);
                }
            },
            (answer, output) => ControlText.Letters(answer, done, output)));
        return command;
    }
}
