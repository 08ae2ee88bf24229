namespace Tars.Devices.Block;

/// <summary>What a `block` device counts.</summary>
public sealed class Metrics
{
    public long Reads { get; set; }

    public long Writes { get; set; }

    public long Flushes { get; set; }

    /// <summary>Asks that the file did not let happen.</summary>
    public long Failed { get; set; }

    /// <summary>Writes that were torn, and those after it.</summary>
    public long Torn { get; set; }
}
