using Tars.Kernel.Ports;

namespace Tars.Devices.Udp;

/// <summary>The twin of a `udp` device: everything can be sent anywhere. What comes are steps of a scenario.</summary>
public sealed class Simulated : IAskedDevice
{
    private readonly List<(string To, byte[] Octets)> _sent = [];

    /// <summary>What was sent, in order.</summary>
    public IReadOnlyList<(string To, byte[] Octets)> Sent => _sent;

    public DeviceAnswer? Ask(DeviceAsk asked)
    {
        if (Protocol.Read(asked, out string to, out byte[] octets) is { } refused)
        {
            return refused;
        }

        _sent.Add((to, octets));
        return Protocol.Done;
    }
}
