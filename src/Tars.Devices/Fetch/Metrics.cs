namespace Tars.Devices.Fetch;

/// <summary>What a `fetch` device counts.</summary>
public sealed class Metrics
{
    public long Asks { get; set; }

    /// <summary>Asks for what the operator did not allow.</summary>
    public long Denied { get; set; }

    public long Failed { get; set; }

    public long Octets { get; set; }
}
