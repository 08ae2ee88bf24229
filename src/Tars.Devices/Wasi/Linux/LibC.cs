using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]

namespace Tars.Devices.Wasi.Linux;

/// <summary>Every function of the system that granted folders need, declared once. No logic lives here.</summary>
/// <remarks>
/// Names are octets with a NUL at the end, which <see cref="LinuxFolder"/> puts there. A handle is held by the call, so
/// nobody closes it meanwhile. Sizes are those of 64-bit Linux: <see cref="IsHere"/>.
/// </remarks>
internal static partial class LibC
{
    public const int AT_FDCWD = -100;
    public const int AT_EMPTY_PATH = 0x1000;
    public const int AT_SYMLINK_NOFOLLOW = 0x100;
    public const int AT_REMOVEDIR = 0x200;
    public const int O_RDONLY = 0;
    public const int O_WRONLY = 1;
    public const int O_RDWR = 2;
    public const int O_CREAT = 0x40;
    public const int O_EXCL = 0x80;
    public const int O_NOCTTY = 0x100;
    public const int O_TRUNC = 0x200;
    public const int O_APPEND = 0x400;
    public const int O_NONBLOCK = 0x800;
    public const int O_DSYNC = 0x1000;
    public const int O_CLOEXEC = 0x80000;
    public const int O_SYNC = 0x101000;
    public const int O_PATH = 0x200000;
    public const int F_SETFL = 4;
    public const int SCHED_OTHER = 0;
    public const int SCHED_RR = 2;
    public const int SCHED_RESET_ON_FORK = 0x4000_0000;
    public const int PRIO_PROCESS = 0;
    public const int RLIMIT_RTTIME = 15;
    public const ulong RLIM_INFINITY = ulong.MaxValue;
    public const uint STATX_BASIC_STATS = 0x7FF;
    public const long UTIME_OMIT = (1L << 30) - 2;

    /// <summary>These two differ between processors.</summary>
    public static int O_DIRECTORY { get; } = IsArm ? 0x4000 : 0x10000;

    public static int O_NOFOLLOW { get; } = IsArm ? 0x8000 : 0x20000;

    /// <summary>Whether the signatures and numbers here hold on this machine.</summary>
    public static bool IsHere =>
        OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64;

    private static bool IsArm => RuntimeInformation.ProcessArchitecture is Architecture.Arm64;

    // SAFETY: openat is variadic in C. On x86-64 and arm64 Linux a word-sized fourth argument travels in the same
    // register either way, so this fixed signature is exact there. The name ends in NUL.
    [LibraryImport("libc", SetLastError = true)]
    internal static partial SafeFileHandle openat(SafeFileHandle folder, ReadOnlySpan<byte> name, int flags, uint mode);

