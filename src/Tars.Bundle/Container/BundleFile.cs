using System.Collections.Immutable;
using Tars.Bundle.DebugMap;
using Tars.Bundle.Manifest;

namespace Tars.Bundle.Container;

/// <summary>
/// A bundle that was read: the file's bytes and what its sections say. Only <see cref="BundleReader"/> makes one.
/// </summary>
/// <remarks>The WebAssembly inside is still unchecked; the validator is the next door.</remarks>
public sealed class BundleFile
{
    internal BundleFile(
        ReadOnlyMemory<byte> bytes,
        BundleManifest manifest,
        DebugInfo debug,
        ImmutableArray<SourceFile> sources,
        BundleHash hash)
    {
        Bytes = bytes;
        Manifest = manifest;
        Debug = debug;
        Sources = sources;
        Hash = hash;
    }

    /// <summary>The whole file: a WebAssembly module.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    public BundleManifest Manifest { get; }

    /// <summary><see cref="DebugInfo.None"/> for a bundle that was stripped.</summary>
    public DebugInfo Debug { get; }

    /// <summary>The module's own source first; empty for a bundle that was stripped.</summary>
    public ImmutableArray<SourceFile> Sources { get; }

    public BundleHash Hash { get; }
}
