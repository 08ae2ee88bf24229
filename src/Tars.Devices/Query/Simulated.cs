using Tars.Kernel.Ports;

namespace Tars.Devices.Query;

/// <summary>The twin of a `query` device: it answers a query with the number that stands for it, and no other.
/// </summary>
public sealed class Simulated(IReadOnlyDictionary<string, double> answers) : IAskedDevice
{
    public Metrics Metrics { get; } = new();

    public DeviceAnswer? Ask(DeviceAsk asked)
    {
        Metrics.Asks++;
        string query = Protocol.Query(asked);
        if (answers.TryGetValue(query, out double number))
        {
            return Protocol.Number(number);
        }

        Metrics.Failed++;
        return new DeviceAnswer.Failed(AskFailure.Unavailable, $"the scenario has no answer for {query}");
    }
}
