using System.CommandLine;
using Tars.Cli.Views;
using Tars.Evolution.Auditing;
using Tars.Host.Evolving;

namespace Tars.Cli.Commands;

/// <summary><c>tarscli evolve audit</c>: tries the gates on cheaters, honest improvements and changed evaluators.
/// </summary>
internal static class EvolveAuditCommand
{
    public static Command Define(Terminal terminal)
    {
        var json = CommonOptions.Json();
        var mutants = new Option<bool>("--mutants") { Description = "Show every changed evaluator." };
        var command = new Command("audit", "Try the gates on cheaters, honest improvements and changed evaluators.")
        {
            mutants, json,
        };
        command.SetAction(parsed => Run(parsed.GetValue(mutants), parsed.GetValue(json), terminal));
        return command;
    }

    private static int Run(bool showsMutants, bool asJson, Terminal terminal)
    {
        var report = GateAudit.Run(new SearchParts("audit.tars", "", Environment.ProcessorCount));
        if (asJson)
        {
            terminal.Output.WriteLine(JsonText.Indented(json => GateAuditText.Write(json, report)));
        }
        else
        {
            GateAuditText.Write(terminal.Output, report, showsMutants);
        }

        return report.Passed ? ExitStatus.Fine : ExitStatus.Faulty;
    }
}
