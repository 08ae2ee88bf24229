using System.Buffers.Binary;
using Tars.Devices.Wasi.Files;

namespace Tars.Devices.Wasi.Calls;

/// <summary>The calls about what is open, but for reading and writing.</summary>
internal static class FdCalls
{
    private const int FdstatSize = 24;
    private const int PrestatSize = 8;
    private const int FilestatSize = 64;
    private const uint AdviceMax = 5;

    public static Errno Advise(WasiHost wasi, Frame call)
    {
        var errno = wasi.Files.Find(call.U32(0), Rights.FdAdvise, out var entry);
        return errno is not Errno.Success ? errno
            : call.I64(1) < 0 || call.I64(2) < 0 || AdviceMax < call.U32(3) ? Errno.Inval
            : entry.File.Type is FileType.Directory ? Errno.Badf
            : Errno.Success;
    }

    public static Errno Allocate(WasiHost wasi, Frame call)
    {
        var errno = wasi.Files.Find(call.U32(0), Rights.FdAllocate, out var entry);
        return errno is not Errno.Success ? errno
            : call.I64(1) < 0 || call.I64(2) <= 0 ? Errno.Inval
            : entry.File.Allocate(call.I64(1), call.I64(2));
    }

    public static Errno Close(WasiHost wasi, Frame call) => wasi.Files.Close(call.U32(0));

    public static Errno Datasync(WasiHost wasi, Frame call)
    {
        var errno = wasi.Files.Find(call.U32(0), Rights.FdDatasync, out var entry);
        return errno is Errno.Success ? entry.File.Sync(dataOnly: true) : errno;
    }

    public static Errno Sync(WasiHost wasi, Frame call)
    {
        var errno = wasi.Files.Find(call.U32(0), Rights.FdSync, out var entry);
        return errno is Errno.Success ? entry.File.Sync(dataOnly: false) : errno;
    }

    public static Errno FdstatGet(WasiHost wasi, Frame call)
    {
        var errno = wasi.Files.Find(call.U32(0), Rights.None, out var entry);
        if (errno is not Errno.Success)
        {
            return errno;
        }

        if (!call.TryRange(call.U32(1), FdstatSize, out var stat))
        {
            return Errno.Fault;
        }

        stat.Clear();
        stat[0] = (byte)entry.File.Type;
        BinaryPrimitives.WriteUInt16LittleEndian(stat[2..], (ushort)entry.Flags);
        BinaryPrimitives.WriteUInt64LittleEndian(stat[8..], (ulong)entry.Rights);
        BinaryPrimitives.WriteUInt64LittleEndian(stat[16..], (ulong)entry.Inheriting);
        return Errno.Success;
    }

    public static Errno SetFlags(WasiHost wasi, Frame call)
    {
        var errno = wasi.Files.Find(call.U32(0), Rights.FdFdstatSetFlags, out var entry);
        uint flags = call.U32(1);
        errno = errno is not Errno.Success ? errno
            : (flags & ~(uint)FdFlags.All) != 0 ? Errno.Inval
            : entry.File.SetFlags((FdFlags)flags);
        if (errno is Errno.Success)
        {
            entry.Flags = (FdFlags)flags;
        }

        return errno;
    }

    public static Errno SetRights(WasiHost wasi, Frame call)
    {
        var errno = wasi.Files.Find(call.U32(0), Rights.None, out var entry);
        return errno is not Errno.Success ? errno
            : entry.TryNarrow((Rights)call.U64(1), (Rights)call.U64(2)) ? Errno.Success
            : Errno.Notcapable;
    }

    public static Errno FilestatGet(WasiHost wasi, Frame call)
    {
        var errno = wasi.Files.Find(call.U32(0), Rights.FdFilestatGet, out var entry);
        FileStat stat = default;
        errno = errno is Errno.Success ? entry.File.Stat(out stat) : errno;
        return errno is Errno.Success ? PutStat(call, call.U32(1), stat) : errno;
    }

    public static Errno SetSize(WasiHost wasi, Frame call)
    {
        var errno = wasi.Files.Find(call.U32(0), Rights.FdFilestatSetSize, out var entry);
        return errno is not Errno.Success ? errno
            : call.I64(1) < 0 ? Errno.Inval
            : entry.File.SetSize(call.I64(1));
    }

