namespace Tars.Host;

/// <summary>Which engine a module of a run is on.</summary>
/// <param name="IsIsolated">Whether nothing less than a machine of its own will do for it.</param>
/// <param name="WhyStays">With `auto`: why it is not where it was to go; null when nothing is in the way.</param>
public sealed record ModuleEngine(string Module, string Engine, bool IsIsolated, string? WhyStays);
