using Tars.Bundle.Wasm;
using Tars.Bundle.Wasm.Interpreter;
using Tars.Kernel.Ports;

namespace Tars.Host.Oracle;

/// <summary>A guest's module as the oracle runs it: makes instances.</summary>
internal sealed class OracleCode(ValidatedModule module) : IGuestCode
{
    public IGuest? Instantiate(GuestLimits limits, out GuestFault? fault)
    {
        var bounds = new OracleLimits(
            Limits.OracleStartFuelMax,
            limits.DepthSlotsMax,
            (uint)Math.Min(limits.MemoryBytesMax / WasmLimits.PageSize, OracleLimits.MemoryPagesMax),
            (uint)limits.TableElementsMax)
        {
            Abort = new OracleAbort(),
        };
        var calls = new OracleHostCalls(module);
        switch (OracleInstance.Instantiate(module, calls.Next, bounds))
        {
            case Instantiation.Ready ready:
                fault = null;
                return new OracleGuest(module, ready.Instance, calls, bounds);
            case Instantiation.Trapped trapped:
                fault = new GuestFault(OracleCommand.KindOf(trapped.Trap));
                return null;
            default:
                fault = new GuestFault(FaultKind.MemoryOutOfBounds);
                return null;
        }
    }

    public void Dispose()
    {
        // All of it is the garbage collector's.
    }
}
