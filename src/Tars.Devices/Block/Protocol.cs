using Tars.Base;
using Tars.Kernel.Ports;

namespace Tars.Devices.Block;

/// <summary>The messages of a block device.</summary>
public static class Protocol
{
    public const int SectorBytes = 512;

    public static DeviceAnswer Done { get; } = new DeviceAnswer.Value([]);

    public static DeviceAnswer Info(int sectors)
    {
        var value = new ByteWriter();
        value.I64(SectorBytes);
        value.I64(sectors);
        return new DeviceAnswer.Value([.. value.Written]);
    }

    public static DeviceAnswer Content(ReadOnlySpan<byte> octets)
    {
        var value = new ByteWriter();
        value.U32((uint)octets.Length);
        value.Bytes(octets);
        return new DeviceAnswer.Value([.. value.Written]);
    }

    /// <summary>Where the octets of some sectors lie; null when not all of them are on the device.</summary>
    public static Range? Octets(long sector, long count, int sectors) =>
        0 <= sector && 0 <= count && count <= sectors && sector <= sectors - count
            ? (int)(sector * SectorBytes)..(int)((sector + count) * SectorBytes)
            : null;
}
