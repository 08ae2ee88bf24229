namespace Tars.Kernel.Ports;

/// <summary>The state of all processes as one number, and what it cost to find.</summary>
/// <param name="Octets">Of guest memory that were read for it: what had changed since the digest before.</param>
public readonly record struct StateDigest(ulong Value, long Octets);
