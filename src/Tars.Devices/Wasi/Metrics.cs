namespace Tars.Devices.Wasi;

/// <summary>What a WASI command's calls come to.</summary>
public sealed class Metrics
{
    public long Calls { get; set; }

    public long OctetsRead { get; set; }

    public long OctetsWritten { get; set; }

    /// <summary>Calls that asked for more than was granted.</summary>
    public long Refused { get; set; }
}
