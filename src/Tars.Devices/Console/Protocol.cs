using System.Buffers.Binary;

namespace Tars.Devices.Console;

/// <summary>The one message of a console: its arguments are one text in the value encoding.</summary>
public static class Protocol
{
    /// <summary>The octets of the line; empty when the arguments are not one text.</summary>
    public static ReadOnlySpan<byte> LineOf(ReadOnlySpan<byte> arguments)
    {
        if (arguments.Length < 4)
        {
            return [];
        }

        uint size = BinaryPrimitives.ReadUInt32LittleEndian(arguments);
        return size == (uint)(arguments.Length - 4) ? arguments[4..] : [];
    }
}
