using Tars.Kernel.Processes;

namespace Tars.Kernel.Scheduling;

/// <summary>Weighted fair: who has had least fuel for its weight is next.</summary>
/// <remarks>
/// Each process has a virtual time that grows by its fuel divided by its weight; the least is next. Who was not ready
/// for a while starts where the one that runs stands: waiting for events earns nothing.
///
/// Invariant: of two that are ready all the time, fuel by weight differs by no more than one turn of each.
/// </remarks>
internal sealed class FairQueue : IReadyQueue
{
    // What fuel is multiplied by, so that division by a weight of up to a thousand keeps three digits.
    private const int Scale = 1_000_000;

    private readonly PriorityQueue<Process, (Int128 Time, long Order)> _ready = new();

    public int Count => _ready.Count;

    /// <summary>The virtual time of the newest turn.</summary>
    public Int128 Now { get; private set; }

    /// <summary>Takes the place of another one that had come so far.</summary>
    public void GoOnFrom(Int128 now) => Now = now;

    public void Add(Process process)
    {
        ref var turn = ref process.Turn;
        turn.VirtualTime = Int128.Max(turn.VirtualTime, Now);
        _ready.Enqueue(process, (turn.VirtualTime, turn.Order));
    }

    public Turn? Take()
    {
        var process = _ready.Dequeue();
        Now = process.IsEnded ? Now : Int128.Max(Now, process.Turn.VirtualTime);
        return new Turn(process, Limits.TurnEventsMax);
    }

    public void Ran(Process process, long fuel) =>
        process.Turn.VirtualTime += (Int128)fuel * Scale / Math.Max(1, process.Agent.Spec.Schedule.Weight);
}
