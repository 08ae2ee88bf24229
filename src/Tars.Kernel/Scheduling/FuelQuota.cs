using Tars.Kernel.Processes;

namespace Tars.Kernel.Scheduling;

/// <summary>Keeps each process to the fuel that its agent may burn in a second: who has burnt more rests.</summary>
/// <remarks>
/// A second begins with the first fuel that is burnt in it. What is burnt beyond the limit, since an event is never cut
/// for it, is paid for with further seconds of rest; so over any time the mean is kept.
///
/// Invariant: nobody rests while the system stops, and whoever is told to stop does so at once.
/// </remarks>
internal sealed class FuelQuota(KernelState state)
{
    private const long Second = 1_000_000_000;

    /// <summary>A guest has come to the end of a call.</summary>
    public void Charge(Process process, long fuel)
    {
        if (process.Agent.Spec.Limits.FuelPerSecond is not { } most || state.IsStopping || process.IsEnded)
        {
            return;
        }

        ref var quota = ref process.Quota;
        long now = state.Now.Monotonic;
        if (quota.Begun <= now - Second)
        {
            quota = new QuotaRecord { Begun = now };
        }

        quota.Burnt = Math.Min(fuel, long.MaxValue - quota.Burnt) + quota.Burnt;
        long seconds = Math.Min(quota.Burnt / most, (long.MaxValue - quota.Begun) / Second);
        if (0 < seconds)
        {
            quota.Burnt %= most;
            quota.Begun += seconds * Second;
            state.Clock.SetRest(process, quota.Begun);
        }
    }

    /// <summary>The system stops: what waits is handled before anyone is told to.</summary>
    public void LetAllGo()
    {
        foreach (var process in state.Processes.Values)
        {
            state.Clock.CancelRest(process);
            state.Wake(process);
        }
    }
}

/// <summary>What a process has burnt of the fuel of its second.</summary>
internal record struct QuotaRecord
{
    /// <summary>When the second began, or will begin for one that rests.</summary>
    public long Begun { get; set; }

    public long Burnt { get; set; }
}
