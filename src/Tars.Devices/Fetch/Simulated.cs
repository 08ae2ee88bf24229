using System.Text;
using Tars.Devices.Host;
using Tars.Kernel.Ports;

namespace Tars.Devices.Fetch;

/// <summary>The twin of a `fetch` device: it answers a URL with the text that stands for it, and no other.</summary>
public sealed class Simulated(IReadOnlyDictionary<string, string> answers) : IAskedDevice
{
    private const long Ok = 200;

    public Metrics Metrics { get; } = new();

    public DeviceAnswer? Ask(DeviceAsk asked)
    {
        Metrics.Asks++;
        string url = Protocol.Url(asked);
        if (answers.TryGetValue(url, out string? text))
        {
            return ResponseValue.Of(Ok, [], Encoding.UTF8.GetBytes(text));
        }

        Metrics.Failed++;
        return new DeviceAnswer.Failed(AskFailure.Unavailable, $"the scenario has no answer for {url}");
    }
}
