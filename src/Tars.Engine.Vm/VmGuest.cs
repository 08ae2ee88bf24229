using System.Buffers.Binary;
using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;
using Tars.Engine.Vm.Loading;
using Tars.Engine.Vm.Machine;
using Tars.Kernel.Ports;

namespace Tars.Engine.Vm;

/// <summary>A guest in a machine of its own, which runs on the thread of its caller.</summary>
/// <remarks>
/// Invariants:
///   I1  What stands in the control area is the guest's word. Each number is checked before it is used.
///   I2  A machine that did what no correct code does runs no more. Its guest answers every call with
///       <see cref="FaultKind.Deadline"/>, which a replay does not repeat, until a state is put back: into another
///       machine.
/// </remarks>
internal sealed partial class VmGuest : IGuest
{
    private readonly VmCode _code;
    private readonly GuestLimits _limits;
    private readonly Lock _gate = new();
    private MicroVm _machine;
    private bool _isDisposed;

    public VmGuest(VmCode code, MicroVm machine, GuestLimits limits)
    {
        _code = code;
        _machine = machine;
        _limits = limits;
    }

    public Span<byte> Memory
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _machine.Memory(window: 0);
        }
    }

    public int ControlAddress { get; private set; }

    private GuestImage Image => _code.Images.Image;

    private ValidatedModule Module => Image.Facts.Module;

    /// <summary>Writes what the instance begins with, and runs its start function.</summary>
    /// <returns>Null, or why there is no such instance.</returns>
    public GuestFault? Begin()
    {
        var fault = InstanceStart.Run(
            Image,
            _machine.Control,
            _machine.MemorySize(window: 0),
            (at, octets) => _machine.Write(window: 0, at, octets),
            _limits.TableElementsMax);
        int control = GuestShape.Find(Module, ControlBlock.AddressExport, ExternKind.Global)!.Value; // A guest has it.
        ControlAddress = (int)(uint)InstanceStart.Global(_machine.Control, Image.Facts.GlobalAt(control));
        return fault ?? (Module.Module.Start is { } start ? Start(start) : null);
    }

    public StartAnswer Start(GuestCall call)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        long entry = call.Entry switch
        {
            GuestEntry.Run => _code.Run,
            GuestEntry.Reserve => _code.Reserve,
        };
        BinaryPrimitives.WriteInt32LittleEndian(_machine.Control[GuestMap.Control.CallBlock..], call.Argument);
        return StartAnswer.Done(Run(entry, call.Fuel, Limits.HostCallsPerRunMax));
    }

    /// <summary>Ends the call that is running with <see cref="FaultKind.Deadline"/>.</summary>
    /// <remarks>Any thread may ask for it.</remarks>
    public void Abort()
    {
        lock (_gate)
        {
            if (!_isDisposed)
            {
                _ = _machine.Preempt();
            }
        }
    }

    public void Forget(int address, int size)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _machine.Forget(window: 0, address, size);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (!_isDisposed)
            {
                _isDisposed = true;
                _code.Images.Return(_machine);
            }
        }
    }

    private GuestFault? Start(FuncIndex start)
    {
        // A start function that is an import has no entry: all that it could do is a host call, before there is a ring.
        return Image.EntryOf(start.Value) is { } entry
            ? Run(entry, Limits.StartFuelMax, Limits.StartGrowthCountMax).Fault
            : new GuestFault(FaultKind.BadHostCall, start.Value);
    }

    private GuestResult Run(long entry, long fuel, int growthCountMax) =>
        VmCall.Run(_machine, Image, entry, fuel, _limits.DepthSlotsMax, VmCallTerms.OfGuest(growthCountMax));
}
