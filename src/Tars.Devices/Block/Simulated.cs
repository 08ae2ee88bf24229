using Tars.Kernel.Ports;

namespace Tars.Devices.Block;

/// <summary>The twin of a `block` device: sectors in memory, and a power cut in the middle of a write.</summary>
/// <param name="tornAfter">Writes that succeed; of the next only the beginning is kept, and no further one succeeds.
/// </param>
public sealed class Simulated(int sectors, int? tornAfter) : IAskedDevice
{
    // Less than a sector, more than a head: what was being written is neither old nor new.
    private const int TornBytes = 26;

    private readonly int _sectors = Math.Clamp(sectors, 0, Limits.BlockSectorsMax);
    private readonly byte[] _octets =
        new byte[Math.Clamp(sectors, 0, Limits.BlockSectorsMax) * Protocol.SectorBytes];

    public Metrics Metrics { get; } = new();

    public DeviceAnswer? Ask(DeviceAsk asked) => asked.Operation switch
    {
        Device.Info => Protocol.Info(_sectors),
        Device.Read => Read(asked),
        Device.Write => Write(asked),
        Device.Flush => Protocol.Done,
        _ => Protocol.NoSuchAsk,
    };

    private DeviceAnswer Read(DeviceAsk asked)
    {
        Metrics.Reads++;
        return Protocol.Read(asked, _sectors, out long at, out int size, out _)
            ?? Protocol.Content(_octets.AsSpan((int)at, size));
    }

    private DeviceAnswer Write(DeviceAsk asked)
    {
        if (Protocol.Read(asked, _sectors, out long at, out _, out var data) is { } refused)
        {
            return refused;
        }

        if (tornAfter <= Metrics.Writes)
        {
            Metrics.Torn++;
            data[..Math.Min(TornBytes, data.Length)].CopyTo(_octets.AsSpan((int)at));
            return new DeviceAnswer.Failed(AskFailure.Unavailable, "the power was cut");
        }

        Metrics.Writes++;
        data.CopyTo(_octets.AsSpan((int)at));
        return Protocol.Done;
    }
}
