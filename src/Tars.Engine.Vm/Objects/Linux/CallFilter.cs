using System.Runtime.InteropServices;

namespace Tars.Engine.Vm.Objects.Linux;

/// <summary>Which system calls a process has left, once it has all that it needs.</summary>
/// <remarks>
/// Invariants:
///   I1  What is not in the table is refused (EPERM), also what the system learns later.
///   I2  No file is opened, no socket made, no program begun, and no other process touched.
///   I3  It is for every thread that there is, and each that these begin; nothing takes it off again.
/// To allow a call add its number on x86-64 to the table; what depends on an argument has a row of its own.
/// </remarks>
internal static partial class CallFilter
{
    private const long Seccomp = 317;
    private const uint SetModeFilter = 1;
    private const uint EveryThread = 1;
    private const uint ArchX64 = 0xC000_003E;

    // Opcodes of the classic packet filter, and where the number of the call, its kind and its arguments stand.
    private const ushort Load = 0x20;
    private const ushort IfEqual = 0x15;
    private const ushort IfAnyBit = 0x45;
    private const ushort Return = 0x06;
    private const uint NumberAt = 0;
    private const uint ArchAt = 4;
    private const uint FirstArgumentAt = 16;

    private const uint Allow = 0x7FFF_0000;
    private const uint KillProcess = 0x8000_0000;
    private const uint RefusePermission = 0x0005_0000 | 1;
    private const uint RefuseUnknown = 0x0005_0000 | 38;

    private const uint Clone = 56;
    private const uint CloneThread = 0x0001_0000;
    private const uint Clone3 = 435;
    private const uint SendToThread = 234;
    private const uint SetLimit = 302;
    private const uint SetProcessors = 203;

    // Memory, threads of its own, clocks, and the pipes that are open. In the order of their numbers:
    // read write close fstat poll lseek mmap mprotect munmap brk
    // rt_sigaction rt_sigprocmask rt_sigreturn readv writev select sched_yield mremap mincore madvise
    // nanosleep getpid exit gettimeofday getrlimit getrusage sysinfo getppid sigaltstack gettid
    // futex sched_getaffinity restart_syscall clock_gettime clock_getres clock_nanosleep exit_group get_mempolicy
    // ppoll set_robust_list pipe2 getcpu getrandom membarrier rseq
    private static ReadOnlySpan<ushort> Allowed =>
    [
        0, 1, 3, 5, 7, 8, 9, 10, 11, 12,
        13, 14, 15, 19, 20, 23, 24, 25, 27, 28,
        35, 39, 60, 96, 97, 98, 99, 110, 131, 186,
        202, 204, 219, 228, 229, 230, 231, 239,
        271, 273, 293, 309, 318, 324, 334,
    ];

    /// <summary>From now on this process has only those calls.</summary>
    /// <returns>False when the system does not know such filters.</returns>
    // SAFETY: the structure and the rows that it points to live through the call, which copies them.
    public static unsafe bool Apply()
    {
        var rows = Rows((uint)Environment.ProcessId).ToArray();
        fixed (Row* first = rows)
        {
            var program = new Rows16((ushort)rows.Length, (nint)first);
            return syscall(Seccomp, SetModeFilter, EveryThread, (nint)(&program)) == 0;
        }
    }

    private static List<Row> Rows(uint process)
    {
        var rows = new List<Row>
        {
            new(Load, 0, 0, ArchAt),
            new(IfEqual, 1, 0, ArchX64),
            new(Return, 0, 0, KillProcess), // The calls of 32-bit programs have other numbers.
            new(Load, 0, 0, NumberAt),
        };
        foreach (ushort number in Allowed)
        {
            rows.Add(new Row(IfEqual, 0, 1, number));
            rows.Add(new Row(Return, 0, 0, Allow));
        }

        // A thread, and no process. Where the system has the newer call nobody can look into its arguments: who hears
        // that it is unknown takes the older one.
        AddIf(rows, Clone, IfAnyBit, CloneThread);
        rows.Add(new Row(IfEqual, 0, 1, Clone3));
        rows.Add(new Row(Return, 0, 0, RefuseUnknown));

        AddIf(rows, SendToThread, IfEqual, process); // The runtime stops its threads by signals.
        AddIf(rows, SetLimit, IfEqual, 0); // Its own.
        AddIf(rows, SetProcessors, IfEqual, 0); // Each new thread of the runtime says where it may run.
        rows.Add(new Row(Return, 0, 0, RefusePermission)); // I1
        return rows;
    }

    private static void AddIf(List<Row> rows, uint number, ushort test, uint value)
    {
        rows.Add(new Row(IfEqual, 0, 4, number));
        rows.Add(new Row(Load, 0, 0, FirstArgumentAt));
        rows.Add(new Row(test, 0, 1, value));
        rows.Add(new Row(Return, 0, 0, Allow));
        rows.Add(new Row(Return, 0, 0, RefusePermission));
    }

    // SAFETY: variadic in C, where four word-sized arguments travel in registers either way; the last is a pointer to a
    // structure as this call wants it.
    [LibraryImport("libc")]
    private static partial long syscall(long number, nuint operation, nuint flags, nint program);

    // struct sock_filter
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Row(ushort Code, byte IfTrue, byte IfFalse, uint Value);

    // struct sock_fprog: a count, and a pointer at the next multiple of its size.
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Rows16(ushort Count, nint First);
}
