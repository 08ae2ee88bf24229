namespace Tars.Kernel.Ports;

/// <summary>One call into a guest.</summary>
/// <param name="Argument">Bytes of events for <see cref="GuestEntry.Run"/>; the wanted size for
/// <see cref="GuestEntry.Reserve"/>.</param>
/// <param name="Fuel">What the call may burn; see docs/bundle.md for what costs how much.</param>
/// <param name="Process">Whose guest it is: an engine that answers Running gives it back with the result.</param>
public readonly record struct GuestCall(GuestEntry Entry, int Argument, long Fuel, ProcessId Process = default);

/// <summary>Which export is called.</summary>
public enum GuestEntry
{
    Run,
    Reserve,
}
