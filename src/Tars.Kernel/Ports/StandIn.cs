namespace Tars.Kernel.Ports;

/// <summary>A module that stands in the place of a device: what is asked of the device is asked of its agent.</summary>
/// <param name="Module">The module that declares the device.</param>
/// <param name="By">The module that implements its kind.</param>
public sealed record StandIn(string Module, string Device, string By);
