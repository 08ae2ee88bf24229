namespace Tars.Devices.Store;

/// <summary>What a `store` device counts.</summary>
public sealed class Metrics
{
    public long Asks { get; set; }

    public long Failed { get; set; }

    /// <summary>Changes that came again after a crash and were not made again.</summary>
    public long Repeats { get; set; }
}
