namespace Tars.Kernel.Ports;

/// <summary>An effect that was not carried out, or input that nobody took.</summary>
/// <param name="Process">Whose effect it was; the outside for input.</param>
/// <param name="Effect">The name of the host call, or what else was refused.</param>
/// <param name="Target">A process, channel, device or slot.</param>
public sealed record Audit(ProcessId Process, string Effect, string Target, string Reason, int Count);
