using Tars.Bundle.Container;
using Tars.Bundle.DebugMap;
using Tars.Bundle.Manifest;

namespace Tars.Kernel.Ports;

/// <summary>A module that is ready to run: what it says of itself, and its code as an engine compiled it.</summary>
public sealed record ModuleImage(BundleManifest Manifest, IGuestCode Code, DebugInfo Debug, BundleHash Hash)
{
    /// <summary>It is there because another module imports it: nothing of it lives but what others spawn.</summary>
    public bool IsImported { get; init; }
}
