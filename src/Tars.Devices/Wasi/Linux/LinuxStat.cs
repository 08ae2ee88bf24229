using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Tars.Devices.Wasi.Files;

namespace Tars.Devices.Wasi.Linux;

/// <summary>Reads what the system knows of a file.</summary>
internal static class LinuxStat
{
    private const int Size = 256;
    private const int NanosecondsPerSecond = 1_000_000_000;

    // The octets of struct statx, from linux/stat.h.
    private const int Nlink = 16;
    private const int Mode = 28;
    private const int Ino = 32;
    private const int Length = 40;
    private const int Atime = 64;
    private const int Ctime = 96;
    private const int Mtime = 112;
    private const int DevMajor = 136;
    private const int DevMinor = 140;

    /// <summary>Of the open file itself.</summary>
    public static Errno Of(SafeFileHandle file, out FileStat stat) =>
        Of(file, [0], LibC.AT_EMPTY_PATH, out stat);

    /// <summary>Of a name in a folder; a link is not followed.</summary>
    public static Errno Of(SafeFileHandle folder, byte[] nameWithNul, out FileStat stat) =>
        Of(folder, nameWithNul, LibC.AT_SYMLINK_NOFOLLOW, out stat);

    /// <summary>Two of struct timespec for the two times.</summary>
    public static void Write(NewTimes times, Span<long> to)
    {
        (to[0], to[1]) = Split(times.Atim);
        (to[2], to[3]) = Split(times.Mtim);
    }

    public static FileType TypeOf(int mode) => (mode >> 12) switch
    {
        2 => FileType.CharacterDevice,
        4 => FileType.Directory,
        6 => FileType.BlockDevice,
        8 => FileType.RegularFile,
        10 => FileType.SymbolicLink,
        12 => FileType.SocketStream,
        _ => FileType.Unknown,
    };

    private static (long Seconds, long Nanoseconds) Split(long? time) => time is { } instant
        ? (Math.DivRem(instant, NanosecondsPerSecond, out long rest), rest) switch
        {
            (var seconds, < 0) => (seconds - 1, rest + NanosecondsPerSecond),
            var whole => whole,
        }
        : (0, LibC.UTIME_OMIT);

    private static Errno Of(SafeFileHandle file, byte[] name, int flags, out FileStat stat)
    {
        Span<byte> read = stackalloc byte[Size];
        read.Clear();
        if (LibC.statx(file, name, flags, LibC.STATX_BASIC_STATS, read) != 0)
        {
            stat = default;
            return LinuxErrno.Of(Marshal.GetLastPInvokeError());
        }

        stat = new FileStat(
            ((ulong)U32(read, DevMajor) << 32) | U32(read, DevMinor),
            BinaryPrimitives.ReadUInt64LittleEndian(read[Ino..]),
            TypeOf(BinaryPrimitives.ReadUInt16LittleEndian(read[Mode..])),
            U32(read, Nlink),
            BinaryPrimitives.ReadUInt64LittleEndian(read[Length..]),
            Time(read[Atime..]),
            Time(read[Mtime..]),
            Time(read[Ctime..]));
        return Errno.Success;
    }

    private static uint U32(ReadOnlySpan<byte> read, int at) => BinaryPrimitives.ReadUInt32LittleEndian(read[at..]);

    // A file may carry any time; what does not fit into 64 bits of nanoseconds is cut.
    private static long Time(ReadOnlySpan<byte> read)
    {
        var time = ((Int128)BinaryPrimitives.ReadInt64LittleEndian(read) * NanosecondsPerSecond) + U32(read, 8);
        return (long)Int128.Clamp(time, long.MinValue, long.MaxValue);
    }
}
