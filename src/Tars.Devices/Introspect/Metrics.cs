namespace Tars.Devices.Introspect;

/// <summary>What an `introspect` device counts.</summary>
public sealed class Metrics
{
    public long Asks { get; set; }

    /// <summary>Processes that were shown.</summary>
    public long Rows { get; set; }
}
