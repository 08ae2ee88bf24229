using Tars.Kernel.Processes;

namespace Tars.Kernel.Scheduling;

/// <summary>Earliest deadline first: an event is due so long after it came in as its agent says.</summary>
/// <remarks>
/// Who names a deadline gets one event a turn, for the next one may be due later than somebody else's. Who names none
/// is due after <see cref="Limits.DeadlineDefault"/>, so that nobody waits for ever.
/// </remarks>
internal sealed class DeadlineQueue : IReadyQueue
{
    private readonly PriorityQueue<Process, (long Due, long Order)> _ready = new();

    public int Count => _ready.Count;

    public void Add(Process process)
    {
        ref var turn = ref process.Turn;
        long span = process.Agent.Spec.Schedule.Deadline ?? Limits.DeadlineDefault;
        long due = long.MaxValue - span < turn.Released ? long.MaxValue : turn.Released + span;
        _ready.Enqueue(process, (due, turn.Order));
    }

    public Turn? Take()
    {
        var process = _ready.Dequeue();
        return new Turn(process, process.Agent.Spec.Schedule.Deadline is null ? Limits.TurnEventsMax : 1);
    }

    public void Ran(Process process, long fuel)
    {
        // Only deadlines count.
    }
}
