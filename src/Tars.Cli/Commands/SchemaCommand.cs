using System.CommandLine;
using Tars.Lang.Schema;

namespace Tars.Cli.Commands;

/// <summary><c>tarscli schema</c>: the JSON Schema of metascripts, for editors that check YAML by one.</summary>
internal static class SchemaCommand
{
    public static Command Define(Terminal terminal)
    {
        // The schema is JSON as it is, so the option changes nothing; it is there because every command has it.
        var json = CommonOptions.Json();
        var command = new Command("schema", "Print the JSON Schema of metascripts.") { json };
        command.SetAction(_ =>
        {
            terminal.Output.Write(JsonSchema.Print());
            return ExitStatus.Fine;
        });
        return command;
    }
}
