using System.Collections.Immutable;

namespace Tars.Kernel.Ports;

/// <summary>What a kernel can say of itself between two Steps. Asking changes nothing.</summary>
/// <param name="Processes">Those that live, and of those that ended the newest.</param>
/// <param name="Ended">All others that ended, by agent.</param>
public sealed record KernelReport(
    ImmutableArray<ProcessReport> Processes,
    ImmutableArray<EndedAgents> Ended,
    ImmutableArray<ModuleMetrics> Metrics,
    long DeadLetters)
{
    public long Events => Processes.Sum(one => one.Events) + Ended.Sum(one => one.Events);

    public long Committed => Processes.Sum(one => one.Committed) + Ended.Sum(one => one.Committed);

    public long Traps => Processes.Sum(one => one.Traps) + Ended.Sum(one => one.Traps);
}
