using Tars.Kernel.Processes;

namespace Tars.Kernel.Scheduling;

/// <summary>Priority with ageing: <see cref="Limits.AgeingStep"/> of waiting counts as one step of priority.</summary>
/// <remarks>
/// All who wait age alike, so their order never changes and a heap keeps it.
///
/// Invariant: a process is before everyone who becomes ready more than ten steps after it, whatever their priorities.
/// </remarks>
/// <param name="ages">False for a mistake that a test puts in.</param>
internal sealed class AgeingQueue(bool ages) : IReadyQueue
{
    private readonly PriorityQueue<Process, (long Key, long Order)> _ready = new();

    public int Count => _ready.Count;

    public void Add(Process process)
    {
        ref var turn = ref process.Turn;
        long head = process.Agent.Spec.Schedule.Priority * Limits.AgeingStep;
        _ready.Enqueue(process, ((ages ? turn.Since : 0) - head, turn.Order));
    }

    public Turn? Take() => new Turn(_ready.Dequeue(), Limits.TurnEventsMax);

    public void Ran(Process process, long fuel)
    {
        // Only waiting counts.
    }
}
