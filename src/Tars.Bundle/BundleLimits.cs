namespace Tars.Bundle;

/// <summary>Every bound on what a bundle or an encoded value may hold. docs/bundle.md repeats them.</summary>
public static class BundleLimits
{
    /// <summary>Bytes of a whole bundle file.</summary>
    public const int FileSizeMax = 256 << 20;

    /// <summary>How deep types may nest.</summary>
    public const int SchemaDepthMax = 64;

    /// <summary>Characters of the canonical text of one type.</summary>
    public const int SchemaTextMax = 1 << 20;

    /// <summary>How deep JSON may nest.</summary>
    public const int JsonDepthMax = 256;

    public const int BeliefsMax = 256;

    public const int RelationsMax = 2_048;

    public const int AgentsMax = 2_048;

    /// <summary>Modules that one module imports agents of; bundles that one bundle holds.</summary>
    public const int ImportsMax = 512;

    /// <summary>Handlers of one agent; their number is a u16 in events.</summary>
    public const int HandlersMax = 16_384;

    /// <summary>Segments of a channel's name.</summary>
    public const int NameLengthMax = 64;

    public const int ChannelSegmentsMax = 8;

    /// <summary>Entries of each of the other lists of a manifest.</summary>
    public const int ManifestListMax = 65_536;

    /// <summary>Sites and functions of a debug map.</summary>
    public const int DebugEntriesMax = 4_194_304;
}
