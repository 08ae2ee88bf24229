using Tars.Kernel.Ports;

namespace Tars.Evolution.Scenarios;

/// <summary>What is going to happen in a run, the next first; what is due at once happens in a fixed order.</summary>
internal sealed class Agenda
{
    private readonly PriorityQueue<Entry, (long At, AgendaRank Rank, long Serial)> _queue = new();
    private long _serial;

    /// <summary>When the next thing is due; null when there is none.</summary>
    public long? NextDue => _queue.TryPeek(out _, out var next) ? next.At : null;

    /// <summary>What the next thing is; null when there is none.</summary>
    public AgendaRank? NextRank => _queue.TryPeek(out _, out var next) ? next.Rank : null;

    /// <summary>Puts in what is due at an instant.</summary>
    /// <param name="make">Makes the event with the clocks at that time; null when nothing is to be stepped.</param>
    public void Add(long at, AgendaRank rank, Func<Moment, KernelEvent?> make) =>
        _queue.Enqueue(new Entry(rank, make), (at, rank, ++_serial));

    /// <summary>The next thing; the agenda must not be empty.</summary>
    public Entry Take() => _queue.Dequeue();

    internal readonly record struct Entry(AgendaRank Rank, Func<Moment, KernelEvent?> Make);
}

/// <summary>Which of two things of the same instant happens first.</summary>
internal enum AgendaRank
{
    /// <summary>A guest has come to the end of its call.</summary>
    CallEnd,

    /// <summary>A device answers.</summary>
    Answer,

    /// <summary>The wall clock jumps.</summary>
    Jump,

    /// <summary>A step of the scenario.</summary>
    Step,
}
