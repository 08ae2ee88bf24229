using System.Net;
using Tars.Bundle.Interfaces;
using Tars.Kernel.Ports;

namespace Tars.Devices.Host;

/// <summary>An HTTP client that reaches the origins it was given and no other.</summary>
/// <remarks>
/// Nothing is followed, kept or guessed: no redirects, no cookies, no proxy, no credentials in a URL. Several threads
/// may send at a time.
/// </remarks>
/// <param name="origins">As <see cref="Origins.Of"/> writes them.</param>
internal sealed class OriginClient(IReadOnlySet<string> origins, int millisecondsMax) : IDisposable
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

    public void Dispose() => _client.Dispose();

    /// <summary>A Response, or why there is none; <see cref="AskFailure.Denied"/> for what is not allowed.</summary>
    /// <param name="headers">Names and values that may stand in a request.</param>
    public DeviceAnswer Send(
        string method, string url, IEnumerable<KeyValuePair<string, string>> headers, byte[] body)
    {
        string? origin = Origins.Of(url);
        if (origin is null || !origins.Contains(origin))
        {
            return new DeviceAnswer.Failed(AskFailure.Denied, $"{origin ?? "this URL"} is not among the hosts allowed");
        }

        var target = new Uri(url);
        try
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), target);
            request.Content = body.Length == 0 ? null : new ByteArrayContent(body);
            foreach (var (name, value) in headers)
            {
                // What belongs to a body is kept apart, and goes nowhere without one.
                _ = request.Headers.TryAddWithoutValidation(name, value)
                    || request.Content?.Headers.TryAddWithoutValidation(name, value) == true;
            }

            using var response = _client.Send(request, HttpCompletionOption.ResponseContentRead);
            using var content = response.Content.ReadAsStream();
            byte[] answered = new byte[content.Length];
            content.ReadExactly(answered);
            var sent = response.Headers.Concat(response.Content.Headers)
                .GroupBy(one => one.Key.ToLowerInvariant(), StringComparer.Ordinal)
                .Select(group => KeyValuePair.Create(
                    group.Key, string.Join(", ", group.SelectMany(one => one.Value))));
            return ResponseValue.Of((int)response.StatusCode, sent, answered);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            string why = e is OperationCanceledException ? "it took too long" : "no answer that could be taken";
            return new DeviceAnswer.Failed(AskFailure.Unavailable, $"{target.Host}: {why}");
        }
    }
}
