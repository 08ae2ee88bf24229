using Tars.Base;
using Tars.Kernel.Ports;

namespace Tars.Devices.Fetch;

/// <summary>The message of a `fetch` device: a URL goes out, and a Response comes back.</summary>
public static class Protocol
{
    public static string Url(DeviceAsk asked) => new ByteReader(asked.Arguments.AsSpan()).Text();
}
