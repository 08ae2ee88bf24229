namespace Tars.Kernel.Ports;

/// <summary>Who decides which process runs next, and how many may run at a time.</summary>
/// <param name="Kind">A built-in policy; where a module decides, the one that takes over from it.</param>
public sealed record PolicyChoice(PolicyKind Kind = PolicyKind.RoundRobin)
{
    /// <summary>A module that decides, for as long as it does so soundly.</summary>
    public PolicyModule? Module { get; init; }

    /// <summary>
    /// Nanoseconds of the scheduler's clock that a ready process may wait while others have their turns again and
    /// again, and that a module may take for an answer.
    /// </summary>
    public long Watchdog { get; init; } = Limits.WatchdogPeriod;

    /// <summary>
    /// Guests that may run at a time, where the engine runs them elsewhere. A simulation of one core says one.
    /// </summary>
    public int RunningMax { get; init; } = int.MaxValue;
}
