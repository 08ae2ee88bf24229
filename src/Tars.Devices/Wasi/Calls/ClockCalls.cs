namespace Tars.Devices.Wasi.Calls;

/// <summary>The calls about clocks.</summary>
internal static class ClockCalls
{
    private const ulong SystemResolution = 100;

    public static Errno ClockResGet(WasiHost wasi, Frame call) => IsClock(call.U32(0))
        ? call.Put(call.U32(1), wasi.Clock.IsVirtual ? (ulong)Limits.ClockReadNanoseconds : SystemResolution)
        : Errno.Inval;

    public static Errno ClockTimeGet(WasiHost wasi, Frame call)
    {
        if (!IsClock(call.U32(0)))
        {
            return Errno.Inval;
        }

        var now = wasi.Clock.Now;
        wasi.Clock.AdvanceTo(now.Monotonic + Limits.ClockReadNanoseconds);
        return call.Put(call.U32(2), (ulong)Reading((ClockId)call.U32(0), now.Instant, now.Monotonic));
    }

    // A command is told no times of the machine's processor: those clocks show how long it has run.
    public static long Reading(ClockId clock, long instant, long monotonic) => clock switch
    {
        ClockId.Realtime => instant,
        ClockId.Monotonic or ClockId.ProcessCputime or ClockId.ThreadCputime => monotonic,
    };

    public static bool IsClock(uint id) => id <= (uint)ClockId.ThreadCputime;
}
