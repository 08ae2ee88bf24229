using Tars.Devices.Host;
using Tars.Kernel.Ports;

namespace Tars.Devices.Http;

/// <summary>The real outside of an `http` device: requests of any method to the origins that it was given.</summary>
/// <param name="millisecondsMax">How long one may take, whatever its asker waits.</param>
public sealed class Host(IReadOnlySet<string> origins, int millisecondsMax = Limits.FetchMillisecondsMax)
    : IAskedDevice, IDisposable
{
    private readonly OriginClient _client = new(origins, millisecondsMax);

    public Metrics Metrics { get; } = new();

    public void Dispose() => _client.Dispose();

    public DeviceAnswer? Ask(DeviceAsk asked)
    {
        DeviceAnswer answer = Protocol.Read(asked, out var request) is { } refused
            ? refused
            : _client.Send(request.Method, request.Url, request.Headers, request.Body);
        Metrics.CountAsk(answer is DeviceAnswer.Failed);
        return answer;
    }
}
