using System.Text;
using Tars.Devices.Host;
using Tars.Kernel.Ports;

namespace Tars.Devices.Http;

/// <summary>The twin of an `http` device: it answers a method and URL with the text that stands for them.</summary>
/// <param name="answers">`METHOD URL` to text.</param>
public sealed class Simulated(IReadOnlyDictionary<string, string> answers) : IAskedDevice
{
    private const long Ok = 200;

    public Metrics Metrics { get; } = new();

    public DeviceAnswer? Ask(DeviceAsk asked)
    {
        DeviceAnswer answer = Protocol.Read(asked, out var request) is { } refused ? refused
            : answers.TryGetValue($"{request.Method} {request.Url}", out string? text)
                ? ResponseValue.Of(Ok, [], Encoding.UTF8.GetBytes(text))
            : new DeviceAnswer.Failed(
                AskFailure.Unavailable, $"the scenario has no answer for {request.Method} {request.Url}");
        Metrics.CountAsk(answer is DeviceAnswer.Failed);
        return answer;
    }
}
