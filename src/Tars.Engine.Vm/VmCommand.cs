using System.Buffers.Binary;
using System.Collections.Immutable;
using Tars.Bundle.Wasm;
using Tars.Engine.Vm.Machine;
using Tars.Kernel.Ports;

namespace Tars.Engine.Vm;

/// <summary>A command in a machine of its own, which runs on the thread of its caller.</summary>
/// <remarks>Invariant: what stands in the call block is the guest's word. It gives numbers to the host, which believes
/// none of them, and chooses nothing here.</remarks>
internal sealed class VmCommand : ICommand, IGuestMemory
{
    private readonly VmImages _images;
    private readonly MicroVm _machine;
    private readonly GuestLimits _limits;
    private readonly IHostFunctions _host;
    private readonly ImmutableArray<int> _numbers;
    private readonly Lock _gate = new();
    private bool _hasStopped;
    private volatile bool _isAborted;
    private bool _isDisposed;

    /// <param name="numbers">For each imported function the number by which the host knows it.</param>
    public VmCommand(
        VmImages images, MicroVm machine, GuestLimits limits, IHostFunctions host, ImmutableArray<int> numbers)
    {
        _images = images;
        _machine = machine;
        _limits = limits;
        _host = host;
        _numbers = numbers;
    }

    public long Size => _machine.MemorySize(window: 0);

    private ValidatedModule Module => _images.Image.Facts.Module;

    public CommandEnd Call(FuncIndex function, ReadOnlySpan<ulong> arguments, long fuel)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _hasStopped = false;
        _isAborted = false;
        if (function.Value < _numbers.Length)
        {
            return CallHost(function.Value, arguments);
        }

        for (int place = 0; place < arguments.Length; place++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(Slot(place), arguments[place]);
        }

        long entry = _images.Image.EntryOf(function.Value)!.Value; // Whatever is exported or starts has one.
        var terms = VmCallTerms.OfCommand(Answer);
        var result = VmCall.Run(_machine, _images.Image, entry, fuel, _limits.DepthSlotsMax, terms);
        return _isAborted ? new CommandEnd.Faulted(new GuestFault(FaultKind.Deadline), result.FuelUsed)
            : _hasStopped ? new CommandEnd.Stopped(result.FuelUsed)
            : result.Fault is { } fault ? new CommandEnd.Faulted(fault, result.FuelUsed)
            : new CommandEnd.Returned(Results(function), result.FuelUsed);
    }

    public bool TryRange(uint address, uint count, out Span<byte> bytes)
    {
        bool isInside = count <= int.MaxValue && address + (long)count <= Size;
        bytes = isInside && count != 0 ? _machine.MemoryAt(window: 0, address, (int)count) : default;
        return isInside;
    }

    public void Abort()
    {
        _isAborted = true; // It may be with its host just now.
        lock (_gate)
        {
            if (!_isDisposed)
            {
                _ = _machine.Preempt();
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (!_isDisposed)
            {
                _isDisposed = true;
                _images.Return(_machine);
            }
        }
    }

    // A number is the guest's word: one that belongs to no import ends the machine.
    private VmAnswer Answer(int number)
    {
        int import = _numbers.IndexOf(number - GuestMap.HostCall.FirstOfImage);
        if (import < 0)
        {
            return VmAnswer.Unknown;
        }

        // A type has at most WasmLimits.ParameterCountMax of them.
        var type = Module.FunctionTypes[import];
        Span<ulong> given = stackalloc ulong[type.Parameters.Length];
        Span<ulong> taken = stackalloc ulong[type.Results.Length];
        for (int place = 0; place < given.Length; place++)
        {
            given[place] = Bits(place, type.Parameters[place]);
        }

        _hasStopped = !_host.Call(_numbers[import], given, taken, this);
        for (int place = 0; place < taken.Length; place++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(Slot(place), taken[place]);
        }

        return _hasStopped || _isAborted ? VmAnswer.Stops : VmAnswer.GoesOn;
    }

    // An import that is exported again: there is no code to run.
    private CommandEnd CallHost(int import, ReadOnlySpan<ulong> arguments)
    {
        ulong[] results = new ulong[Module.FunctionTypes[import].Results.Length];
        return _host.Call(_numbers[import], arguments, results, this)
            ? new CommandEnd.Returned([.. results], FuelUsed: 0)
            : new CommandEnd.Stopped(FuelUsed: 0);
    }

    private ImmutableArray<ulong> Results(FuncIndex function) =>
        [.. Module.FunctionTypes[function.Value].Results.Select((type, place) => Bits(place, type))];

    // An i32 or f32 fills only the first four octets of its slot.
    private ulong Bits(int place, ValType type) => type is ValType.I32 or ValType.F32
        ? BinaryPrimitives.ReadUInt32LittleEndian(Slot(place))
        : BinaryPrimitives.ReadUInt64LittleEndian(Slot(place));

    private Span<byte> Slot(int place) =>
        _machine.Control.Slice(
            GuestMap.Control.CallBlock + (place * GuestMap.Control.CallSlotSize), GuestMap.Control.CallSlotSize);
}
