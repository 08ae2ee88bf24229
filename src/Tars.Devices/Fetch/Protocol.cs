using Tars.Base;
using Tars.Kernel.Ports;

namespace Tars.Devices.Fetch;

/// <summary>The message of a `fetch` device: a URL goes out, and a Response comes back.</summary>
public static class Protocol
{
    /// <summary>By which a server can know that a fetch comes again after a crash.</summary>
    public static KeyValuePair<string, string>[] Headers(DeviceAsk asked) =>
        asked.Id is { } id ? [KeyValuePair.Create("Idempotency-Key", id.ToString())] : [];

    public static string Url(DeviceAsk asked) => new ByteReader(asked.Arguments.AsSpan()).Text();
}
