namespace Tars.Kernel.Ports;

/// <summary>An agent that starts with the new version of a module, and the process that it will be.</summary>
/// <param name="Agent">Its place in the system that has the new version.</param>
public readonly record struct Newcomer(int Agent, ProcessId Process);
