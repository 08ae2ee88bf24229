using Tars.Engine.Cil.Runtime;
using Tars.Kernel.Ports;

namespace Tars.Engine.Cil;

/// <summary>A guest that runs in this process, on the thread of its caller.</summary>
public sealed class CilGuest : IGuest
{
    private readonly CilCode _code;
    private readonly Instance _instance;
    private bool _isDisposed;

    internal CilGuest(CilCode code, Instance instance)
    {
        _code = code;
        _instance = instance;
    }

    public Span<byte> Memory
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _instance.State.Memory(_instance.Code.Layout.Memory);
        }
    }

    public int ControlAddress
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _instance.State.Int(StateLayout.Control);
        }
    }

    public StartAnswer Start(GuestCall call)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var entry = call.Entry switch
        {
            GuestEntry.Run => _code.Run,
            GuestEntry.Reserve => _code.Reserve,
        };
        return StartAnswer.Done(GuestRun.Run(_instance, call.Fuel, entry, call.Argument));
    }

    public void Forget(int address, int size)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _instance.Forget(address, size);
    }

    public GuestState Save()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return _instance.Save();
    }

    public void Restore(GuestState state)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _instance.Restore(state);
    }

    /// <summary>
    /// Ends the call that is running with <see cref="FaultKind.Deadline"/>. Any thread may ask for it.
    /// </summary>
    /// <remarks>When no call is running it does nothing: the next call starts with its own deadline.</remarks>
    public void Abort()
    {
        lock (_instance) // Nobody else locks it.
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
        lock (_instance) // Nobody else locks it.
        {
            _isDisposed = true;
            _instance.Dispose();
        }
    }
}
