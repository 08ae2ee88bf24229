using Tars.Devices.Wasi.Linux;

namespace Tars.Devices.Host;

/// <summary>The scheduling policy of the calling thread: SCHED_RR at its lowest priority, or that of all others.
/// </summary>
internal static class RealTime
{
    private const string OfLimit =
        "the system ends who computes for too long under real time (`ulimit -R`), and an event may";

    private const string OfChoice = "it runs under a policy, or behind others, as it was told";

    /// <summary>False when that is not permitted, or not wanted by who started the program.</summary>
    public static bool TrySet(bool on) => LibC.IsHere && (!on || (IsPlain && IsUnlimited)) && Change(on);

    /// <summary>Null when the calling thread can be put under SCHED_RR; it is then as it was before.</summary>
    public static string? WhyNot() =>
        !LibC.IsHere ? "this is not Linux on a processor that is known"
        : !IsPlain ? OfChoice
        : !IsUnlimited ? OfLimit
        : !Change(on: true) ? "the system does not permit it"
        : Change(on: false) ? null
        : "the system does not permit to leave it again";

    private static bool IsPlain =>
        (LibC.sched_getscheduler(0) & ~LibC.SCHED_RESET_ON_FORK) == LibC.SCHED_OTHER
        && LibC.getpriority(LibC.PRIO_PROCESS, 0) <= 0;

    // Past the limit comes SIGXCPU, and past the hard one SIGKILL: a guest could end the host by computing.
    private static bool IsUnlimited =>
        LibC.getrlimit(LibC.RLIMIT_RTTIME, out var limit) == 0 && limit.Soft == LibC.RLIM_INFINITY;

    // Who is begun by the thread begins as all others, and who may not take the flag back need not.
    private static bool Change(bool on)
    {
        int priority = on ? 1 : 0;
        int policy = on ? LibC.SCHED_RR : LibC.SCHED_OTHER;
        return LibC.sched_setscheduler(0, policy | LibC.SCHED_RESET_ON_FORK, ref priority) == 0;
    }
}
