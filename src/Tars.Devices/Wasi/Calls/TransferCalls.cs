using System.Buffers.Binary;
using Tars.Devices.Wasi.Files;

namespace Tars.Devices.Wasi.Calls;

/// <summary>The calls that move octets between memory and what is open (data plane).</summary>
/// <remarks>
/// Invariants:
///   I1  All addresses are checked before anything is moved: a call that faults has done nothing.
///   I2  A transfer may be shorter than asked for. What was moved before something failed is answered as moved.
/// </remarks>
internal static class TransferCalls
{
    private const int EntrySize = 24;

    public static Errno Read(WasiHost wasi, Frame call)
    {
        var errno = Prepare(wasi, call, Rights.FdRead, result: 3, out var entry, out var buffers);
        uint moved = 0;
        foreach (var (address, size) in buffers)
        {
            _ = call.TryRange(address, size, out var bytes);
            errno = entry.File.Read(bytes, out int count);
            moved += (uint)count;
            if (errno is not Errno.Success || count < bytes.Length)
            {
                break;
            }
        }

        wasi.Metrics.OctetsRead += moved;
        return Answer(call, result: 3, errno, moved);
    }

    public static Errno Write(WasiHost wasi, Frame call)
    {
        var errno = Prepare(wasi, call, Rights.FdWrite, result: 3, out var entry, out var buffers);
        uint moved = 0;
        foreach (var (address, size) in buffers)
        {
            _ = call.TryRange(address, size, out var bytes);
            errno = entry.File.Write(bytes, out int count);
            moved += (uint)count;
            if (errno is not Errno.Success || count < bytes.Length)
            {
                break;
            }
        }

        wasi.Metrics.OctetsWritten += moved;
        return Answer(call, result: 3, errno, moved);
    }

    public static Errno Pread(WasiHost wasi, Frame call)
    {
        var errno = Prepare(wasi, call, Rights.FdRead | Rights.FdSeek, result: 4, out var entry, out var buffers);
        uint moved = 0;
        foreach (var (address, size) in buffers)
        {
            if (!TryOffset(call.I64(3), moved, out long offset))
            {
                errno = Errno.Inval;
                break;
            }

            _ = call.TryRange(address, size, out var bytes);
            errno = entry.File.ReadAt(bytes, offset, out int count);
            moved += (uint)count;
            if (errno is not Errno.Success || count < bytes.Length)
            {
                break;
            }
        }

        wasi.Metrics.OctetsRead += moved;
        return Answer(call, result: 4, errno, moved);
    }

    public static Errno Pwrite(WasiHost wasi, Frame call)
    {
        var errno = Prepare(wasi, call, Rights.FdWrite | Rights.FdSeek, result: 4, out var entry, out var buffers);
        uint moved = 0;
        foreach (var (address, size) in buffers)
        {
            if (!TryOffset(call.I64(3), moved, out long offset))
            {
                errno = Errno.Inval;
                break;
            }

            _ = call.TryRange(address, size, out var bytes);
            errno = entry.File.WriteAt(bytes, offset, out int count);
            moved += (uint)count;
            if (errno is not Errno.Success || count < bytes.Length)
            {
                break;
            }
        }

        wasi.Metrics.OctetsWritten += moved;
        return Answer(call, result: 4, errno, moved);
    }

    /// <summary>Fills the buffer with entries; the last may be cut, and a full buffer says that more follow.</summary>
    public static Errno Readdir(WasiHost wasi, Frame call)
    {
        var errno = wasi.Files.Find(call.U32(0), Rights.FdReaddir, out var entry);
        if (errno is not Errno.Success)
        {
            return errno;
        }

        if (!call.Holds(call.U32(4), sizeof(uint)) || !call.Holds(call.U32(1), call.U32(2)))
        {
            return Errno.Fault; // I1
        }

        if (entry.File is not OpenFolder folder)
        {
            return Errno.Notdir;
        }

        _ = call.TryRange(call.U32(1), Math.Min(call.U32(2), Limits.TransferBytesMax), out var buffer);
        errno = Listing(wasi.Files, entry, folder, restart: call.U64(3) == 0);
        if (errno is not Errno.Success)
        {
            return errno;
        }

        int used = 0;
        for (ulong next = call.U64(3); next < (ulong)entry.Listing!.Count && used < buffer.Length; next++)
        {
            used += Copy(entry.Listing[(int)next], next + 1, buffer[used..]);
        }

        if (used < buffer.Length)
        {
            entry.Keep(null); // The guest sees that nothing follows.
        }

        return call.Put(call.U32(4), (uint)used);
    }

    private static Errno Prepare(
        WasiHost wasi,
        Frame call,
        Rights needed,
        int result,
        out FdEntry entry,
        out List<(uint Address, uint Size)> buffers)
    {
        buffers = [];
        var errno = wasi.Files.Find(call.U32(0), needed, out entry);
        errno = errno is not Errno.Success ? errno
            : !call.Holds(call.U32(result), sizeof(uint)) ? Errno.Fault // I1
            : call.Buffers(1, out buffers);
        if (errno is not Errno.Success)
        {
            buffers = [];
        }

        return errno;
    }

    private static Errno Answer(Frame call, int result, Errno errno, uint moved) =>
        errno is Errno.Success || moved != 0 ? call.Put(call.U32(result), moved) : errno; // I2

    // Offsets are signed in the systems below, and the end of the range counts too.
    private static bool TryOffset(long first, uint moved, out long offset)
    {
        offset = unchecked(first + moved);
        return 0 <= first && 0 <= offset;
    }

    // Sorted, so that equal folders are listed alike wherever they are.
    private static Errno Listing(FdTable files, FdEntry entry, OpenFolder folder, bool restart)
    {
        if (!restart && entry.Listing is not null)
        {
            return Errno.Success;
        }

        entry.Keep(null);
        var errno = folder.List(out var names);
        FileStat self = default;
        errno = errno is Errno.Success ? folder.Stat(out self) : errno;
        if (errno is not Errno.Success)
        {
            return errno;
        }

        names.Sort(static (one, other) => one.Name.AsSpan().SequenceCompareTo(other.Name));
        // What lies above a folder is not told, so `..` has the folder's own number.
        names.Insert(0, new FolderEntry([(byte)'.'], self.Inode, FileType.Directory));
        names.Insert(1, new FolderEntry([(byte)'.', (byte)'.'], self.Inode, FileType.Directory));
        if (Limits.ListedOctetsMax < files.ListingOctets + FdEntry.OctetsOf(names))
        {
            return Errno.Nomem;
        }

        entry.Keep(names);
        return Errno.Success;
    }

    private static int Copy(FolderEntry from, ulong next, Span<byte> to)
    {
        Span<byte> head = stackalloc byte[EntrySize];
        head.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(head, next);
        BinaryPrimitives.WriteUInt64LittleEndian(head[8..], from.Inode);
        BinaryPrimitives.WriteUInt32LittleEndian(head[16..], (uint)from.Name.Length);
        head[20] = (byte)from.Type;
        int headSize = Math.Min(EntrySize, to.Length);
        head[..headSize].CopyTo(to);
        int nameSize = Math.Min(from.Name.Length, to.Length - headSize);
        from.Name.AsSpan(0, nameSize).CopyTo(to[headSize..]);
        return headSize + nameSize;
    }
}
