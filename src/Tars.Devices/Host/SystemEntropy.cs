using System.Security.Cryptography;

namespace Tars.Devices.Host;

/// <summary>The random octets of the machine.</summary>
public sealed class SystemEntropy : IEntropy
{
    public void Fill(Span<byte> bytes) => RandomNumberGenerator.Fill(bytes);
}
