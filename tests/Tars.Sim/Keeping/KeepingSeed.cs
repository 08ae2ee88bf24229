using Tars.Kernel;
using Tars.Sim.Swarm;

namespace Tars.Sim.Keeping;

/// <summary>One seed of a run that is kept: lines come, the disk is slow, and the power is cut now and then.</summary>
internal static class KeepingSeed
{
    public static SwarmOutcome Run(ulong seed, Planted planted)
    {
        using var run = new KeepingRun(seed, planted);
        string? problem = run.Run();
        return new SwarmOutcome(problem, run.Events, run.Trace);
    }
}
