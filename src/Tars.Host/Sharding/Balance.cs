using System.Collections.Immutable;
using Tars.Kernel.Ports;

namespace Tars.Host.Sharding;

/// <summary>Decides which module goes to which shard, from how busy they were: a pure function.</summary>
/// <remarks>
/// A move costs all shards a moment, so one is made only where it takes a good part of the load from the shard that has
/// most, and none that would only carry the load elsewhere.
/// </remarks>
internal static class Balance
{
    /// <summary>Parts of a shard's time from which on it is worth a move.</summary>
    private const double BusyMin = 0.7;

    /// <summary>By how much the busier of the two has to be better off.</summary>
    private const double GainMin = 0.15;

    /// <summary>True when a shard has so much to do that a closer look is worth it.</summary>
    public static bool IsHot(ImmutableArray<double> busy) => BusyMin <= busy.Max();

    /// <param name="busy">For each shard, which part of its time it stepped its kernel.</param>
    /// <param name="fuel">For each module, what its processes have burnt meanwhile.</param>
    /// <returns>A module, with its tree, and where it is to live; null to leave all where they are.</returns>
    public static (int Module, int Shard)? Choose(
        ShardPlan plan, ImmutableArray<double> busy, ImmutableArray<long> fuel)
    {
        int most = busy.IndexOf(busy.Max());
        int least = busy.IndexOf(busy.Min());
        int[] here = [.. Enumerable.Range(0, fuel.Length).Where(one => plan.ShardOf(one) == most)];
        double total = here.Sum(one => (double)fuel[one]);
        if (busy[most] < BusyMin || total <= 0)
        {
            return null;
        }

        (int Module, int Shard)? best = null;
        double lowest = busy[most] - GainMin;
        foreach (int module in here)
        {
            int[] tree = [.. plan.TreeOf(module)];
            double load = busy[most] * tree.Sum(one => (double)fuel[one]) / total;
            double worst = Math.Max(busy[most] - load, busy[least] + load);
            if (tree[0] == module && worst < lowest)
            {
                (best, lowest) = ((module, least), worst);
            }
        }

        return best;
    }
}
