using Tars.Base;
using Tars.Kernel.Ports;

namespace Tars.Devices.Tcp;

/// <summary>The twin of a `tcp` device: everyone can be reached and takes what is sent; what comes are steps.</summary>
public sealed class Simulated : IAskedDevice
{
    private readonly List<(long Connection, byte[] Octets)> _sent = [];
    private long _last;

    /// <summary>What was sent, in order.</summary>
    public IReadOnlyList<(long Connection, byte[] Octets)> Sent => _sent;

    public DeviceAnswer? Ask(DeviceAsk asked)
    {
        var reader = new ByteReader(asked.Arguments.AsSpan());
        switch (asked.Operation)
        {
            case Device.Connect:
                return Protocol.Connected(++_last);
            case Device.Send:
                _sent.Add((reader.I64(), reader.Bytes(reader.U32()).ToArray()));
                return Protocol.Done;
            case Device.Close:
                return Protocol.Done;
            default:
                return Protocol.NoSuchAsk;
        }
    }
}
