namespace Tars.Kernel.Ports;

/// <summary>What one handler of one process did so far.</summary>
/// <param name="Name">As under `handlers`: kind and subject.</param>
public sealed record HandlerReport(string Name, long Events, long Committed, long Traps, long Fuel);
