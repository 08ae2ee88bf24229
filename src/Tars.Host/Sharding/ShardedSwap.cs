using System.Collections.Immutable;
using Tars.Bundle.Container;
using Tars.Kernel.Ports;

namespace Tars.Host.Sharding;

/// <summary>One swap on its last steps: all stand still, those where the module does not live say what is in its way,
/// and it is done or refused.</summary>
/// <remarks>
/// It runs on the thread of the run, as a <see cref="ModuleMove"/> does. What takes long, waiting for handlers and
/// converting states, the shard of the module has done before, while the others ran.
/// </remarks>
internal sealed class ShardedSwap(
    ImmutableArray<ShardWorker> workers,
    Standstill still,
    Func<BundleHash, ReadOnlyMemory<byte>?> bundleOf,
    Func<Func<bool>, bool> waitWhileOn,
    Func<Func<bool>, bool> wait)
{
    /// <param name="why">What no shard sees that is in the way; null for nothing.</param>
    /// <returns>Null, or which shards could not follow, though they had found nothing in the way.</returns>
    public string? Run(ShardWorker home, SwapReadiness ready, string? why)
    {
        string? half = null;
        still.Begin();
        foreach (var worker in workers)
        {
            worker.Pause(stands: true);
        }

        if (waitWhileOn(still.IsComplete))
        {
            half = Go(home, ready, why);
        }

        foreach (var worker in workers)
        {
            worker.Pause(stands: false);
        }

        return half;
    }

    private string? Go(ShardWorker home, SwapReadiness ready, string? why)
    {
        var refusals = new List<string>(why is null ? [] : [why]);
        foreach (var worker in workers.Where(one => one != home))
        {
            if (!Step(worker, at => ready.Elsewhere(at, isDone: false), bundleOf(ready.Now.Hash)))
            {
                return null; // It broke, and the run ends.
            }

            refusals.AddRange(worker.SwapSeen);
        }

        bool isDone = Step(home, at => new KernelEvent.SwapHere(at, ready.Ticket, [.. refusals.Distinct()]))
            && home.LastSwap is { IsDone: true };
        var behind = new List<string>();
        foreach (var (shard, worker) in workers.Index().Where(one => isDone && one.Item != home))
        {
            isDone = Step(worker, at => ready.Elsewhere(at, isDone: true));
            behind.AddRange(worker.SwapSeen.Select(one => $"shard {shard} has the version before: {one}"));
        }

        return behind.Count == 0 ? null : string.Join("; ", behind);
    }

    private bool Step(ShardWorker worker, Func<Moment, KernelEvent> what, ReadOnlyMemory<byte>? bundle = null)
    {
        var stepped = worker.Step(what, bundle);
        return wait(() => stepped.IsThere);
    }
}

/// <summary>A swap that waits for all shards to stand still.</summary>
internal sealed record SwapReadiness(long Ticket, ModuleImage Now, ImmutableArray<Newcomer> Newcomers)
{
    public KernelEvent Elsewhere(Moment at, bool isDone) =>
        new KernelEvent.SwapElsewhere(at, Now.Manifest.Name, Now.Hash, isDone, Newcomers) { Image = Now };
}
