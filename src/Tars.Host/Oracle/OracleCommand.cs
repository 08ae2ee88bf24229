using Tars.Bundle.Wasm;
using Tars.Bundle.Wasm.Interpreter;
using Tars.Kernel.Ports;

namespace Tars.Host.Oracle;

/// <summary>A command that the oracle runs.</summary>
internal sealed class OracleCommand : ICommand
{
    private readonly OracleInstance _instance;
    private readonly OracleCommandHost _host;
    private readonly OracleLimits _limits;

    public OracleCommand(OracleInstance instance, OracleCommandHost host, OracleLimits limits)
    {
        _instance = instance;
        _host = host;
        _limits = limits;
        host.Instance = instance;
    }

    public CommandEnd Call(FuncIndex function, ReadOnlySpan<ulong> arguments, long fuel)
    {
        var given = new Value[arguments.Length];
        for (int place = 0; place < given.Length; place++)
        {
            given[place] = Value.Of(arguments[place]);
        }

        var result = OracleInstance.Call(_instance.Function(function), given, _limits with { Fuel = fuel });
        if (_host.HasStopped)
        {
            return new CommandEnd.Stopped(result.FuelUsed);
        }

        return result switch
        {
            OracleResult.Returned returned =>
                new CommandEnd.Returned([.. returned.Values.Select(value => value.Low)], result.FuelUsed),
            OracleResult.Trapped trapped => new CommandEnd.Faulted(
                new GuestFault(KindOf(trapped.Trap), trapped.Function?.Value ?? -1, trapped.Offset), result.FuelUsed),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    public void Abort() => _limits.Abort!.Ask();

    public void Dispose()
    {
        // All of it is the garbage collector's.
    }

    public static FaultKind KindOf(WasmTrap trap) => trap switch
    {
        WasmTrap.Unreachable => FaultKind.Unreachable,
        WasmTrap.MemoryOutOfBounds => FaultKind.MemoryOutOfBounds,
        WasmTrap.TableOutOfBounds => FaultKind.TableOutOfBounds,
        WasmTrap.IndirectCallTypeMismatch => FaultKind.IndirectCallTypeMismatch,
        WasmTrap.UninitializedElement => FaultKind.UninitializedElement,
        WasmTrap.IntegerDivideByZero => FaultKind.IntegerDivideByZero,
        WasmTrap.IntegerOverflow => FaultKind.IntegerOverflow,
        WasmTrap.InvalidConversion => FaultKind.InvalidConversion,
        WasmTrap.OutOfFuel => FaultKind.OutOfFuel,
        WasmTrap.StackExhausted => FaultKind.StackExhausted,
        WasmTrap.Deadline => FaultKind.Deadline,
    };
}
