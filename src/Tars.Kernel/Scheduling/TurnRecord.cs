using Tars.Kernel.Processes;

namespace Tars.Kernel.Scheduling;

/// <summary>What the scheduler keeps of a process. Data; nobody else changes it.</summary>
internal struct TurnRecord
{
    /// <summary>The scheduler's clock when the process became ready.</summary>
    public long Since;

    /// <summary>The scheduler's clock when the event came that the process is ready for.</summary>
    public long Released;

    /// <summary>Counts all who became ready and all turns, so that no two are equal.</summary>
    public long Order;

    /// <summary>Fuel that it has had, each unit divided by its weight.</summary>
    public Int128 VirtualTime;

    /// <summary>The <see cref="Order"/> of its newest turn.</summary>
    public long LastTurn;

    /// <summary>Its neighbours in a <see cref="ReadyList"/>.</summary>
    public Process? Before;

    public Process? Behind;
}
