using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Tars.Base;
using Tars.Devices.Wasi.Files;

namespace Tars.Devices.Wasi.Linux;

/// <summary>A folder of the machine. Every operation names one component in an open folder.</summary>
internal sealed class LinuxFolder(SafeFileHandle folder) : OpenFolder
{
    private const uint FolderMode = 0x1FF; // 0777, less what the umask takes.
    private const uint FileMode = 0x1B6; // 0666, the same.
    private const int RecordsSize = 32 * 1024;

    // Octets of struct linux_dirent64.
    private const int RecordSize = 16;
    private const int RecordType = 18;
    private const int RecordName = 19;

    /// <summary>Opens a folder to be granted, by a path of the machine.</summary>
    /// <returns>Null, and why, when it cannot be opened.</returns>
    public static LinuxFolder? Open(string path, out Errno errno)
    {
        if (!LibC.IsHere)
        {
            errno = Errno.Notsup;
            return null;
        }

        int flags = LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_CLOEXEC;
        var opened = LibC.open(LibC.AT_FDCWD, WithNul(Encoding.UTF8.GetBytes(path)), flags, mode: 0);
        errno = StatusOf(opened);
        return errno is Errno.Success ? new LinuxFolder(opened) : null;
    }

    public override Errno Stat(out FileStat stat) => LinuxStat.Of(folder, out stat);

    // One that was only stepped into (O_PATH) has to be opened for it.
    public override Errno Sync(bool dataOnly)
    {
        int flags = LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_CLOEXEC;
        using var opened = LibC.openat(folder, WithNul([(byte)'.']), flags, mode: 0);
        return opened.IsInvalid ? LastError() : Status(dataOnly ? LibC.fdatasync(opened) : LibC.fsync(opened));
    }

    public override Errno SetFlags(FdFlags flags) => flags is FdFlags.None ? Errno.Success : Errno.Notsup;

    public override Errno SetTimes(NewTimes times)
    {
        Span<long> spec = stackalloc long[4];
        LinuxStat.Write(times, spec);
        return Status(LibC.futimens(folder, spec));
    }

    public override Errno Step(byte[] name, out OpenFolder? entered)
    {
        int flags = LibC.O_PATH | LibC.O_DIRECTORY | LibC.O_NOFOLLOW | LibC.O_CLOEXEC;
        var opened = LibC.openat(folder, WithNul(name), flags, mode: 0);
        var errno = StatusOf(opened);
        entered = errno is Errno.Success ? new LinuxFolder(opened) : null;
        return errno;
    }

    // A pipe would make the opening wait, so nothing waits here, and what is neither file, folder nor character
    // device is closed again.
    public override Errno Open(byte[] name, OpenHow how, out OpenFile? file)
    {
        file = null;
        int flags = SystemFlags(how) | LinuxFile.FlagsOf(how.Flags);
        var opened = LibC.openat(folder, WithNul(name), flags | LibC.O_NONBLOCK, FileMode);
        var errno = StatusOf(opened);
        if (errno is not Errno.Success)
        {
            return errno;
        }

        errno = LinuxStat.Of(opened, out var stat);
        if (errno is Errno.Success && stat.Type is FileType.Directory)
        {
            file = new LinuxFolder(opened);
            return Errno.Success;
        }

        if (errno is Errno.Success && stat.Type is FileType.RegularFile or FileType.CharacterDevice)
        {
            errno = how.Flags.HasFlag(FdFlags.Nonblock)
                ? Errno.Success
                : Status(LibC.fcntl(opened, LibC.F_SETFL, LinuxFile.FlagsOf(how.Flags)));
            file = new LinuxFile(opened, stat.Type);
            return errno;
        }

        opened.Dispose();
        return errno is Errno.Success ? Errno.Notsup : errno;
    }

    public override Errno ReadLink(byte[] name, out byte[] target)
    {
        Span<byte> read = stackalloc byte[Limits.PathBytesMax];
        nint size = LibC.readlinkat(folder, WithNul(name), read, (nuint)read.Length);
        target = 0 <= size ? read[..(int)size].ToArray() : [];
        return size < 0 ? LastError() : size == read.Length ? Errno.Nametoolong : Errno.Success;
    }

