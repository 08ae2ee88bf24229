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
    public Ports.DeviceId? Device { get; set; }

    /// <summary>What a device was asked, to be asked again by a host that has lost it; null for an ask of a
    /// process.</summary>
    public DeviceCall? Call { get; set; }

    /// <summary>What a device is to be asked once all that its capability goes through on other shards have allowed it.
    /// </summary>
    public DeviceCall? Wish { get; set; }

    public long Instant { get; set; }

    public long Arrived { get; set; }
}

/// <summary>An ask of a device as it left the kernel.</summary>
internal sealed record DeviceCall(Ports.DeviceId Device, Ports.DeviceAsk Asked);
