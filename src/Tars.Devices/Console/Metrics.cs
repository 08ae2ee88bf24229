namespace Tars.Devices.Console;

/// <summary>What a `console` device counts.</summary>
public sealed class Metrics
{
    public long Lines { get; set; }

    public long Octets { get; set; }
}
