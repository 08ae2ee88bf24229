using System.Collections.Immutable;

namespace Tars.Kernel.Ports;

/// <summary>What a host must know after a Step to choose the next one.</summary>
/// <param name="MoreToDo">True when a Turn would run a process at once.</param>
/// <param name="NextDue">When the next timer is due on the monotonic clock; null when none is set.</param>
/// <param name="Alive">Processes that have not ended.</param>
/// <param name="Running">Processes whose guest is running elsewhere.</param>
/// <param name="Aborted">Calls that <see cref="Kernel.Abort"/> ended, which no replay can know by itself.</param>
public readonly record struct StepResult(
    bool MoreToDo, long? NextDue, int Alive, int Running, ImmutableArray<AbortedCall> Aborted);
