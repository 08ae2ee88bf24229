using System.Collections.Immutable;

namespace Tars.Kernel.Ports;

/// <summary>The metrics of one module.</summary>
public sealed record ModuleMetrics(string Module, ImmutableArray<MetricReport> Metrics);
