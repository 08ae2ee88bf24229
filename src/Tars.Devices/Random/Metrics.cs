namespace Tars.Devices.Random;

/// <summary>What a `random` device counts.</summary>
public sealed class Metrics
{
    public long Asks { get; set; }

    public long Octets { get; set; }
}
