namespace Tars.Kernel.Processes;

/// <summary>What one handler of one process did so far.</summary>
internal struct HandlerCounts
{
    public long Committed;
    public long Traps;

    /// <summary>Exact: a batch holds events of one handler only.</summary>
    public long Fuel;
}
