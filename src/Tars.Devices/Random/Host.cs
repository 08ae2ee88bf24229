using Tars.Devices.Host;
using Tars.Kernel.Ports;

namespace Tars.Devices.Random;

/// <summary>The real outside of a `random` device: the machine's own source.</summary>
/// <remarks>A recording holds what it gave, as every answer: keep one as secret as what was made of it.</remarks>
public sealed class Host : IAskedDevice
{
    private readonly SystemEntropy _entropy = new();

    public Metrics Metrics { get; } = new();

    public DeviceAnswer? Ask(DeviceAsk asked) => Protocol.Answer(asked, _entropy, Metrics);
}
