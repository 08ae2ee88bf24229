using Tars.Base;
using Tars.Kernel.Ports;

namespace Tars.Devices.Tcp;

/// <summary>The messages of a `tcp` device: a connection is a number that no other has in the same run.</summary>
internal static class Protocol
{
    private const ushort OpenedCase = 0;
    private const ushort DataCase = 1;
    private const ushort ClosedCase = 2;

    public static DeviceAnswer Done { get; } = new DeviceAnswer.Value([]);

    public static DeviceAnswer NoSuchAsk { get; } =
        new DeviceAnswer.Failed(AskFailure.Refused, "a connection has no such ask");

    public static DeviceAnswer Connected(long connection)
    {
        var value = new ByteWriter();
        value.I64(connection);
        return new DeviceAnswer.Value([.. value.Written]);
    }

    /// <summary>Somebody has connected.</summary>
    public static byte[] Opened(long connection, string peer) => Event(OpenedCase, connection, peer);

    public static byte[] Data(long connection, ReadOnlySpan<byte> octets)
    {
        var value = new ByteWriter(octets.Length + 16);
        value.U16(DataCase);
        value.I64(connection);
        value.U32((uint)octets.Length);
        value.Bytes(octets);
        return value.ToArray();
    }

    /// <summary>Nothing comes from the connection any more, and nothing can be sent.</summary>
    public static byte[] Closed(long connection, string reason) => Event(ClosedCase, connection, reason);

    private static byte[] Event(ushort which, long connection, string text)
    {
        var value = new ByteWriter();
        value.U16(which);
        value.I64(connection);
        value.Text(text);
        return value.ToArray();
    }
}
