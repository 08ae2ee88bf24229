using System.Collections.Immutable;
using Tars.Bundle.Container;
using Tars.Kernel.Ports;

namespace Tars.Host.Sharding;

/// <summary>Shards that were each recovered from their own journal become one run again.</summary>
/// <remarks>
/// What all shards do alike, a move, a swap or what is said of a module's rights, is on the disk of one before another
/// is told, and on all disks before the next is begun. So no shard is behind by more than one such event, and one that
/// is ahead has it behind its checkpoint: there it is found, and the others do it now.
/// </remarks>
internal static class ShardRecovery
{
    /// <summary>Completes what some shards have done and others not, and lets all go on.</summary>
    /// <param name="bundleOf">Of a version that ran or runs; null for none.</param>
    /// <returns>Null, or why the journals are not of one run.</returns>
    public static string? Complete(
        ImmutableArray<RecoveredShard> shards, Moment at, Func<BundleHash, ReadOnlyMemory<byte>?> bundleOf)
    {
        ImmutableArray<ShardView> views = [.. shards.Select(one => one.Kernel.ShardView!)]; // Each is one of several.
        for (int from = 0; from < views.Length; from++)
        {
            for (int to = 0; to < views.Length; to++)
            {
                if (views[from].Sent[to] < views[to].Received[from])
                {
                    return $"shard {to} has mail that shard {from} never sent: a journal is missing or is of another "
                        + "run";
                }
            }
        }

        long most = views.Max(one => one.Common);
        var behind = shards.Where((_, shard) => views[shard].Common < most).ToArray();
        if (0 < behind.Length)
        {
            var ahead = shards.Where((_, shard) => views[shard].Common == most)
                .Select(one => Again(one, at)).FirstOrDefault(one => one is not null);
            if (ahead is null || views.Any(one => one.Common < most - 1))
            {
                return "some shards lack what others have done: a journal is missing or is of another run";
            }

            foreach (var shard in behind)
            {
                shard.Step(ahead, ahead is KernelEvent.SwapElsewhere swap ? bundleOf(swap.Hash) : null);
            }
        }

        if (shards.Select(one => one.Kernel.ShardView!.Common).Distinct().Count() != 1)
        {
            return "a shard cannot do what others have done, such as a swap that it refused";
        }

        foreach (var shard in shards.Where(one => one.Kernel.ShardView!.Stands))
        {
            shard.Step(new KernelEvent.Pause(at, Stands: false), null);
        }

        return null;
    }

    // What a shard did last of what all do alike, as an event for those that have not; null when it is not known.
    private static KernelEvent? Again(RecoveredShard shard, Moment at) => shard.LastCommon switch
    {
        KernelEvent.MoveIn move => new KernelEvent.MoveIn(at, move.Module, move.Shard, move.Package),
        KernelEvent.Grant grant => new KernelEvent.Grant(at, grant.Process, grant.Module, grant.Right),
        KernelEvent.Revoke revoke => new KernelEvent.Revoke(at, revoke.Process, revoke.Module, revoke.Right),
        KernelEvent.SwapElsewhere swap =>
            new KernelEvent.SwapElsewhere(at, swap.Module, swap.Hash, IsDone: true, swap.Newcomers)
            {
                Image = swap.Image,
            },
        KernelEvent.SwapHere here when shard.Ready is { } ready && ready.Ticket == here.Ticket =>
            ready.Elsewhere(at, isDone: true),
        _ => null,
    };
}

/// <summary>One shard as it came from its journal.</summary>
/// <param name="LastCommon">The newest event behind its checkpoint that all shards do alike; null for none.</param>
/// <param name="Ready">The newest swap of its own that waited for all to stand still; null for none.</param>
/// <param name="Step">Has an event happen, with the bundle of the version that it names.</param>
internal sealed record RecoveredShard(
    Kernel.Kernel Kernel,
    KernelEvent? LastCommon,
    SwapReadiness? Ready,
    Action<KernelEvent, ReadOnlyMemory<byte>?> Step);
