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
        ImmutableArray<ReadOnlyMemory<byte>> imports,
        BundleHash hash)
    {
        Bytes = bytes;
        Manifest = manifest;
        Debug = debug;
        Sources = sources;
        Imports = imports;
        Hash = hash;
    }

    /// <summary>The whole file: a WebAssembly module.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    public BundleManifest Manifest { get; }

    /// <summary><see cref="DebugInfo.None"/> for a bundle that was stripped.</summary>
    public DebugInfo Debug { get; }

    /// <summary>The module's own source first; empty for a bundle that was stripped.</summary>
    public ImmutableArray<SourceFile> Sources { get; }

    /// <summary>
    /// Bundles of modules that this one needs, each still to be read. None of them may hold bundles itself.
    /// </summary>
    public ImmutableArray<ReadOnlyMemory<byte>> Imports { get; }

    public BundleHash Hash { get; }
}
