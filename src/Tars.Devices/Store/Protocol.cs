using System.Collections.Immutable;
using Tars.Base;
using Tars.Kernel.Ports;

namespace Tars.Devices.Store;

/// <summary>The messages of a store: a key, and for a change the value behind it, whatever its type is.</summary>
public static class Protocol
{
    public static DeviceAnswer Done { get; } = new DeviceAnswer.Value([]);

    public static DeviceAnswer Nothing { get; } = new DeviceAnswer.Value([0]);

    public static DeviceAnswer Found(ReadOnlySpan<byte> value) => new DeviceAnswer.Value([1, .. value]);

    public static DeviceAnswer Fresh(bool isFresh) => new DeviceAnswer.Value([isFresh ? (byte)1 : (byte)0]);

    /// <summary>The key and the value of an ask; what is too long is refused.</summary>
    /// <returns>Null when it may be done.</returns>
    public static DeviceAnswer? Read(DeviceAsk asked, out string key, out ImmutableArray<byte> value)
    {
        var reader = new ByteReader(asked.Arguments.AsSpan());
        key = reader.Text();
        value = asked.Arguments[reader.Position..];
        return Limits.StoreKeyBytesMax < reader.Position - sizeof(uint)
            ? new DeviceAnswer.Failed(AskFailure.Refused, "the key is too long")
            : Limits.StoreValueBytesMax < value.Length
                ? new DeviceAnswer.Failed(AskFailure.Refused, "the value is too long")
                : null;
    }
}
