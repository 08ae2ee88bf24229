using System.Collections.Immutable;
using Tars.Base;
using Tars.Kernel.Linking;

namespace Tars.Kernel.Ports;

/// <summary>On which shard each module of a system lives; a shard is a kernel with a thread of its own.</summary>
/// <remarks>
/// Invariant: modules of which one spawns agents of another live on one shard. So no tree of processes is ever divided,
/// and neither is what is counted, supervised or swapped by module.
/// </remarks>
public sealed class ShardPlan
{
    /// <summary>Shards of one run.</summary>
    public const int CountMax = 64;

    private readonly ImmutableArray<int> _shards;
    private readonly ImmutableArray<int> _trees;

    private ShardPlan(int count, ImmutableArray<int> trees, ImmutableArray<int> shards)
    {
        Count = count;
        _trees = trees;
        _shards = shards;
    }

    /// <summary>How many shards there are.</summary>
    public int Count { get; }

    /// <summary>Writes what <see cref="Load"/> reads.</summary>
    internal void Save(ByteWriter output)
    {
        for (int module = 0; module < _trees.Length; module++)
        {
            output.U32((uint)_trees[module]);
            output.U32((uint)_shards[module]);
        }
    }

    /// <summary>Null when the octets are no plan of that system.</summary>
    internal static ShardPlan? Load(SystemImage system, int count, ref ByteReader input)
    {
        var trees = new int[system.Modules.Length];
        var shards = new int[system.Modules.Length];
        bool fits = true;
        for (int module = 0; module < trees.Length; module++)
        {
            (uint tree, uint shard) = (input.U32(), input.U32());
            fits &= tree <= module && shard < count;
            trees[module] = (int)tree;
            shards[module] = (int)shard;
            fits = fits && trees[tree] == tree && shards[tree] == shard;
        }

        var plan = new ShardPlan(count, [.. trees], [.. shards]);
        return fits && !input.Failed && plan.Keeps(system) ? plan : null;
    }

    /// <summary>Deals the trees of modules out, one to each shard in turn, in the order in which they were named.
    /// </summary>
    /// <param name="count">Of the shards: at least one.</param>
    public static ShardPlan Of(SystemImage system, int count)
    {
        var trees = TreesOf(system);
        var shards = new int[trees.Length];
        int dealt = 0;
        for (int module = 0; module < trees.Length; module++)
        {
            shards[module] = trees[module] == module ? dealt++ % count : shards[trees[module]];
        }

        return new ShardPlan(count, trees, [.. shards]);
    }

    /// <summary>The shard of the module with that index.</summary>
    public int ShardOf(int module) => _shards[module];

    /// <summary>The shard that gave out a number of a process or an ask: they count in steps of how many there are.
    /// </summary>
    public int ShardOfNumber(long number) => (int)((number - 1) % Count);

    /// <summary>The modules that live where this one does, and move with it.</summary>
    public IEnumerable<int> TreeOf(int module) =>
        Enumerable.Range(0, _trees.Length).Where(other => _trees[other] == _trees[module]);

    /// <summary>The same, with a module and its tree on another shard.</summary>
    public ShardPlan Moved(int module, int shard) =>
        new(Count, _trees, [.. _shards.Select((old, other) => _trees[other] == _trees[module] ? shard : old)]);

    /// <summary>True when the trees of another system are parts of these: then it can take the place of this one.
    /// </summary>
    public bool Keeps(SystemImage system)
    {
        var trees = TreesOf(system);
        return trees.Index().All(one => _trees[one.Index] == _trees[one.Item]);
    }

    /// <summary>The shards on which some agent takes messages of the channel, in order.</summary>
    public IEnumerable<int> TakersOf(SystemImage system, string channel)
    {
        var segments = channel.Split('/');
        return system.Agents
            .Where(agent => agent.Messages.Any(message => message.Pattern.Matches(segments)))
            .Select(agent => ShardOf(agent.ModuleIndex))
            .Distinct()
            .Order();
    }

    // For each module the first one of its tree.
    private static ImmutableArray<int> TreesOf(SystemImage system)
    {
        int[] first = [.. Enumerable.Range(0, system.Modules.Length)];
        foreach (var agent in system.Agents)
        {
            foreach (var child in agent.Known.Where(one => Spawns(agent, one)))
            {
                int one = first[agent.ModuleIndex];
                int other = first[child.ModuleIndex];
                first = [.. first.Select(tree => tree == Math.Max(one, other) ? Math.Min(one, other) : tree)];
            }
        }

        return [.. first];
    }

    private static bool Spawns(AgentImage agent, AgentImage child) =>
        agent.Module.Manifest.Spawns.Any(one => one.Agent == child.NameIn(agent));
}

/// <summary>Which of the shards a kernel is.</summary>
/// <param name="Number">Counts from zero.</param>
public sealed record ShardPlace(ShardPlan Plan, int Number);
