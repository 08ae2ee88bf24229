using System.Collections.Immutable;

namespace Tars.Kernel.Ports;

/// <summary>What one of several shards knows of itself and the others, between two Steps.</summary>
/// <param name="Stands">True while no process gets a turn: see <see cref="KernelEvent.Pause"/>.</param>
/// <param name="Common">Events so far that all shards have alike: modules that moved or were swapped, and what was said
/// of a module's rights. Where one has fewer than another, it has yet to learn of them.</param>
/// <param name="Sent">For each shard the number of the newest mail for it.</param>
/// <param name="Received">For each shard the number of the newest mail of it that was taken.</param>
public sealed record ShardView(
    ShardPlan Plan, bool Stands, long Common, ImmutableArray<long> Sent, ImmutableArray<long> Received);
