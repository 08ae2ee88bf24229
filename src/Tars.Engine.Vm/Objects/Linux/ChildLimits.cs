using System.Runtime.InteropServices;

namespace Tars.Engine.Vm.Objects.Linux;

/// <summary>What the process that compiles takes away from itself before it reads what it is given.</summary>
internal static partial class ChildLimits
{
    private const int RLIMIT_CPU = 0;
    private const int RLIMIT_FSIZE = 1;
    private const int RLIMIT_DATA = 2;
    private const int RLIMIT_CORE = 4;
    private const int PR_SET_NO_NEW_PRIVS = 38;

    /// <summary>Memory is bounded, no octet goes into a file by a write, and no program that it began could be more
    /// than it.</summary>
    /// <remarks>Signals of the terminal go past it: whether it ends is for its parent to say.</remarks>
    public static bool Confine(long memoryBytes) =>
        (setsid() != -1 || getpgrp() == Environment.ProcessId)
        && Set(RLIMIT_CORE, 0, 0)
        && Set(RLIMIT_FSIZE, 0, 0)
        && Set(RLIMIT_DATA, (ulong)memoryBytes, (ulong)memoryBytes)
        && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;

    /// <summary>From now on so many seconds, then the system ends this process.</summary>
    public static bool AllowCpu(int seconds)
    {
        var used = Environment.CpuUsage.TotalTime;
        ulong until = (ulong)Math.Ceiling(used.TotalSeconds) + (ulong)seconds;

        // The soft bound alone, since the next job moves it on; its signal ends a process that does not ask for it.
        return Set(RLIMIT_CPU, until, ulong.MaxValue);
    }

    /// <summary>Nothing is left but memory, threads, clocks and the pipes that are open; for good.</summary>
    /// <remarks>Before that it must have loaded all that it needs.</remarks>
    public static bool Seal() => CallFilter.Apply();

    private static bool Set(int what, ulong soft, ulong hard)
    {
        var bounds = new Bounds(soft, hard);
        return setrlimit(what, in bounds) == 0;
    }

    // SAFETY: struct rlimit is two 64-bit numbers on 64-bit Linux, and is only read.
    [LibraryImport("libc")]
    private static partial int setrlimit(int what, in Bounds bounds);

    // SAFETY: no arguments.
    [LibraryImport("libc")]
    private static partial int setsid();

    // SAFETY: no arguments.
    [LibraryImport("libc")]
    private static partial int getpgrp();

    // SAFETY: variadic in C, where five word-sized arguments travel in registers either way; all are numbers.
    [LibraryImport("libc")]
    private static partial int prctl(int what, nuint a, nuint b, nuint c, nuint d);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Bounds(ulong Soft, ulong Hard);
}
