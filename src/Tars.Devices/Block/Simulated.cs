using Tars.Base;
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

    public DeviceAnswer? Ask(DeviceAsk asked)
    {
        var reader = new ByteReader(asked.Arguments.AsSpan());
        return asked.Operation switch
        {
            Device.Info => Protocol.Info(_sectors),
            Device.Read => Read(reader.I64(), reader.I64()),
            Device.Write => Write(reader.I64(), reader.Bytes(reader.U32())),
            Device.Flush => Protocol.Done,
            _ => new DeviceAnswer.Failed(AskFailure.Refused, "a block device has no such ask"),
        };
    }

    private DeviceAnswer Read(long sector, long count)
    {
        Metrics.Reads++;
        return Protocol.Octets(sector, count, _sectors) is { } place
            ? Protocol.Content(_octets.AsSpan(place))
            : new DeviceAnswer.Failed(AskFailure.Refused, "beyond the end of the device");
    }

    private DeviceAnswer Write(long sector, ReadOnlySpan<byte> data)
    {
        if (data.Length % Protocol.SectorBytes != 0
            || Protocol.Octets(sector, data.Length / Protocol.SectorBytes, _sectors) is not { } place)
        {
            return new DeviceAnswer.Failed(AskFailure.Refused, "not whole sectors, or beyond the end of the device");
        }

        if (tornAfter <= Metrics.Writes)
        {
            Metrics.Torn++;
            data[..Math.Min(TornBytes, data.Length)].CopyTo(_octets.AsSpan(place));
            return new DeviceAnswer.Failed(AskFailure.Unavailable, "the power was cut");
        }

        Metrics.Writes++;
        data.CopyTo(_octets.AsSpan(place));
        return Protocol.Done;
    }
}
