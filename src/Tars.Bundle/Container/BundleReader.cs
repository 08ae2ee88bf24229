using System.Collections.Immutable;
using Tars.Bundle.DebugMap;
using Tars.Bundle.Manifest;

namespace Tars.Bundle.Container;

/// <summary>
/// Reads a bundle from hostile bytes: finds its sections, reads the manifest, computes the hash. Never throws.
/// </summary>
public static class BundleReader
{
    public static BundleReading Read(ReadOnlyMemory<byte> bytes)
    {
        if (BundleLimits.FileSizeMax < bytes.Length)
        {
            return new BundleReading.Refused("the file is too large");
        }

        var sections = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        var walk = new SectionWalk(bytes.Span);
        while (walk.Next())
        {
            bool ours = walk.Name.StartsWith("tars.", StringComparison.Ordinal);
            if (ours && !sections.TryAdd(walk.Name, bytes[walk.Content]))
            {
                return new BundleReading.Refused($"section `{walk.Name}` stands twice");
            }
        }

        if (walk.Failed)
        {
            return new BundleReading.Refused("not a WebAssembly module");
        }

        return sections.TryGetValue(BundleSections.Manifest, out var manifest)
            && sections.TryGetValue(BundleSections.State, out var state)
            ? Read(bytes, ManifestJson.Read(manifest, state), sections)
            : new BundleReading.Refused("a WebAssembly module without a manifest is no bundle");
    }

    private static BundleReading Read(
        ReadOnlyMemory<byte> bytes, ManifestReading reading, Dictionary<string, ReadOnlyMemory<byte>> sections)
    {
        if (reading is not ManifestReading.Read { Manifest: var manifest })
        {
            return new BundleReading.Refused(((ManifestReading.Refused)reading).Reason);
        }

        var debug = sections.TryGetValue(BundleSections.Debug, out var debugBytes)
            ? DebugInfoCodec.Read(debugBytes.Span)
            : DebugInfo.None;
        ImmutableArray<SourceFile>? sources = sections.TryGetValue(BundleSections.Source, out var sourceBytes)
            ? SourceCodec.Read(sourceBytes.Span)
            : [];
        ImmutableArray<ReadOnlyMemory<byte>>? imports =
            sections.TryGetValue(BundleSections.Imports, out var importBytes) ? ImportsCodec.Read(importBytes) : [];
        if (debug is null || sources is null || imports is null)
        {
            return new BundleReading.Refused("the debug map, the sources or the imports cannot be read");
        }

        return new BundleReading.Read(
            new BundleFile(
                bytes, manifest, debug, sources.Value, imports.Value, BundleWriter.Hash(bytes.Span, manifest)));
    }
}
