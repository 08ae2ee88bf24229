using System.Collections.Immutable;

namespace Tars.Kernel.Ports;

/// <summary>What became of a swap: done, or refused with everything as it was.</summary>
/// <param name="From">The version that ran.</param>
/// <param name="To">The version that was to take its place.</param>
/// <param name="IsReturn">True when the kernel itself brought the old version back.</param>
/// <param name="Cause">Why it did; else empty.</param>
/// <param name="Refusals">Why it was refused; empty when it was done.</param>
/// <param name="Changes">What is added, dropped and migrated, in few words each.</param>
/// <param name="Warnings">What was lost on the way.</param>
/// <param name="Processes">How many processes moved.</param>
/// <param name="System">The system as it is now.</param>
public sealed record SwapReport(
    string Module,
    string From,
    string To,
    bool IsReturn,
    string Cause,
    ImmutableArray<string> Refusals,
    ImmutableArray<string> Changes,
    ImmutableArray<string> Warnings,
    int Processes,
    SystemImage System)
{
    public bool IsDone => Refusals.IsEmpty;

    /// <summary>What <see cref="IOutside.SwapReady"/> said of it; zero for one that was never ready there.</summary>
    public long Ticket { get; init; }
}
