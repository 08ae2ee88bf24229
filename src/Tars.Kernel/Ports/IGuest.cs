namespace Tars.Kernel.Ports;

/// <summary>
/// One instance: its memory and the two calls of ABI v1. Owned by one process; nobody else touches it.
/// </summary>
/// <remarks>
/// Invariants:
///   I1  Between two calls nothing of the guest is on a machine stack: its state is memory, globals, tables and
/// dropped bits.
///   I2  After a Start that answered Running, nothing here may be touched until the matching GuestDone has arrived.
/// </remarks>
public interface IGuest : IDisposable
{
    /// <summary>The whole linear memory. A call may move it, so never keep it over one.</summary>
    Span<byte> Memory { get; }

    /// <summary>The address of the control block: the value of the global that exports it.</summary>
    int ControlAddress { get; }

    /// <summary>Runs one exported function to its end, or begins to.</summary>
    StartAnswer Start(GuestCall call);

    /// <summary>Ends the call that is running with <see cref="FaultKind.Deadline"/>.</summary>
    /// <remarks>Any thread may ask for it.</remarks>
    void Abort();

    /// <summary>
    /// Octets of the memory become zero, and cost no memory until they are touched where that can be.
    /// </summary>
    /// <param name="address">With <paramref name="size"/> inside the memory.</param>
    void Forget(int address, int size);

    /// <summary>A copy of all that the guest is now. It stays as it is when the guest goes on.</summary>
    GuestState Save();

    /// <summary>Makes the guest what it was, or what another instance of the same code was.</summary>
    void Restore(GuestState state);
}
