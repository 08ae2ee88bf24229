namespace Tars.Bundle.Container;

/// <summary>
/// The names of the custom sections that make a WebAssembly module a bundle, in the order in which they stand.
/// </summary>
public static class BundleSections
{
    /// <summary>The manifest, canonical JSON.</summary>
    public const string Manifest = "tars.manifest";

    /// <summary>State fields and continuations of each agent, canonical JSON.</summary>
    public const string State = "tars.state";

    /// <summary>The bundles of the modules that this one needs, directly or through others.</summary>
    public const string Imports = "tars.imports";

    /// <summary>The debug map, <see cref="DebugMap.DebugInfoCodec"/>.</summary>
    public const string Debug = "tars.debug";

    /// <summary>The sources with their comments.</summary>
    public const string Source = "tars.source";
}
