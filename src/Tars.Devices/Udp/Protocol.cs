using Tars.Base;
using Tars.Kernel.Ports;

namespace Tars.Devices.Udp;

/// <summary>The messages of a `udp` device: an address and octets, either way.</summary>
internal static class Protocol
{
    public static DeviceAnswer Done { get; } = new DeviceAnswer.Value([]);

    public static byte[] Datagram(string from, ReadOnlySpan<byte> octets)
    {
        var value = new ByteWriter(octets.Length + 64);
        value.Text(from);
        value.U32((uint)octets.Length);
        value.Bytes(octets);
        return value.ToArray();
    }

    /// <summary>What is to be sent where.</summary>
    /// <returns>Null when it can be; else the refusal.</returns>
    public static DeviceAnswer? Read(DeviceAsk asked, out string to, out byte[] octets)
    {
        var reader = new ByteReader(asked.Arguments.AsSpan());
        to = reader.Text();
        octets = reader.Bytes(reader.U32()).ToArray();
        return asked.Operation != Device.Send
            ? new DeviceAnswer.Failed(AskFailure.Refused, "a device of datagrams has no such ask")
            : Limits.DatagramBytesMax < octets.Length
                ? new DeviceAnswer.Failed(AskFailure.Refused, $"it has more than {Limits.DatagramBytesMax} octets")
                : null;
    }
}
