using Tars.Bundle.Schema;

namespace Tars.Kernel.Processes;

/// <summary>The ask that a process waits for, and the answer once it is there.</summary>
/// <param name="Number">Names the ask in the whole system.</param>
/// <param name="Target">Who was asked.</param>
/// <param name="Answer">The type that a value must have.</param>
internal sealed record PendingAsk(
    long Number, Ports.ProcessId Target, int Continuation, SchemaType Answer)
{
    /// <summary>Payload of the Answer event; null while it is awaited.</summary>
    public byte[]? Payload { get; set; }

    /// <summary>The device that was asked, or null.</summary>
    public Ports.DeviceId? Device { get; init; }

    public long Instant { get; set; }

    public long Arrived { get; set; }
}
