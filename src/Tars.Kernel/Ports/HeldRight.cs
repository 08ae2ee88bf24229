namespace Tars.Kernel.Ports;

/// <summary>A right that a process has from its birth, and whether an operator has taken it away.</summary>
/// <param name="Detail">Of a device its kind; else empty.</param>
public sealed record HeldRight(
    ProcessId Process, string Module, string Agent, Right Right, string Detail, bool IsRevoked);
