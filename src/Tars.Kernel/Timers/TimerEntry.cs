using Tars.Kernel.Processes;

namespace Tars.Kernel.Timers;

/// <summary>A timer of a process. Made once for each name and used again.</summary>
internal sealed class TimerEntry(Process owner, int handler)
{
    /// <summary>In place of a handler: the end of a rest.</summary>
    public const int Rest = -2;

    public Process Owner { get; } = owner;

    /// <summary>Index of the handler; -1 for the time-out of the ask that the owner waits for, or <see cref="Rest"/>.
    /// </summary>
    public int Handler { get; private set; } = handler;

    /// <summary>When it is due next on the monotonic clock.</summary>
    public long Due { get; set; }

    /// <summary>Zero for once.</summary>
    public long Period { get; set; }

    /// <summary>Due times that the tick in the mailbox stands for; zero when none waits there.</summary>
    public long WaitingTurns { get; set; }

    /// <summary>Place in the heap; -1 when it is not set.</summary>
    public int HeapPlace { get; set; } = -1;

    /// <summary>Order among timers that are due at the same time: the older setting first.</summary>
    public long Serial { get; set; }

    /// <summary>True when it is due some time, or a tick of it waits.</summary>
    public bool IsSet => 0 <= HeapPlace || 0 < WaitingTurns;

    /// <summary>The owner's module was swapped: its handler has another index now.</summary>
    public void Move(int handler) => Handler = handler;
}
