namespace Tars.Devices.Query;

/// <summary>What a `query` device counts.</summary>
public sealed class Metrics
{
    public long Asks { get; set; }

    public long Failed { get; set; }
}