    public static Errno SetTimes(WasiHost wasi, Frame call)
    {
        var errno = wasi.Files.Find(call.U32(0), Rights.FdFilestatSetTimes, out var entry);
        NewTimes times = default;
        errno = errno is Errno.Success ? Times(wasi, call, first: 1, out times) : errno;
        return errno is Errno.Success ? entry.File.SetTimes(times) : errno;
    }

    public static Errno PrestatGet(WasiHost wasi, Frame call)
    {
        var errno = wasi.Files.Find(call.U32(0), Rights.None, out var entry);
        if (errno is not Errno.Success || entry.Granted is null)
        {
            return Errno.Badf;
        }

        if (!call.TryRange(call.U32(1), PrestatSize, out var stat))
        {
            return Errno.Fault;
        }

        stat.Clear(); // The first octet says what was granted: 0 is a folder.
        BinaryPrimitives.WriteUInt32LittleEndian(stat[4..], (uint)entry.Granted.Length);
        return Errno.Success;
    }

    public static Errno PrestatDirName(WasiHost wasi, Frame call)
    {
        var errno = wasi.Files.Find(call.U32(0), Rights.None, out var entry);
        if (errno is not Errno.Success || entry.Granted is null)
        {
            return Errno.Badf;
        }

        if (call.U32(2) < (uint)entry.Granted.Length)
        {
            return Errno.Nametoolong;
        }

        if (!call.TryRange(call.U32(1), (uint)entry.Granted.Length, out var name))
        {
            return Errno.Fault;
        }

        entry.Granted.CopyTo(name);
        return Errno.Success;
    }

    public static Errno Renumber(WasiHost wasi, Frame call) => wasi.Files.Renumber(call.U32(0), call.U32(1));

    public static Errno Seek(WasiHost wasi, Frame call)
    {
        bool asks = call.I64(1) == 0 && call.U32(2) == (uint)Whence.Cur;
        var errno = wasi.Files.Find(call.U32(0), asks ? Rights.FdTell : Rights.FdSeek, out var entry);
        return errno is not Errno.Success ? errno
            : (uint)Whence.End < call.U32(2) ? Errno.Inval
            : MoveTo(entry, call.I64(1), (Whence)call.U32(2), call, call.U32(3));
    }

    public static Errno Tell(WasiHost wasi, Frame call)
    {
        var errno = wasi.Files.Find(call.U32(0), Rights.FdTell, out var entry);
        return errno is Errno.Success ? MoveTo(entry, 0, Whence.Cur, call, call.U32(1)) : errno;
    }

    /// <summary>Writes the 64 octets of a filestat.</summary>
    public static Errno PutStat(Frame call, uint address, FileStat stat)
    {
        if (!call.TryRange(address, FilestatSize, out var bytes))
        {
            return Errno.Fault;
        }

        bytes.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, stat.Device);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], stat.Inode);
        bytes[16] = (byte)stat.Type;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[24..], stat.LinkCount);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[32..], stat.Size);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[40..], stat.Atim);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[48..], stat.Mtim);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[56..], stat.Ctim);
        return Errno.Success;
    }

    /// <summary>The two times from this place on, and the flags behind them.</summary>
    public static Errno Times(WasiHost wasi, Frame call, int first, out NewTimes times)
    {
        times = default;
        if ((call.U32(first + 2) & ~(uint)TimeFlags.All) != 0)
        {
            return Errno.Inval;
        }

        var flags = (TimeFlags)call.U32(first + 2);
        if (flags.HasFlag(TimeFlags.Atim | TimeFlags.AtimNow) || flags.HasFlag(TimeFlags.Mtim | TimeFlags.MtimNow))
        {
            return Errno.Inval;
        }

        long now = wasi.Clock.Now.Instant;
        times = new NewTimes(
            flags.HasFlag(TimeFlags.AtimNow) ? now : flags.HasFlag(TimeFlags.Atim) ? call.I64(first) : null,
            flags.HasFlag(TimeFlags.MtimNow) ? now : flags.HasFlag(TimeFlags.Mtim) ? call.I64(first + 1) : null);
        return Errno.Success;
    }

    private static Errno MoveTo(FdEntry entry, long offset, Whence whence, Frame call, uint result)
    {
        if (!call.Holds(result, sizeof(ulong)))
        {
            return Errno.Fault;
        }

        var errno = entry.File.Seek(offset, whence, out ulong position);
        return errno is Errno.Success ? call.Put(result, position) : errno;
    }
}
