namespace Tars.Kernel.Ports;

/// <summary>What the scheduling policy of a run did.</summary>
/// <param name="Name">Of the built-in policy, or of the module that decided.</param>
/// <param name="Turns">Turns that it gave.</param>
/// <param name="Module">What deciding cost where a module did it; null where none did.</param>
public sealed record PolicyReport(string Name, long Turns, PolicyModuleReport? Module);

/// <summary>What a module that decides did.</summary>
/// <param name="Turns">Turns that it gave; the others were given by the policy that took over.</param>
/// <param name="Calls">How often it was asked.</param>
/// <param name="Fuel">What its answers cost.</param>
/// <param name="Failure">Why another policy took over; null when none had to.</param>
/// <param name="Successor">That policy.</param>
public sealed record PolicyModuleReport(
    long Turns, long Calls, long Fuel, string? Failure, PolicyKind Successor, ModuleMetrics Metrics);
