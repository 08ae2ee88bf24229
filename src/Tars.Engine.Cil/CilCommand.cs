using System.Collections.Immutable;
using Tars.Bundle.Wasm;
using Tars.Engine.Cil.Runtime;
using Tars.Kernel.Ports;

namespace Tars.Engine.Cil;

/// <summary>A command that runs in this process, on the thread of its caller.</summary>
internal sealed class CilCommand : ICommand
{
    private readonly Instance _instance;
    private readonly CommandHost _host;
    private readonly Lock _gate = new();
    private bool _isDisposed;

    public CilCommand(Instance instance, CommandHost host)
    {
        _instance = instance;
        _host = host;
        instance.Host = host;
    }

    public CommandEnd Call(FuncIndex function, ReadOnlySpan<ulong> arguments, long fuel)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        for (int place = 0; place < arguments.Length; place++)
        {
            _instance.State.SetValue(StateLayout.ScratchOf(place), arguments[place]);
        }

        var result = GuestRun.Run(_instance, fuel, _instance.Code.EntryOf(function.Value));
        if (_host.HasStopped)
        {
            return new CommandEnd.Stopped(result.FuelUsed);
        }

        return result.Fault is { } fault
            ? new CommandEnd.Faulted(fault, result.FuelUsed)
            : new CommandEnd.Returned(Results(function), result.FuelUsed);
    }

    public void Abort()
    {
        lock (_gate)
        {
            if (!_isDisposed)
            {
                var state = _instance.State;
                state.Floor = long.MaxValue;
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _instance.Dispose();
        }
    }

    private ImmutableArray<ulong> Results(FuncIndex function) =>
    [
        .. _instance.Code.Validated.FunctionTypes[function.Value].Results
            .Select((type, place) => CommandHost.Bits(_instance.State, place, type)),
    ];
}
