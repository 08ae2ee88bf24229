namespace Tars.Kernel.Ports;

/// <summary>What goes wrong with messages on channels, drawn by a seed. Simulations alone have any.</summary>
/// <param name="Drop">The share that is lost.</param>
/// <param name="DelayMax">The longest delay in nanoseconds; order is kept from each sender to each receiver.</param>
/// <param name="Duplicate">The share that comes twice.</param>
/// <param name="Reorder">The share that may be overtaken.</param>
public sealed record MessageFaults(double Drop, long DelayMax, double Duplicate, double Reorder, ulong Seed);
