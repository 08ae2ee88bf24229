using System.Collections.Immutable;
using Tars.Kernel.Ports;

namespace Tars.Host.Sharding;

/// <summary>One module on its way to another shard: all stand still, it is packed, taken, and told to all.</summary>
/// <remarks>
/// It runs on the thread of the run, which steps no kernel: it hands each worker an event and waits until that was
/// stepped. Whatever is wrong, all go on at the end, and a module that was not taken is where it was.
/// </remarks>
internal sealed class ModuleMove(
    ImmutableArray<ShardWorker> workers,
    Standstill still,
    Func<Func<bool>, bool> waitWhileOn,
    Func<Func<bool>, bool> wait,
    Action<int, int> moved)
{
    /// <returns>Null when it lives there now; else why not.</returns>
    public string? Run(int module, int from, int to)
    {
        still.Begin();
        foreach (var worker in workers)
        {
            worker.Pause(stands: true);
        }

        string? why = waitWhileOn(still.IsComplete) ? Go(module, from, to) : "the run ends";
        if (why is null)
        {
            moved(module, to); // Before anyone goes on: who does hands on what came for it meanwhile.
        }

        foreach (var worker in workers)
        {
            worker.Pause(stands: false);
        }

        return why;
    }

    private string? Go(int module, int from, int to)
    {
        var packed = Tell(workers[from], at => new KernelEvent.MoveOut(at, module));
        if (packed is not { } known)
        {
            return "the run ends";
        }

        if (known.Why.Length != 0)
        {
            return known.Why;
        }

        // The shard that takes it comes first: what it does not take stays where it is.
        string? why = Take(workers[to], module, to, known.Package);
        foreach (var worker in workers.Where(one => why is null && one != workers[to]))
        {
            why = Take(worker, module, to, known.Package);
        }

        return why;
    }

    private string? Take(ShardWorker worker, int module, int to, ImmutableArray<byte> package) =>
        Tell(worker, at => new KernelEvent.MoveIn(at, module, to, package)) is not { } answer ? "the run ends"
        : answer.Why.Length == 0 ? null
        : answer.Why;

    private MoveAnswer? Tell(ShardWorker worker, Func<Moment, KernelEvent?> what)
    {
        worker.Tell(what);
        return wait(() => worker.MoveAnswer is not null) ? worker.MoveAnswer : null;
    }
}

/// <summary>What a kernel said to the newest event of a move.</summary>
internal sealed record MoveAnswer(ImmutableArray<byte> Package, string Why);
