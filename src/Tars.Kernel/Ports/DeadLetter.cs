using System.Collections.Immutable;
using Tars.Bundle.Abi;

namespace Tars.Kernel.Ports;

/// <summary>An event that was rolled back: what it was, why, and where the guest stood.</summary>
/// <param name="Handler">Index into the handlers of the agent; -1 when no handler ran.</param>
/// <param name="Trap">What the guest says; <see cref="GuestTrap.None"/> when the engine stopped it.</param>
/// <param name="Detail">The guest's words, for <c>fail</c> and the like.</param>
/// <param name="Site">Number in the debug map of the statement.</param>
/// <param name="Payload">The event's octets, cut at a limit.</param>
public sealed record DeadLetter(
    ProcessId Process,
    int Handler,
    ProcessId Sender,
    FaultKind Fault,
    GuestTrap Trap,
    string Detail,
    uint Site,
    long Instant,
    ImmutableArray<byte> Payload);
