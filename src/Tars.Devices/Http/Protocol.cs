using System.Collections.Immutable;
using Tars.Base;
using Tars.Devices.Host;
using Tars.Kernel.Ports;

namespace Tars.Devices.Http;

/// <summary>One request that a guest wants sent.</summary>
internal sealed record OutgoingRequest(
    string Method, string Url, ImmutableArray<KeyValuePair<string, string>> Headers, byte[] Body);

/// <summary>The messages of an `http` device: method, URL, headers and body go out, a Response comes back.</summary>
internal static class Protocol
{
    private static readonly string[] _methods = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

    // What says where a request goes and how it travels: with another `host`, what is allowed would mean nothing.
    private static readonly string[] _ofTheClient =
        ["connection", "content-length", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"];

    /// <summary>Null when it can be sent; else the refusal.</summary>
    public static DeviceAnswer.Failed? Read(DeviceAsk asked, out OutgoingRequest request)
    {
        var reader = new ByteReader(asked.Arguments.AsSpan());
        string method = reader.Text();
        string url = reader.Text();
        var headers = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        for (uint left = reader.U32(); 0 < left && !reader.Failed; left--)
        {
            headers.Add(KeyValuePair.Create(reader.Text(), reader.Text()));
        }

        request = new OutgoingRequest(
            method, url, headers.ToImmutable(), reader.Bytes(reader.U32()).ToArray());
        string? bad = request.Headers.FirstOrDefault(one => !MayGo(one.Key, one.Value)).Key;
        return asked.Operation != Device.Send ? Refused("an HTTP client has no such ask")
            : Array.IndexOf(_methods, method) < 0 ? Refused($"the method is one of {string.Join(", ", _methods)}")
            : bad is not null ? Refused($"`{Printable.Of(bad)}` with its value is no header that a guest may set")
            : null;
    }

    private static bool MayGo(string name, string value) =>
        HttpText.IsName(name) && HttpText.IsValue(value)
        && Array.IndexOf(_ofTheClient, name.ToLowerInvariant()) < 0;

    private static DeviceAnswer.Failed Refused(string why) => new(AskFailure.Refused, why);
}
