using System.Buffers.Binary;
using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Kernel.Ports;

namespace Tars.Sim.Rings;

/// <summary>A guest without code: it commits every event and leaves effects that were drawn.</summary>
internal sealed class RingGuest : IGuest
{
    private const int Control = 64;
    private const int Effects = 256;
    private const int EffectsSize = 2048;
    private const int Events = Effects + EffectsSize;

    private readonly RingMaker _maker;
    private readonly Xoshiro256 _random;
    private readonly int _stillAgent;
    private byte[] _memory = new byte[Events + 4096];
    private bool _isStill;

    /// <param name="stillAgent">Index of the agent whose guests leave no effects.</param>
    public RingGuest(RingMaker maker, Xoshiro256 random, int stillAgent)
    {
        _maker = maker;
        _stillAgent = stillAgent;
        _random = random;
        this[ControlBlock.Version] = ControlBlock.AbiVersion;
        this[ControlBlock.EventsBase] = Events;
        this[ControlBlock.EventsSize] = 4096;
        this[ControlBlock.EffectsBase] = Effects;
        this[ControlBlock.EffectsSize] = EffectsSize;
        this[ControlBlock.StateBase] = 128;
        this[ControlBlock.StateEnd] = 128;
        this[ControlBlock.Flags] = ControlBlock.KeepsUndoLog;
    }

    public Span<byte> Memory => _memory;

    public int ControlAddress => Control;

    private uint this[int field]
    {
        get => BinaryPrimitives.ReadUInt32LittleEndian(_memory.AsSpan(Control + field));
        set => BinaryPrimitives.WriteUInt32LittleEndian(_memory.AsSpan(Control + field), value);
    }

    public StartAnswer Start(GuestCall call)
    {
        if (call.Entry == GuestEntry.Reserve)
        {
            int size = (call.Argument + 7) & ~7;
            Array.Resize(ref _memory, Math.Max(_memory.Length, Events + size));
            this[ControlBlock.EventsSize] = (uint)Math.Max(4096, size);
            return StartAnswer.Done(new GuestResult(1, Fault: null));
        }

        var events = _memory.AsSpan(Events, call.Argument);
        int count = _maker.Look(events);
        _isStill |= events[EventRecord.Kind] == (byte)EventKind.Birth && events[EventRecord.Payload] == _stillAgent;
        var ring = _isStill ? [] : _maker.Draw(_random, count, EffectsSize);
        ring.CopyTo(_memory.AsSpan(Effects));
        this[ControlBlock.EffectsUsed] = (uint)ring.Length;
        this[ControlBlock.EffectsCommitted] = (uint)ring.Length;
        this[ControlBlock.EventsCommitted] = (uint)count;
        return StartAnswer.Done(new GuestResult(1, Fault: null));
    }

    public void Abort()
    {
    }

    public void Forget(int address, int size) => _memory.AsSpan(address, size).Clear();

    public GuestState Save() => throw new NotSupportedException("it keeps an undo log");

    public void Restore(GuestState state) => throw new NotSupportedException("it keeps an undo log");

    public void Dispose()
    {
    }
}
