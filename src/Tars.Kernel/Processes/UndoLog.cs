using System.Buffers.Binary;
using Tars.Bundle.Abi;

namespace Tars.Kernel.Processes;

/// <summary>
/// Plays a guest's undo log back (docs/abi.md). The log may be hostile: then nothing is written and its owner ends.
/// </summary>
/// <remarks>
/// One per kernel; its buffers are reused, so that undoing allocates nothing once they are large enough.
/// </remarks>
internal sealed class UndoLog(bool forgetsAllocator = false)
{
    private const int ChunkHeader = 16;
    private const int EntryHeader = 8;

    // Where a compiled guest keeps its allocator: at the start of the state region.
    private const int AllocatorBytes = 64;

    private readonly List<Entry> _entries = [];
    private byte[] _copy = new byte[4096];
    private int _copied;

    /// <summary>Undoes the event that was not committed. False when the log is bad.</summary>
    public bool TryPlay(GuestView view)
    {
        if (!TryRead(view))
        {
            return false;
        }

        uint low = view[ControlBlock.StateBase];
        foreach (var entry in _entries)
        {
            if (forgetsAllocator && entry.Address < low + AllocatorBytes)
            {
                continue; // A planted mistake.
            }

            _copy.AsSpan(entry.At, entry.Size).CopyTo(view.Memory[entry.Address..]);
        }

        return true;
    }

    /// <summary>True when to undo the event would write to the range, or cannot be done.</summary>
    public bool Touches(GuestView view, long start, int size) =>
        !TryRead(view)
        || _entries.Exists(entry => start < (long)entry.Address + entry.Size && entry.Address < start + size);

    private bool TryRead(GuestView view)
    {
        _entries.Clear();
        _copied = 0;
        uint low = view[ControlBlock.StateBase];
        uint high = view[ControlBlock.StateEnd];
        if (high < low || (ulong)view.Memory.Length < high)
        {
            return false;
        }

        long left = (long)(high - low) + Limits.UndoSlackMax;
        uint committed = view.EventsCommitted;
        uint chunk = view[ControlBlock.UndoHead];
        while (chunk != 0)
        {
            if (chunk % 8 != 0 || !view.TryRange(chunk, ChunkHeader, out var header))
            {
                return false;
            }

            uint older = BinaryPrimitives.ReadUInt32LittleEndian(header);
            uint size = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
            left -= ChunkHeader + (long)size;
            if (left < 0 || !view.TryRange(chunk + ChunkHeader, size, out var entries))
            {
                return false;
            }

            if (BinaryPrimitives.ReadUInt32LittleEndian(header[8..]) == committed && !TryRead(entries, low, high))
            {
                return false;
            }

            chunk = older;
        }

        return true;
    }

    // Notes the entries of a chunk, last first, and copies their octets away: they may lie where others are written.
    private bool TryRead(ReadOnlySpan<byte> chunk, uint low, uint high)
    {
        int first = _entries.Count;
        int at = 0;
        while (at < chunk.Length)
        {
            if (chunk.Length - at < EntryHeader)
            {
                return false;
            }

            uint address = BinaryPrimitives.ReadUInt32LittleEndian(chunk[at..]);
            uint size = BinaryPrimitives.ReadUInt32LittleEndian(chunk[(at + 4)..]);
            long padded = ((long)size + 7) & ~7L;
            bool inside = low <= address && (ulong)address + size <= high;
            if (!inside || chunk.Length - at - EntryHeader < padded)
            {
                return false;
            }

            if (size == 0)
            {
                at += EntryHeader; // Undoes nothing, and must not cost the host more than the guest.
                continue;
            }

            _entries.Add(new Entry((int)address, Copy(chunk.Slice(at + EntryHeader, (int)size)), (int)size));
            at += EntryHeader + (int)padded;
        }

        _entries.Reverse(first, _entries.Count - first);
        return true;
    }

    private int Copy(ReadOnlySpan<byte> octets)
    {
        if (_copy.Length - _copied < octets.Length)
        {
            Array.Resize(ref _copy, Math.Max(2 * _copy.Length, _copied + octets.Length));
        }

        octets.CopyTo(_copy.AsSpan(_copied));
        _copied += octets.Length;
        return _copied - octets.Length;
    }

    private readonly record struct Entry(int Address, int At, int Size);
}