    // SAFETY: as above; the first argument is AT_FDCWD in place of a handle.
    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true)]
    internal static partial SafeFileHandle open(int cwd, ReadOnlySpan<byte> path, int flags, uint mode);

    // SAFETY: the buffer has the 256 octets that struct statx has everywhere; the name ends in NUL.
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int statx(
        SafeFileHandle folder, ReadOnlySpan<byte> name, int flags, uint mask, Span<byte> result);

    // SAFETY: the size is the buffer's; at most so much is written, without a NUL.
    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint readlinkat(
        SafeFileHandle folder, ReadOnlySpan<byte> name, Span<byte> target, nuint size);

    // SAFETY: the name ends in NUL; the rest are plain numbers.
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int mkdirat(SafeFileHandle folder, ReadOnlySpan<byte> name, uint mode);

    // SAFETY: the name ends in NUL; the rest are plain numbers.
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int unlinkat(SafeFileHandle folder, ReadOnlySpan<byte> name, int flags);

    // SAFETY: both names end in NUL.
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int renameat(
        SafeFileHandle folder, ReadOnlySpan<byte> name, SafeFileHandle to, ReadOnlySpan<byte> newName);

    // SAFETY: both names end in NUL; without flags no link is followed.
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int linkat(
        SafeFileHandle folder, ReadOnlySpan<byte> name, SafeFileHandle to, ReadOnlySpan<byte> newName, int flags);

    // SAFETY: target and name end in NUL.
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int symlinkat(ReadOnlySpan<byte> target, SafeFileHandle folder, ReadOnlySpan<byte> name);

    // SAFETY: the times are two of struct timespec, which is two 64-bit words each; the name ends in NUL.
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int utimensat(
        SafeFileHandle folder, ReadOnlySpan<byte> name, ReadOnlySpan<long> times, int flags);

    // SAFETY: as above, of the file itself.
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int futimens(SafeFileHandle file, ReadOnlySpan<long> times);

    // SAFETY: the size is the buffer's; the system writes whole records into it.
    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint getdents64(SafeFileHandle folder, Span<byte> records, nuint size);

    // SAFETY: the size is the buffer's.
    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint read(SafeFileHandle file, Span<byte> into, nuint size);

    // SAFETY: the size is the buffer's.
    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint write(SafeFileHandle file, ReadOnlySpan<byte> from, nuint size);

    // SAFETY: the size is the buffer's.
    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint pread(SafeFileHandle file, Span<byte> into, nuint size, long offset);

    // SAFETY: the size is the buffer's.
    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint pwrite(SafeFileHandle file, ReadOnlySpan<byte> from, nuint size, long offset);

    // SAFETY: plain numbers; off_t has 64 bits here.
    [LibraryImport("libc", SetLastError = true)]
    internal static partial long lseek(SafeFileHandle file, long offset, int whence);

    // SAFETY: plain numbers; off_t has 64 bits here.
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int ftruncate(SafeFileHandle file, long size);

    // SAFETY: plain numbers; off_t has 64 bits here.
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int fallocate(SafeFileHandle file, int mode, long offset, long size);

    // SAFETY: takes nothing but the handle.
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int fsync(SafeFileHandle file);

    // SAFETY: takes nothing but the handle.
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int fdatasync(SafeFileHandle file);

    // SAFETY: takes nothing and cannot fail.
    [LibraryImport("libc")]
    internal static partial uint geteuid();

    // SAFETY: fcntl is variadic in C; as for openat a word-sized third argument is exact here.
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int fcntl(SafeFileHandle file, int command, nint argument);

    // SAFETY: no pointers; a negative answer is an invalid handle.
    [LibraryImport("libc", SetLastError = true)]
    internal static partial SafeFileHandle eventfd(uint count, int flags);

    // SAFETY: as below; the time is null.
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int ppoll(ref PollEntry watched, nuint count, nint time, nint mask);

    // SAFETY: the struct is one pollfd, as the count says; the mask is null.
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int ppoll(ref PollEntry watched, nuint count, ref Time time, nint mask);

    // SAFETY: struct sched_param is one int, which the system only reads; 0 is the calling thread.
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int sched_setscheduler(int thread, int policy, ref int priority);

    // SAFETY: takes and answers ints; 0 is the calling thread.
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int sched_getscheduler(int thread);

    // SAFETY: takes and answers ints; 0 is the calling thread.
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int getpriority(int which, int who);

    // SAFETY: struct rlimit is two unsigned words on 64-bit systems, which the system fills.
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int getrlimit(int resource, out ResourceLimit limit);

    /// <summary>struct pollfd: waits until the file can be read.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct PollEntry(nint file)
    {
        public int File = (int)file;
        public short Wanted = 1; // POLLIN
        public short Seen;
    }

    /// <summary>struct rlimit of 64-bit systems.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct ResourceLimit
    {
        public ulong Soft;
        public ulong Hard;
    }

    /// <summary>struct timespec of 64-bit systems.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Time(long seconds, long nanoseconds)
    {
        public long Seconds = seconds;
        public long Nanoseconds = nanoseconds;
    }
}
