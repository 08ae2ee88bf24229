using System.CommandLine;
using Tars.Base;
using Tars.Host;
using Tars.Kernel.Ports;

namespace Tars.Cli.Commands;

/// <summary><c>--engine</c>: what runs the guests, the same for every command that runs some.</summary>
internal static class EngineOption
{
    public static Option<string> Define()
    {
        var engine = new Option<string>("--engine")
        {
            Description = "What runs the guests.",
            DefaultValueFactory = _ => new RunOptions().Engine,
        };
        engine.AcceptOnlyFromAmong([.. Compose.Names]);
        return engine;
    }

    /// <summary>The engine of that name; null when the user was told why there is none.</summary>
    public static IEngine? Find(string name, string command, Terminal terminal)
    {
        var engine = Compose.Engine(name);
        string? words = engine is null ? Compose.WhyNot(name) : Compose.Took(name, engine);
        if (words is not null)
        {
            terminal.Error.WriteLine($"tarscli {command}: {Printable.Of(words)}");
        }

        return engine;
    }
}
