using Tars.Base;
using Tars.Kernel.Ports;

namespace Tars.Devices.Block;

/// <summary>The messages of a block device.</summary>
public static class Protocol
{
    public const int SectorBytes = 512;

    public static DeviceAnswer Done { get; } = new DeviceAnswer.Value([]);

    public static DeviceAnswer NoSuchAsk { get; } =
        new DeviceAnswer.Failed(AskFailure.Refused, "a block device has no such ask");

    public static DeviceAnswer Info(long sectors)
    {
        var value = new ByteWriter();
        value.I64(SectorBytes);
        value.I64(sectors);
        return new DeviceAnswer.Value([.. value.Written]);
    }

    public static DeviceAnswer Content(ReadOnlySpan<byte> octets)
    {
        var value = new ByteWriter(sizeof(uint) + octets.Length);
        value.U32((uint)octets.Length);
        value.Bytes(octets);
        return new DeviceAnswer.Value([.. value.Written]);
    }

    /// <summary>Which sectors a read or write is about.</summary>
    /// <param name="sectors">How many the device has.</param>
    /// <param name="at">Where the octets begin.</param>
    /// <param name="size">How many octets are read.</param>
    /// <param name="data">What is written; empty for a read.</param>
    /// <returns>Null when it can be done; else the refusal.</returns>
    public static DeviceAnswer? Read(
        DeviceAsk asked, long sectors, out long at, out int size, out ReadOnlySpan<byte> data)
    {
        var reader = new ByteReader(asked.Arguments.AsSpan());
        long sector = reader.I64();
        bool isWrite = asked.Operation == Device.Write;
        data = isWrite ? reader.Bytes(reader.U32()) : [];
        long count = isWrite ? data.Length / SectorBytes : reader.I64();
        at = 0;
        size = 0;
        if (data.Length % SectorBytes != 0)
        {
            return new DeviceAnswer.Failed(AskFailure.Refused, "not whole sectors");
        }

        if (count < 0 || Limits.BlockTransferBytesMax / SectorBytes < count)
        {
            return new DeviceAnswer.Failed(AskFailure.Refused, "more at once than 1 MiB, or less than nothing");
        }

        if (sector < 0 || sectors < count || sectors - count < sector)
        {
            return new DeviceAnswer.Failed(AskFailure.Refused, "beyond the end of the device");
        }

        at = sector * SectorBytes;
        size = (int)count * SectorBytes;
        return null;
    }
}
