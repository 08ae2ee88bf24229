namespace Tars.Bundle.Wasm;

/// <summary>When a segment is copied, and where to. The family is closed.</summary>
public abstract record SegmentMode
{
    private SegmentMode()
    {
    }

    /// <summary>Copied when the module is instantiated, into the table or memory of this index.</summary>
    public sealed record Active(int Target, ReadOnlyMemory<byte> Offset) : SegmentMode;

    /// <summary>Copied by <c>table.init</c> or <c>memory.init</c>.</summary>
    public sealed record Passive : SegmentMode;

    /// <summary>Never copied: it only declares that its functions may be named by <c>ref.func</c>.</summary>
    public sealed record Declarative : SegmentMode;
}
