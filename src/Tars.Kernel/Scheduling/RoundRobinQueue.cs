using Tars.Kernel.Processes;

namespace Tars.Kernel.Scheduling;

/// <summary>Round-robin: whoever became ready first is next, and gets as many events as fit into a batch.</summary>
internal sealed class RoundRobinQueue : IReadyQueue
{
    private readonly Queue<Process> _ready = new();

    public int Count => _ready.Count;

    public void Add(Process process) => _ready.Enqueue(process);

    public Turn? Take() => new Turn(_ready.Dequeue(), int.MaxValue);

    public void Ran(Process process, long fuel)
    {
        // Whoever has used much waits no longer for that.
    }
}
