using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Tars.Devices.Wasi.Files;

namespace Tars.Devices.Wasi.Linux;

/// <summary>A file of a granted folder. The system keeps its position.</summary>
internal sealed class LinuxFile(SafeFileHandle file, FileType type) : OpenFile
{
    public override FileType Type => type;

    /// <summary>The flags of the system for these of WASI; how a file is opened is not among them.</summary>
    public static int FlagsOf(FdFlags flags) =>
        (flags.HasFlag(FdFlags.Append) ? LibC.O_APPEND : 0)
        | (flags.HasFlag(FdFlags.Nonblock) ? LibC.O_NONBLOCK : 0)
        | (flags.HasFlag(FdFlags.Dsync) ? LibC.O_DSYNC : 0)
        | ((flags & (FdFlags.Sync | FdFlags.Rsync)) != FdFlags.None ? LibC.O_SYNC : 0);

    public override Errno Stat(out FileStat stat) => LinuxStat.Of(file, out stat);

    public override Errno Read(Span<byte> into, out int count)
    {
        nint moved;
        while ((moved = LibC.read(file, into, (nuint)into.Length)) < 0 && IsInterrupted())
        {
        }

        return Moved(moved, out count);
    }

    public override Errno Write(ReadOnlySpan<byte> from, out int count)
    {
        nint moved;
        while ((moved = LibC.write(file, from, (nuint)from.Length)) < 0 && IsInterrupted())
        {
        }

        return Moved(moved, out count);
    }

    public override Errno ReadAt(Span<byte> into, long offset, out int count) =>
        Moved(LibC.pread(file, into, (nuint)into.Length, offset), out count);

    public override Errno WriteAt(ReadOnlySpan<byte> from, long offset, out int count) =>
        Moved(LibC.pwrite(file, from, (nuint)from.Length, offset), out count);

    public override Errno Seek(long offset, Whence whence, out ulong position)
    {
        long reached = LibC.lseek(file, offset, (int)whence);
        position = (ulong)Math.Max(reached, 0);
        return Status(reached < 0 ? -1 : 0);
    }

    public override Errno SetSize(long size) => Status(LibC.ftruncate(file, size));

    public override Errno Allocate(long offset, long length) => Status(LibC.fallocate(file, 0, offset, length));

    public override Errno Sync(bool dataOnly) => Status(dataOnly ? LibC.fdatasync(file) : LibC.fsync(file));

    // The system keeps the flags of synchronous writing as they were at the opening; it would say nothing.
    public override Errno SetFlags(FdFlags flags) =>
        (flags & ~(FdFlags.Append | FdFlags.Nonblock)) != FdFlags.None
            ? Errno.Notsup
            : Status(LibC.fcntl(file, LibC.F_SETFL, FlagsOf(flags)));

    public override Errno SetTimes(NewTimes times)
    {
        Span<long> spec = stackalloc long[4];
        LinuxStat.Write(times, spec);
        return Status(LibC.futimens(file, spec));
    }

    public override void Dispose() => file.Dispose();

    private static bool IsInterrupted() => Marshal.GetLastPInvokeError() == LinuxErrno.EINTR;

    private static Errno Moved(nint moved, out int count)
    {
        count = (int)Math.Max(moved, 0);
        return Status(moved < 0 ? -1 : 0);
    }

    private static Errno Status(int status) =>
        status == 0 ? Errno.Success : LinuxErrno.Of(Marshal.GetLastPInvokeError());
}
