namespace Tars.Kernel.Ports;

/// <summary>What a process is doing between two Steps.</summary>
/// <param name="Parent">Who spawned it; the outside for those that start with their module.</param>
/// <param name="WaitsFor">The process that it waits for, or that has no room for its mail.</param>
/// <param name="Device">The device that it waits for; else empty.</param>
/// <param name="Waiting">Entries of its mailbox.</param>
/// <param name="Outgoing">Messages that wait for room with their receivers.</param>
/// <param name="Memory">Bytes of linear memory that it has now.</param>
/// <param name="Born">The monotonic clock when it was born.</param>
public sealed record ProcessStatus(
    ProcessId Process,
    string Module,
    string Agent,
    ProcessId Parent,
    ProcessActivity Activity,
    ProcessId WaitsFor,
    string Device,
    int Waiting,
    int Outgoing,
    long Memory,
    long Fuel,
    long Traps,
    long Restarts,
    long Born);

/// <summary>What a process is doing. To add one: a row here, and one in docs/control.md.</summary>
public enum ProcessActivity
{
    /// <summary>Nothing waits for it.</summary>
    Idle,

    /// <summary>It has work and waits for its turn, or rests because it has burnt the fuel of its second.</summary>
    Ready,

    /// <summary>Its guest runs.</summary>
    Running,

    /// <summary>It waits for an answer.</summary>
    Asking,

    /// <summary>A receiver has no room for what it sent.</summary>
    Blocked,

    /// <summary>Its module is being swapped.</summary>
    Swapping,
}
