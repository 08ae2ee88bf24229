using System.Collections.Immutable;
using System.Diagnostics;
using Tars.Kernel.Ports;

namespace Tars.Host.Sharding;

/// <summary>What the shards of a run report, as of one run.</summary>
internal static class ShardedReport
{
    /// <param name="workers">All of them have ended.</param>
    /// <param name="elapsed">Nanoseconds.</param>
    /// <param name="collections">Of the oldest generation.</param>
    public static RunReport Of(
        SystemImage system,
        ShardPlan plan,
        ImmutableArray<ShardWorker> workers,
        ImmutableArray<InputReport> inputs,
        long elapsed,
        int collections)
    {
        ImmutableArray<KernelReport> reports = [.. workers.Select(one => one.Report)];
        var kernel = new KernelReport(
            [.. reports.SelectMany(one => one.Processes).OrderBy(one => one.Process)],
            [.. reports.SelectMany(one => one.Ended)],
            [.. system.Modules.Select((_, module) => reports[plan.ShardOf(module)].Metrics[module])],
            reports.Sum(one => one.DeadLetters));
        return new RunReport(
            kernel,
            [.. workers.SelectMany(one => one.Latencies)],
            inputs,
            elapsed,
            Process.GetCurrentProcess().PeakWorkingSet64,
            workers.Sum(one => one.Allocated),
            collections,
            workers.Sum(one => one.Refused),
            workers.Select(one => one.JournalError).FirstOrDefault(one => one is not null));
    }
}
