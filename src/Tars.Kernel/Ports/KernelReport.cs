using System.Collections.Immutable;

namespace Tars.Kernel.Ports;

/// <summary>What a kernel can say of itself between two Steps. Asking changes nothing.</summary>
public sealed record KernelReport(
    ImmutableArray<ProcessReport> Processes, ImmutableArray<ModuleMetrics> Metrics, long DeadLetters, long Traps);
