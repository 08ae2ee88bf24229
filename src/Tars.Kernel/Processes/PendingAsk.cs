using Tars.Bundle.Schema;

namespace Tars.Kernel.Processes;

/// <summary>The ask that a process waits for, and the answer once it is there.</summary>
/// <remarks>Each process has one at most, which serves for one ask behind the other: nothing is allocated for them.
/// </remarks>
internal sealed class PendingAsk
{
    // A larger answer is let go with the wait for it.
    private const int OctetsKept = 1_024;

    private byte[] _octets = [];

    /// <summary>Names the ask in the whole system.</summary>
    public long Number { get; private set; }

    /// <summary>Who was asked.</summary>
    public Ports.ProcessId Target { get; private set; }

    public int Continuation { get; private set; }

    /// <summary>The type that a value must have.</summary>
    public SchemaType Answer { get; private set; } = BuiltInTypes.Failure;

    /// <summary>Payload of the Answer event; null while it is awaited.</summary>
    public ReadOnlyMemory<byte>? Payload { get; private set; }

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

    public void Begin(long number, Ports.ProcessId target, int continuation, SchemaType answer)
    {
        (Number, Target, Continuation, Answer) = (number, target, continuation, answer);
        (Payload, Device, Call, Wish) = (null, null, null, null);
        (Instant, Arrived) = (0, 0);
    }

    /// <summary>The answer is there; its octets are copied.</summary>
    public void Take(ReadOnlySpan<byte> payload)
    {
        if (_octets.Length < payload.Length)
        {
            _octets = new byte[payload.Length];
        }

        payload.CopyTo(_octets);
        Payload = _octets.AsMemory(0, payload.Length);
    }

    public void End()
    {
        Payload = null;
        if (OctetsKept < _octets.Length)
        {
            _octets = [];
        }
    }
}

/// <summary>An ask of a device as it left the kernel.</summary>
internal sealed record DeviceCall(Ports.DeviceId Device, Ports.DeviceAsk Asked);
