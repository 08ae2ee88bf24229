using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Container;
using Tars.Kernel.Ports;

namespace Tars.Host.Sharding;

/// <summary>One swap on its last steps: all stand still, those where the module does not live say what is in its way,
/// and it is done or refused.</summary>
/// <remarks>
/// It runs on the thread of the run, as a <see cref="ModuleMove"/> does. What takes long, waiting for handlers and
/// converting states, the shard of the module has done before, while the others ran.
///
/// Invariant: what every shard has found fit all do, since none has a turn between. A run with two versions of a module
/// would be none, so where that is broken the run ends, with the swap to be completed at the next start (decision 166).
/// </remarks>
internal sealed class ShardedSwap(
    ImmutableArray<ShardWorker> workers,
    Standstill still,
    Func<BundleHash, ReadOnlyMemory<byte>?> bundleOf,
    Func<Func<bool>, bool> waitWhileOn,
    Func<Func<bool>, bool> wait)
{
    /// <param name="why">What no shard sees that is in the way; null for nothing.</param>
    public void Run(ShardWorker home, SwapReadiness ready, string? why)
    {
        still.Begin();
        foreach (var worker in workers)
        {
            worker.Pause(stands: true);
        }

        if (waitWhileOn(still.IsComplete))
        {
            Go(home, ready, why);
        }

        foreach (var worker in workers)
        {
            worker.Pause(stands: false);
        }
    }

    private void Go(ShardWorker home, SwapReadiness ready, string? why)
    {
        var refusals = new List<string>(why is null ? [] : [why]);
        foreach (var worker in workers.Where(one => one != home))
        {
            if (!Step(worker, at => ready.Elsewhere(at, isDone: false), bundleOf(ready.Now.Hash)))
            {
                return; // It broke, and the run ends.
            }

            refusals.AddRange(worker.SwapSeen);
        }

        bool isDone = Step(home, at => new KernelEvent.SwapHere(at, ready.Ticket, [.. refusals.Distinct()]))
            && home.LastSwap is { IsDone: true };
        foreach (var worker in workers.Where(one => isDone && one != home))
        {
            isDone = Step(worker, at => ready.Elsewhere(at, isDone: true));
            string seen = string.Join("; ", worker.SwapSeen);
            Invariant.Holds(!isDone || seen.Length == 0, $"a shard follows a swap that it found fit; it says {seen}");
        }
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
