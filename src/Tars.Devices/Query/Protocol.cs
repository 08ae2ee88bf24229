using Tars.Base;
using Tars.Kernel.Ports;

namespace Tars.Devices.Query;

/// <summary>The messages of a `query` device: a text goes out, a number comes back.</summary>
public static class Protocol
{
    public static string Query(DeviceAsk asked) => new ByteReader(asked.Arguments.AsSpan()).Text();

    public static DeviceAnswer Number(double value) => new DeviceAnswer.Value([.. BitConverter.GetBytes(value)]);
}
