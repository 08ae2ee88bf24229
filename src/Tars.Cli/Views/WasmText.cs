using System.Globalization;
using Tars.Base;
using Tars.Host.Commands;
using Tars.Kernel.Ports;

namespace Tars.Cli.Views;

/// <summary>How a command ended, for people.</summary>
internal static class WasmText
{
    private const int StatusMax = 255;

    public static int Tell(string module, CommandOutcome outcome, Terminal terminal)
    {
        switch (outcome)
        {
            case CommandOutcome.Returned returned:
                foreach (var result in returned.Results)
                {
                    terminal.Output.WriteLine(result);
                }

                break;
            case CommandOutcome.Faulted faulted:
                terminal.Output.Flush();
                terminal.Error.WriteLine($"tarscli wasm run: {Printable.Of(module)}: {Printable.Of(Words(faulted))}");
                break;
            case CommandOutcome.Refused { Reason: var reason }:
                terminal.Error.WriteLine($"tarscli wasm run: {Printable.Of(module)}: {Printable.Of(reason)}");
                break;
            case CommandOutcome.Unusable { Reason: var reason }:
                terminal.Error.WriteLine($"tarscli wasm run: {Printable.Of(reason)}");
                break;
            default:
                break;
        }

        return StatusOf(outcome);
    }

    /// <summary>A command's own status as far as a process can have it, or one of ours.</summary>
    public static int StatusOf(CommandOutcome outcome) => outcome switch
    {
        CommandOutcome.Exited exited => (int)Math.Min(exited.Status, StatusMax),
        CommandOutcome.Returned => ExitStatus.Fine,
        CommandOutcome.Faulted or CommandOutcome.Refused => ExitStatus.Faulty,
        CommandOutcome.Unusable => ExitStatus.Unusable,
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    public static string Words(FaultKind kind) => kind switch
    {
        FaultKind.Unreachable => "it reached an `unreachable`",
        FaultKind.MemoryOutOfBounds => "an address outside of its memory",
        FaultKind.TableOutOfBounds => "a place outside of a table",
        FaultKind.IndirectCallTypeMismatch => "an indirect call of a function of another type",
        FaultKind.UninitializedElement => "an indirect call of nothing",
        FaultKind.IntegerDivideByZero => "a division by zero",
        FaultKind.IntegerOverflow => "an integer overflow",
        FaultKind.InvalidConversion => "a conversion of a number that is no integer",
        FaultKind.OutOfFuel => "its fuel is used up",
        FaultKind.StackExhausted => "calls nested too deep",
        FaultKind.EffectsFull => "its effect ring is full",
        FaultKind.BadHostCall => "a bad host call",
        FaultKind.Deadline => "its time is over",
    };

    private static string Words(CommandOutcome.Faulted faulted)
    {
        var (kind, _, offset) = faulted.Fault;
        string at = faulted.Function == "" ? ""
            : offset < 0 ? $", in {faulted.Function}"
            : string.Create(CultureInfo.InvariantCulture, $", in {faulted.Function} at byte {offset}");
        return $"trap {kind}: {Words(kind)}{at}";
    }
}
