namespace Tars.Devices.Lines;

/// <summary>What a `lines` device counts.</summary>
public sealed class Metrics
{
    public long Octets { get; set; }

    /// <summary>All lines that were seen, those left out included.</summary>
    public long Lines { get; set; }

    /// <summary>Lines in which octets that are not UTF-8 were replaced.</summary>
    public long Repaired { get; set; }

    /// <summary>Lines that were left out because they are longer than a line may be.</summary>
    public long TooLong { get; set; }
}
