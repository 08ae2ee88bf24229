using System.Collections.Immutable;

namespace Tars.Kernel.Ports;

/// <summary>How a call of a command ended. The family is closed.</summary>
/// <param name="FuelUsed">Charged up to and including the last region that was entered.</param>
public abstract record CommandEnd(long FuelUsed)
{
    /// <param name="Results">As bits.</param>
    public sealed record Returned(ImmutableArray<ulong> Results, long FuelUsed) : CommandEnd(FuelUsed);

    public sealed record Faulted(GuestFault Fault, long FuelUsed) : CommandEnd(FuelUsed);

    /// <summary>A host function said that the guest shall not go on; it knows why.</summary>
    public sealed record Stopped(long FuelUsed) : CommandEnd(FuelUsed);
}
