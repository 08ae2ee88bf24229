namespace Tars.Kernel.Ports;

/// <summary>A guest's linear memory, as a host function sees it during one call.</summary>
public interface IGuestMemory
{
    /// <summary>In bytes; 0 when the module has none.</summary>
    long Size { get; }

    /// <summary>The bytes from an address on; nothing when not all of them lie inside.</summary>
    /// <param name="count">At most what a span holds; a range that is longer is not given.</param>
    bool TryRange(uint address, uint count, out Span<byte> bytes);
}
