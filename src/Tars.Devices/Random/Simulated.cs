using Tars.Devices.Host;
using Tars.Kernel.Ports;

namespace Tars.Devices.Random;

/// <summary>The twin of a `random` device: octets that a seed decides, so that a scenario is the same each time.
/// </summary>
public sealed class Simulated(ulong seed) : IAskedDevice
{
    private readonly SeededEntropy _entropy = new(seed);

    public Metrics Metrics { get; } = new();

    public DeviceAnswer? Ask(DeviceAsk asked) => Protocol.Answer(asked, _entropy, Metrics);
}
