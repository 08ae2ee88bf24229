namespace Tars.Kernel.Ports;

/// <summary>One event as a process handled it: committed as a whole or rolled back.</summary>
/// <param name="Number">Counted from one over all processes of the run, in the order in which they ran.</param>
/// <param name="Handler">Index into the handlers of the agent; -1 for the birth of the process.</param>
/// <param name="Site">Number in the debug map of the last statement that ran.</param>
/// <param name="Fault">Null when it was committed.</param>
public readonly record struct Transaction(
    long Number, ProcessId Process, int Handler, uint Site, FaultKind? Fault);
