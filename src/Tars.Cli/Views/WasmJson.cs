using System.Text.Json;
using Tars.Host.Commands;

namespace Tars.Cli.Views;

/// <summary>How a command ended, as JSON; docs/cli.md lists the members.</summary>
internal static class WasmJson
{
    public static void Write(Utf8JsonWriter json, CommandOutcome outcome, BoundedStream output, BoundedStream error)
    {
        switch (outcome)
        {
            case CommandOutcome.Exited exited:
                json.WriteNumber("exit", exited.Status);
                WriteCosts(json, exited.Costs);
                break;
            case CommandOutcome.Returned returned:
                json.List("results", returned.Results, (_, result) => json.WriteStringValue(result));
                WriteCosts(json, returned.Costs);
                break;
            case CommandOutcome.Faulted faulted:
                WriteFault(json, faulted);
                WriteCosts(json, faulted.Costs);
                break;
            case CommandOutcome.Refused { Reason: var reason }:
                json.WriteString("refused", reason);
                break;
            case CommandOutcome.Unusable { Reason: var reason }:
                json.WriteString("unusable", reason);
                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }

        json.WriteString("stdout", output.Text);
        json.WriteString("stderr", error.Text);
    }

    private static void WriteFault(Utf8JsonWriter json, CommandOutcome.Faulted faulted)
    {
        json.WriteStartObject("trap");
        json.WriteString("kind", faulted.Fault.Kind.ToString());
        json.WriteNumber("function", faulted.Fault.Function);
        json.WriteString("name", faulted.Function);
        json.WriteNumber("offset", faulted.Fault.Offset);
        json.WriteEndObject();
    }

    private static void WriteCosts(Utf8JsonWriter json, CommandCosts costs)
    {
        json.WriteNumber("fuel", costs.Fuel);
        json.WriteNumber("calls", costs.Calls);
        json.WriteNumber("calls_refused", costs.Refused);
    }
}
