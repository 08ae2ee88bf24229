using Tars.Base;
using Tars.Devices.Host;
using Tars.Kernel.Ports;

namespace Tars.Devices.Random;

/// <summary>The one message of a `random` device: how many octets, and the octets.</summary>
internal static class Protocol
{
    public static DeviceAnswer Answer(DeviceAsk asked, IEntropy entropy, Metrics metrics)
    {
        metrics.Asks++;
        long count = new ByteReader(asked.Arguments.AsSpan()).I64();
        if (asked.Operation != Device.Octets || count is < 0 or > Limits.RandomBytesMax)
        {
            return new DeviceAnswer.Failed(AskFailure.Refused, $"0 to {Limits.RandomBytesMax} octets at a time");
        }

        byte[] octets = new byte[count];
        entropy.Fill(octets);
        metrics.Octets += count;
        var value = new ByteWriter();
        value.U32((uint)octets.Length);
        value.Bytes(octets);
        return new DeviceAnswer.Value([.. value.Written]);
    }
}
