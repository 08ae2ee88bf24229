using Tars.Devices.Host;
using Tars.Kernel.Ports;

namespace Tars.Devices.Fetch;

/// <summary>The real outside of a `fetch` device: an HTTP client that reaches the origins it was given and no other.
/// </summary>
/// <param name="origins">As <see cref="Bundle.Interfaces.Origins.Of"/> writes them.</param>
/// <param name="millisecondsMax">How long one fetch may take, whatever its asker waits.</param>
public sealed class Host(IReadOnlySet<string> origins, int millisecondsMax = Limits.FetchMillisecondsMax)
    : IAskedDevice, IDisposable
{
    private readonly OriginClient _client = new(origins, millisecondsMax);
    private readonly Lock _counting = new();

    public Metrics Metrics { get; } = new();

    public void Dispose() => _client.Dispose();

    public DeviceAnswer? Ask(DeviceAsk asked)
    {
        var answer = _client.Send("GET", Protocol.Url(asked), Protocol.Headers(asked), []);
        lock (_counting)
        {
            Metrics.Asks++;
            Metrics.Denied += answer is DeviceAnswer.Failed { Why: AskFailure.Denied } ? 1 : 0;
            Metrics.Failed += answer is DeviceAnswer.Failed { Why: AskFailure.Unavailable } ? 1 : 0;
            Metrics.Octets += answer is DeviceAnswer.Value value ? value.Octets.Length : 0;
        }

        return answer;
    }
}
