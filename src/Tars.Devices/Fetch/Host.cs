using System.Net;
using Tars.Bundle.Interfaces;
using Tars.Kernel.Ports;

namespace Tars.Devices.Fetch;

/// <summary>The real outside of a `fetch` device: an HTTP client that reaches the origins it was given and no other.
/// </summary>
/// <remarks>
/// Nothing is followed, kept or guessed: no redirects, no cookies, no proxy, no credentials in a URL. Several threads
/// may ask at a time.
/// </remarks>
/// <param name="origins">As <see cref="OriginOf"/> writes them.</param>
/// <param name="millisecondsMax">How long one fetch may take, whatever its asker waits.</param>
public sealed class Host(IReadOnlySet<string> origins, int millisecondsMax = Limits.FetchMillisecondsMax)
    : IAskedDevice, IDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        AutomaticDecompression = DecompressionMethods.None,
    })
    {
        Timeout = TimeSpan.FromMilliseconds(millisecondsMax),
        MaxResponseContentBufferSize = Limits.FetchBytesMax,
    };

    private readonly Lock _counting = new();

    public Metrics Metrics { get; } = new();

    /// <summary>Scheme, host and port of a URL in one spelling; null when it is none of HTTP.</summary>
    public static string? OriginOf(string url) => Origins.Of(url);

    public void Dispose() => _client.Dispose();

    public DeviceAnswer? Ask(DeviceAsk asked)
    {
        string url = Protocol.Url(asked);
        string? origin = OriginOf(url);
        bool allowed = origin is not null && origins.Contains(origin);
        lock (_counting)
        {
            Metrics.Asks++;
            Metrics.Denied += allowed ? 0 : 1;
        }

        if (!allowed)
        {
            return new DeviceAnswer.Failed(AskFailure.Denied, $"{origin ?? "this URL"} is not among the hosts allowed");
        }

        var answer = Get(new Uri(url));
        lock (_counting)
        {
            Metrics.Failed += answer is DeviceAnswer.Failed ? 1 : 0;
            Metrics.Octets += answer is DeviceAnswer.Value value ? value.Octets.Length : 0;
        }

        return answer;
    }

    private DeviceAnswer Get(Uri url)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            using var response = _client.Send(request, HttpCompletionOption.ResponseContentRead);
            using var content = response.Content.ReadAsStream();
            byte[] body = new byte[content.Length];
            content.ReadExactly(body);
            var headers = response.Headers.Concat(response.Content.Headers)
                .GroupBy(one => one.Key.ToLowerInvariant(), StringComparer.Ordinal)
                .Select(group => KeyValuePair.Create(
                    group.Key, string.Join(", ", group.SelectMany(one => one.Value))));
            return Protocol.Response((int)response.StatusCode, headers, body);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            string why = e is OperationCanceledException ? "it took too long" : "no answer that could be taken";
            return new DeviceAnswer.Failed(AskFailure.Unavailable, $"{url.Host}: {why}");
        }
    }
}
