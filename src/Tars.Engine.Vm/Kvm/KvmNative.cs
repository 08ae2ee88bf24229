using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]

namespace Tars.Engine.Vm.Kvm;

/// <summary>The system calls of this engine, each declared once.</summary>
internal static partial class KvmNative
{
    public const int OpenReadWrite = 0x2;
    public const int OpenCloseOnExec = 0x80000;

    public const int ErrorInterrupted = 4;
    public const int ErrorAgain = 11;
    public const int ErrorNoMemory = 12;

    public const int ProtectRead = 1;
    public const int ProtectWrite = 2;

    public const int MapShared = 0x01;
    public const int MapPrivate = 0x02;
    public const int MapFixed = 0x10;
    public const int MapAnonymous = 0x20;
    public const int MapNoReserve = 0x4000;

    public const int AdviseDontNeed = 4;
    public const int AdviseNoHugePage = 15;

    public const int SignalsBlock = 0;

    public const int LimitOfFiles = 7;

    // SAFETY: the path is read before the call returns; the answer is a descriptor or -1.
    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Open(string path, int flags);

    // SAFETY: ioctl is variadic in C. On x86-64 Linux a third argument of one word travels in the same register either
    // way. Where it is an address, the memory behind it is pinned by the caller and has the size that the number says.
    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int Control(SafeFileHandle file, nuint request, nint argument);

    // SAFETY: all arguments are words or ints as in POSIX. With MapFixed the address lies in a mapping of the caller.
    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    internal static partial nint Map(nint address, nuint size, int protection, int flags, int file, nint offset);

    // SAFETY: called once, by the handle that owns the mapping, with the address and size that Map was given.
    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    internal static partial int Unmap(nint address, nuint size);

    // SAFETY: only for pages of one private mapping of the caller; AdviseDontNeed makes them what they were mapped as.
    [LibraryImport("libc", EntryPoint = "madvise", SetLastError = true)]
    internal static partial int Advise(nint address, nuint size, int advice);

    // SAFETY: the name is read before the call returns; the answer is a descriptor or -1.
    [LibraryImport(
        "libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int MemoryFile(string name, uint flags);

    // SAFETY: both are words; the file is the caller's own.
    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    internal static partial int Truncate(SafeFileHandle file, nint size);

    // SAFETY: struct rlimit is two 64-bit numbers on 64-bit Linux, written into the caller's variable.
    [LibraryImport("libc", EntryPoint = "getrlimit")]
    internal static partial int ReadLimit(int what, out ResourceLimit limit);

    // SAFETY: no arguments, cannot fail.
    [LibraryImport("libc", EntryPoint = "gettid")]
    internal static partial int ThreadId();

    // SAFETY: all are ints. The caller holds the lock under which the thread said that it is running a machine, so the
    // thread lives and has the signal blocked (StopSignal): it ends a KVM_RUN and nothing else.
    [LibraryImport("libc", EntryPoint = "tgkill", SetLastError = true)]
    internal static partial int Signal(int process, int thread, int signal);

    // SAFETY: the set has the 128 octets of a sigset_t; no old set is asked for.
    [LibraryImport("libc", EntryPoint = "pthread_sigmask")]
    internal static partial int SetSignalMask(int how, in SignalSet set, nint old);

    // SAFETY: set and time outlive the call; no information about the signal is asked for.
    [LibraryImport("libc", EntryPoint = "sigtimedwait", SetLastError = true)]
    internal static partial int TakeSignal(in SignalSet set, nint information, in TimeSpec atMost);

    // SAFETY: the answer is written into the caller's variable.
    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    internal static partial int ReadClock(int clock, out TimeSpec now);
}

/// <summary>A struct rlimit.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ResourceLimit
{
    public ulong Soft, Hard;
}

/// <summary>A sigset_t.</summary>
[StructLayout(LayoutKind.Sequential, Size = 128)]
internal struct SignalSet
{
    public ulong Low;
}

/// <summary>A timespec.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TimeSpec
{
    public long Seconds;
    public long Nanoseconds;
}