    public override Errno StatOf(byte[] name, out FileStat stat) => LinuxStat.Of(folder, WithNul(name), out stat);

    public override Errno SetTimesOf(byte[] name, NewTimes times)
    {
        Span<long> spec = stackalloc long[4];
        LinuxStat.Write(times, spec);
        return Status(LibC.utimensat(folder, WithNul(name), spec, LibC.AT_SYMLINK_NOFOLLOW));
    }

    public override Errno MakeFolder(byte[] name) => Status(LibC.mkdirat(folder, WithNul(name), FolderMode));

    public override Errno RemoveFolder(byte[] name) =>
        Status(LibC.unlinkat(folder, WithNul(name), LibC.AT_REMOVEDIR));

    public override Errno RemoveFile(byte[] name) => Status(LibC.unlinkat(folder, WithNul(name), flags: 0));

    public override Errno Rename(byte[] name, OpenFolder to, byte[] newName) =>
        Status(LibC.renameat(folder, WithNul(name), Other(to), WithNul(newName)));

    public override Errno Link(byte[] name, OpenFolder to, byte[] newName) =>
        Status(LibC.linkat(folder, WithNul(name), Other(to), WithNul(newName), flags: 0));

    public override Errno MakeLink(byte[] target, byte[] name) =>
        Status(LibC.symlinkat(WithNul(target), folder, WithNul(name)));

    public override Errno List(out List<FolderEntry> entries)
    {
        entries = [];
        byte[] records = new byte[RecordsSize];
        if (LibC.lseek(folder, 0, (int)Whence.Set) < 0)
        {
            return LastError();
        }

        while (true)
        {
            nint size = LibC.getdents64(folder, records, (nuint)records.Length);
            if (size <= 0)
            {
                return size == 0 ? Errno.Success : LastError();
            }

            Take(records.AsSpan(0, (int)size), entries);
            if (Limits.FolderEntryCountMax < entries.Count)
            {
                return Errno.Overflow;
            }
        }
    }

    public override void Dispose() => folder.Dispose();

    private static int SystemFlags(OpenHow how) =>
        (how.Writes ? how.Reads ? LibC.O_RDWR : LibC.O_WRONLY : LibC.O_RDONLY)
        | (how.Open.HasFlag(OpenFlags.Creat) ? LibC.O_CREAT : 0)
        | (how.Open.HasFlag(OpenFlags.Directory) ? LibC.O_DIRECTORY : 0)
        | (how.Open.HasFlag(OpenFlags.Excl) ? LibC.O_EXCL : 0)
        | (how.Open.HasFlag(OpenFlags.Trunc) ? LibC.O_TRUNC : 0)
        | LibC.O_NOFOLLOW | LibC.O_CLOEXEC | LibC.O_NOCTTY;

    private static void Take(ReadOnlySpan<byte> records, List<FolderEntry> entries)
    {
        while (!records.IsEmpty)
        {
            int size = BinaryPrimitives.ReadUInt16LittleEndian(records[RecordSize..]);
            var name = records[RecordName..size];
            name = name[..name.IndexOf((byte)0)];
            if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
            {
                ulong inode = BinaryPrimitives.ReadUInt64LittleEndian(records);
                entries.Add(new FolderEntry(name.ToArray(), inode, LinuxStat.TypeOf(records[RecordType] << 12)));
            }

            records = records[size..];
        }
    }

    private static SafeFileHandle Other(OpenFolder other)
    {
        Invariant.Holds(other is LinuxFolder);
        return ((LinuxFolder)other).Handle;
    }

    private SafeFileHandle Handle => folder;

    private static byte[] WithNul(byte[] name) => [.. name, 0];

    private static Errno StatusOf(SafeFileHandle opened)
    {
        if (!opened.IsInvalid)
        {
            return Errno.Success;
        }

        var errno = LastError();
        opened.Dispose();
        return errno;
    }

    private static Errno Status(int status) => status == 0 ? Errno.Success : LastError();

    private static Errno LastError() => LinuxErrno.Of(Marshal.GetLastPInvokeError());
}
