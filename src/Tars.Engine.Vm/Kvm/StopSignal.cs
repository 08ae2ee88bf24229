namespace Tars.Engine.Vm.Kvm;

/// <summary>The real-time signal that ends a KVM_RUN of a thread and does nothing else.</summary>
/// <remarks>
/// The signal is blocked in every thread that ever runs a machine, for good, and let in by KVM_SET_SIGNAL_MASK inside
/// KVM_RUN alone. So it needs no handler, and one that comes too late waits and is taken away.
/// </remarks>
internal static class StopSignal
{
    // Real-time, and used neither by the C library (32, 33) nor by .NET (34).
    private const int Number = 45;

    private const int ClockThreadCpuTime = 3;

    [ThreadStatic]
    private static int _thread;

    /// <summary>Its place in a set of signals.</summary>
    public static ulong Bit => 1UL << (Number - 1);

    /// <summary>Readies the calling thread.</summary>
    /// <returns>The thread's number, for <see cref="Send"/>.</returns>
    public static int Prepare()
    {
        if (_thread == 0)
        {
            var set = new SignalSet { Low = Bit };
            if (KvmNative.SetSignalMask(KvmNative.SignalsBlock, in set, old: 0) != 0)
            {
                throw KvmException.Missing("thread whose signals can be blocked");
            }

            _thread = KvmNative.ThreadId();
        }

        return _thread;
    }

    /// <summary>Ends the KVM_RUN of a thread that is running one, as its caller knows by a lock.</summary>
    public static void Send(int thread) => _ = KvmNative.Signal(Environment.ProcessId, thread, Number);

    /// <summary>Takes away what came for this thread: such signals queue, and one left ends every run.</summary>
    public static void Take()
    {
        var set = new SignalSet { Low = Bit };
        var now = default(TimeSpec);
        while (KvmNative.TakeSignal(in set, information: 0, in now) == Number)
        {
        }
    }

    /// <summary>CPU time of a thread in nanoseconds; of one that has ended, 0.</summary>
    public static long CpuTime(int thread)
    {
        // As the kernel numbers the scheduling clock of a thread: ~thread << 3, and 6 for "per thread, scheduler".
        int clock = thread == 0 ? ClockThreadCpuTime : (~thread << 3) | 6;
        return KvmNative.ReadClock(clock, out var now) == 0 ? (now.Seconds * 1_000_000_000) + now.Nanoseconds : 0;
    }
}
