using System.Runtime.InteropServices;
using Tars.Base;
using Tars.Kernel;
using Tars.Sim.Authority;
using Tars.Sim.Keeping;
using Tars.Sim.Sharding;
using Tars.Sim.Sharding.Kept;
using Tars.Sim.Turns;

namespace Tars.Sim.Swarm;

/// <summary>One seed of the swarm: run, replayed from its journal, shrunk when it fails.</summary>
internal static class SwarmSeed
{
    // A kept run on several shards has as many lives as power cuts, and each reads its journals.
    private const ulong OneKeptOf = 4;

    private static readonly Func<ulong, Planted, Coverage, SwarmOutcome>[] _small =
    [
        (seed, planted, _) => AuthoritySeed.Run(seed, planted),
        (seed, planted, _) => TurnsSeed.Run(seed, planted),
        (seed, planted, _) => KeepingSeed.Run(seed, planted),
        ShardsSeed.Run,
    ];

    /// <summary>The swarm of that seed, then what has a smaller model of its own: authority, turns, what is kept,
    /// shards, and now and then shards that are kept.</summary>
    public static SwarmOutcome Run(ulong seed, Planted planted, Coverage coverage)
    {
        var outcome = Run(SwarmPlan.Draw(seed), planted, coverage);
        foreach (var small in _small)
        {
            if (outcome.Problem is null)
            {
                outcome = outcome.And(small(seed, planted, coverage));
            }
        }

        bool isKept = outcome.Problem is null && seed % OneKeptOf == 0;
        return isKept ? outcome.And(KeptShardsSeed.Run(seed, planted, coverage)) : outcome;
    }

    public static SwarmOutcome Run(SwarmPlan plan, Planted planted, Coverage coverage, List<string>? trace = null)
    {
        using var run = new SwarmRun(plan, planted, coverage, trace);
        string? problem = run.Run();
        return new SwarmOutcome(
            problem, run.Happened, SwarmOutcome.DigestOf(run.Digests.Trace, run.Digests.Effects, run.State));
    }

    /// <summary>The first seed that finds a planted mistake, and what it says; null when none does.</summary>
    public static (ulong Seed, string Problem)? Find(Planted planted, int seeds)
    {
        for (ulong seed = 1; seed <= (ulong)seeds; seed++)
        {
            var outcome = KeptPlan.IsOfKept(planted)
                ? KeptShardsSeed.Run(seed, planted, new Coverage()) // Nobody else has what it is in.
                : Run(seed, planted, new Coverage());
            if (outcome.Problem is { } problem)
            {
                return (seed, problem);
            }
        }

        return null;
    }

    /// <summary>As few of a plan's inputs as still fail: halves are left out, then quarters, then each alone.</summary>
    public static SwarmPlan Shrink(SwarmPlan plan, Planted planted)
    {
        for (int size = plan.Stimuli.Length / 2; 0 < size; size /= 2)
        {
            for (int start = 0; start < plan.Stimuli.Length;)
            {
                int count = Math.Min(size, plan.Stimuli.Length - start);
                var less = plan with { Stimuli = plan.Stimuli.RemoveRange(start, count) };
                if (!less.Stimuli.IsEmpty && Run(less, planted, new Coverage()).Problem is not null)
                {
                    plan = less;
                }
                else
                {
                    start += count;
                }
            }
        }

        return plan;
    }
}

/// <summary>What one seed came to.</summary>
/// <param name="Problem">Null when nothing was wrong.</param>
/// <param name="Happened">Steps of the kernel and transactions of its processes.</param>
/// <param name="Digest">Of what its kernels did: two builds that give the same one have run the same.</param>
internal readonly record struct SwarmOutcome(string? Problem, long Happened, ulong Digest)
{
    /// <summary>This one and then more.</summary>
    public SwarmOutcome And(SwarmOutcome more) =>
        new(Problem ?? more.Problem, Happened + more.Happened, DigestOf(Digest, more.Digest));

    public static ulong DigestOf(params ReadOnlySpan<ulong> parts) =>
        XxHash64.Of(MemoryMarshal.AsBytes(parts), seed: 0);
}
