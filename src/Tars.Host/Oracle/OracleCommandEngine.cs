using Tars.Bundle.Wasm;
using Tars.Bundle.Wasm.Interpreter;
using Tars.Kernel.Ports;

namespace Tars.Host.Oracle;

/// <summary>Runs commands on the oracle, for those who trust an interpreter more, and to compare engines
/// with it.</summary>
internal sealed class OracleCommandEngine : ICommandEngine
{
    public string Name => "oracle";

    public CommandLoad Load(ValidatedModule module, IHostFunctions host, GuestLimits limits)
    {
        if (CommandImports.Bind(module, host, out var numbers) is { } missing)
        {
            return new CommandLoad.Refused(missing);
        }

        var bounds = new OracleLimits(
            Fuel: 0,
            limits.DepthSlotsMax,
            (uint)Math.Min(limits.MemoryBytesMax / WasmLimits.PageSize, OracleLimits.MemoryPagesMax),
            (uint)limits.TableElementsMax)
        {
            Abort = new OracleAbort(),
        };
        var calls = new OracleCommandHost(module, host, numbers);
        return OracleInstance.Link(module, calls.Next, bounds) switch
        {
            Instantiation.Ready ready => new CommandLoad.Ready(new OracleCommand(ready.Instance, calls, bounds)),
            Instantiation.Trapped trapped =>
                new CommandLoad.Faulted(new GuestFault(OracleCommand.KindOf(trapped.Trap))),
            Instantiation.Unlinkable => new CommandLoad.Refused(
                "its memory or its tables are larger than the limits allow"),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }
}
