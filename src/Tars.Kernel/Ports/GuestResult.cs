namespace Tars.Kernel.Ports;

/// <summary>How a call into a guest ended.</summary>
/// <param name="FuelUsed">Charged up to and including the region of a fault.</param>
/// <param name="Fault">Null when the call returned.</param>
public readonly record struct GuestResult(long FuelUsed, GuestFault? Fault);
