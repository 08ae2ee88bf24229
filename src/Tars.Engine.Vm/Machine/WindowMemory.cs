using Microsoft.Win32.SafeHandles;
using Tars.Engine.Vm.Kvm;

namespace Tars.Engine.Vm.Machine;

/// <summary>One linear memory of a machine: where it lies for host and guest, and how it grows in place.</summary>
/// <remarks>
/// Invariants:
///   I1  Mapped are the pages below <see cref="Size"/> and no others.
///   I2  What the guest sees for the first time is zero.
///   I3  Host and guest addresses of a window are contiguous, so growing moves nothing.
/// </remarks>
internal sealed class WindowMemory
{
    private readonly MappedMemory _memory;
    private readonly PageTables _tables;
    private readonly long _offset;
    private readonly long _physical;
    private readonly long _address;
    private readonly HashSet<long> _written = [];
    private long _overlaid;

    /// <param name="offset">Where the window starts in <paramref name="memory"/>.</param>
    /// <param name="physical">Where it starts for the guest.</param>
    public WindowMemory(MappedMemory memory, PageTables tables, int index, long offset, long physical, long max)
    {
        _memory = memory;
        _tables = tables;
        _offset = offset;
        _physical = physical;
        _address = GuestMap.WindowBase(index);
        Max = max;
    }

    public long Size { get; private set; }

    public long Max { get; }

    /// <summary>Octets from the start of the window that slots of KVM cover.</summary>
    public long Backed { get; set; }

    /// <summary>Where it starts for the guest's processor.</summary>
    public long Physical => _physical;

    /// <summary>Whether the host may have written where it was not noted.</summary>
    public bool IsHostWritten { get; set; }

    /// <summary>Pages that the host has written and noted.</summary>
    public IReadOnlySet<long> WrittenPages => _written;

    /// <summary>Whether some of it comes from a file.</summary>
    public bool IsOverlaid => 0 < _overlaid;

    /// <summary>What the host may look at: at most what a span can hold.</summary>
    public Span<byte> Octets => _memory.Octets(_offset, (int)Math.Min(Size, int.MaxValue));

    /// <summary>Writes, and notes the pages.</summary>
    public void Write(long at, ReadOnlySpan<byte> octets)
    {
        octets.CopyTo(At(at, octets.Length));
        for (long page = at / GuestMap.PageSize; page * GuestMap.PageSize < at + octets.Length; page++)
        {
            _written.Add(page);
        }
    }

    /// <summary>Host and guest have written nothing since now.</summary>
    public void ForgetWrites()
    {
        _written.Clear();
        IsHostWritten = false;
    }

    public Span<byte> At(long at, int size)
    {
        CheckRange(at, size);
        return _memory.Octets(_offset + at, size);
    }

    /// <summary>The slot that is missing before it can have this size; none when it can.</summary>
    public KvmMemoryRegion? SlotFor(long size, int slot)
    {
        if (size <= Backed)
        {
            return null;
        }

        long end = Math.Min(Max, Math.Max(size, Backed * 2) + Limits.GrowthRoomBytes);
        return new KvmMemoryRegion
        {
            Slot = (uint)slot,
            GuestAddress = (ulong)(_physical + Backed),
            Size = (ulong)(end - Backed),
            HostAddress = (ulong)(_memory.Address + (nint)(_offset + Backed)),
        };
    }

    /// <summary>More or fewer pages, in place. What is added is zero.</summary>
    public void Resize(long size)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, Backed);
        if (Size < size)
        {
            ClearOverlaid(Size, size);
            _tables.Map(_address + Size, _physical + Size, size - Size, PageRights.ReadWrite);
        }
        else if (size < Size)
        {
            _tables.Unmap(_address + size, _physical + size, Size - size, PageRights.ReadWrite);
            _memory.Forget(_offset + size, Size - size);
        }

        Size = size;
    }

    /// <summary>Every octet becomes zero: what is used every time by writing, the rest by giving it back.</summary>
    public void Clear()
    {
        int written = (int)Math.Min(Size, Limits.WholeCopyBytesMax);
        _memory.Octets(_offset, written).Clear();
        _memory.Forget(_offset + written, Size - written);
        ClearOverlaid(written, Size);
    }

    /// <summary>Octets become zero: whole pages of many are given back, which takes longer than writing few.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Some of it is not of this memory; nothing changes.</exception>
    public void Forget(long at, int size)
    {
        CheckRange(at, size);
        long first = GuestMap.PageAligned(at);
        long end = (at + size) & -GuestMap.PageSize;
        if (end - first < Limits.GivenBackBytesMin || at < _overlaid) // I2: under an overlay, given back is not zero.
        {
            At(at, size).Clear();
            return;
        }

        At(at, (int)(first - at)).Clear();
        At(end, (int)(at + size - end)).Clear();
        _memory.Forget(_offset + first, end - first);
    }

    /// <summary>The first octets now come from a file, and what is written to them stays in this machine.</summary>
    public void Overlay(SafeFileHandle file, long size)
    {
        _memory.Overlay(_offset, size, file);
        _overlaid = Math.Max(_overlaid, size);
    }

    private void CheckRange(long at, int size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(at);
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(at, Size - size);
    }

    // I2: under an overlay, given back is not zero.
    private void ClearOverlaid(long from, long to)
    {
        const int Piece = 1 << 30;
        for (long at = from; at < Math.Min(to, _overlaid); at += Piece)
        {
            _memory.Octets(_offset + at, (int)Math.Min(Piece, Math.Min(to, _overlaid) - at)).Clear();
        }
    }
}
