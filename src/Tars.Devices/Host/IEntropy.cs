namespace Tars.Devices.Host;

/// <summary>Where a run takes its random octets from.</summary>
public interface IEntropy
{
    void Fill(Span<byte> bytes);
}
