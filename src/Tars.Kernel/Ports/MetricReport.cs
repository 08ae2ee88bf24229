namespace Tars.Kernel.Ports;

/// <summary>A metric, its reports joined as its kind says.</summary>
/// <param name="Value">Null when nothing was reported, or when `once` was reported more than once.</param>
public sealed record MetricReport(string Name, double? Value, long Count);
