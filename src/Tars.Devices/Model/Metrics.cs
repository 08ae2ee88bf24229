namespace Tars.Devices.Model;

/// <summary>What a `model` device counts.</summary>
public sealed class Metrics
{
    public long Asks { get; set; }
}
