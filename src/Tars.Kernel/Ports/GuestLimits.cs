namespace Tars.Kernel.Ports;

/// <summary>What one instance may take.</summary>
/// <param name="MemoryBytesMax">Linear memory never grows above this; memory.grow answers -1.</param>
/// <param name="DepthSlotsMax">Sum over the active calls of 8 + locals + operand stack, each in slots.</param>
/// <param name="TableElementsMax">Elements of all tables together.</param>
public sealed record GuestLimits(long MemoryBytesMax, int DepthSlotsMax, int TableElementsMax);
