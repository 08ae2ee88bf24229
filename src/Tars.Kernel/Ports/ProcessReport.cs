using System.Collections.Immutable;

namespace Tars.Kernel.Ports;

/// <summary>What one process did so far.</summary>
/// <param name="MemoryHigh">The most bytes of linear memory it ever had.</param>
/// <param name="Waiting">Entries of its mailbox.</param>
/// <param name="Strengths">Of the beliefs that it owns.</param>
public sealed record ProcessReport(
    ProcessId Process,
    string Module,
    string Agent,
    bool IsEnded,
    long Traps,
    long Restarts,
    long Fuel,
    long MemoryHigh,
    int Waiting,
    ImmutableArray<HandlerReport> Handlers,
    ImmutableArray<double> Strengths)
{
    public long Events => Handlers.Sum(handler => handler.Events);

    public long Committed => Handlers.Sum(handler => handler.Committed);
}
