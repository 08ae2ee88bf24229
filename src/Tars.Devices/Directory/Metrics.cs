namespace Tars.Devices.Directory;

/// <summary>What a `directory` device counts.</summary>
public sealed class Metrics
{
    public long Asks { get; set; }

    /// <summary>Asks that would have led out of the folder, or to what may not be used.</summary>
    public long Denied { get; set; }

    public long Failed { get; set; }
}
