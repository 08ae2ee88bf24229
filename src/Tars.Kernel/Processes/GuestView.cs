using System.Buffers.Binary;
using Tars.Bundle.Abi;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Processes;

/// <summary>
/// A guest's memory with its control block, checked: every field is a claim of the guest until it was looked at.
/// </summary>
/// <remarks>Data plane. Valid between two calls of the guest only, as a call may move the memory.</remarks>
internal readonly ref struct GuestView
{
    private readonly Span<byte> _block;

    private GuestView(Span<byte> memory, int control)
    {
        Memory = memory;
        _block = memory.Slice(control, ControlBlock.Size);
    }

    public Span<byte> Memory { get; }

    public uint EventsSize => this[ControlBlock.EventsSize];

    public uint EffectsUsed => this[ControlBlock.EffectsUsed];

    public uint EffectsCommitted => this[ControlBlock.EffectsCommitted];

    public uint EventsCommitted => this[ControlBlock.EventsCommitted];

    public uint this[int field]
    {
        get => BinaryPrimitives.ReadUInt32LittleEndian(_block[field..]);
        set => BinaryPrimitives.WriteUInt32LittleEndian(_block[field..], value);
    }

    /// <summary>False when the guest has no control block of our version inside its memory.</summary>
    public static bool TryOpen(IGuest guest, out GuestView view)
    {
        var memory = guest.Memory;
        int control = guest.ControlAddress;
        if (control < 0 || control % 8 != 0 || memory.Length - ControlBlock.Size < control)
        {
            view = default;
            return false;
        }

        view = new GuestView(memory, control);
        return view[ControlBlock.Version] == ControlBlock.AbiVersion;
    }

    /// <summary>The bytes that a base and a size name; false when they do not lie inside the memory.</summary>
    public bool TryRange(uint start, uint size, out Span<byte> range)
    {
        bool inside = (ulong)start + size <= (ulong)Memory.Length;
        range = inside ? Memory.Slice((int)start, (int)size) : [];
        return inside;
    }

    public bool KeepsUndoLog => (this[ControlBlock.Flags] & ControlBlock.KeepsUndoLog) != 0;

    /// <summary>Sets what the kernel sets before each call.</summary>
    public void Open()
    {
        this[ControlBlock.EffectsUsed] = 0;
        this[ControlBlock.EffectsCommitted] = 0;
        this[ControlBlock.EventsCommitted] = 0;
        this[ControlBlock.UndoHead] = 0;
        this[ControlBlock.TrapCode] = 0;
        this[ControlBlock.TrapTextSize] = 0;
    }

    /// <summary>The event ring, whose base is a multiple of 8.</summary>
    public bool TryEvents(out Span<byte> ring) =>
        TryRange(this[ControlBlock.EventsBase], EventsSize, out ring) && this[ControlBlock.EventsBase] % 8 == 0;

    /// <summary>The effect ring, whose base is a multiple of 8.</summary>
    public bool TryEffects(out Span<byte> ring) =>
        TryRange(this[ControlBlock.EffectsBase], this[ControlBlock.EffectsSize], out ring)
        && this[ControlBlock.EffectsBase] % 8 == 0;
}
