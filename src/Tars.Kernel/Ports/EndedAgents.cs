namespace Tars.Kernel.Ports;

/// <summary>What processes of one agent did that ended long ago, together.</summary>
/// <param name="MemoryHigh">The most bytes of linear memory that one of them had.</param>
public sealed record EndedAgents(
    string Module,
    string Agent,
    long Processes,
    long Events,
    long Committed,
    long Traps,
    long Restarts,
    long Fuel,
    long MemoryHigh);
