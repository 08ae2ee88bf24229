using System.Collections.Immutable;
using System.Security.Cryptography;
using Tars.Base;
using Tars.Bundle.DebugMap;
using Tars.Bundle.Manifest;

namespace Tars.Bundle.Container;

/// <summary>
/// Makes a bundle of a WebAssembly module and what it says of itself. Equal arguments give equal bytes.
/// </summary>
public static class BundleWriter
{
    /// <param name="module">A WebAssembly module without sections of ours.</param>
    public static byte[] Write(
        ReadOnlySpan<byte> module, BundleManifest manifest, DebugInfo debug, ImmutableArray<SourceFile> sources) =>
        Write(module, manifest, debug, sources, imports: []);

    /// <param name="module">A WebAssembly module without sections of ours.</param>
    /// <param name="imports">The bundles of the modules that this one needs; none of them holds bundles.</param>
    public static byte[] Write(
        ReadOnlySpan<byte> module,
        BundleManifest manifest,
        DebugInfo debug,
        ImmutableArray<SourceFile> sources,
        ImmutableArray<ReadOnlyMemory<byte>> imports)
    {
        Invariant.Holds(ManifestRules.FirstBroken(manifest) is null);
        Invariant.Holds(IsPlainModule(module));
        var output = new ByteWriter(module.Length + 4096);
        output.Bytes(module);
        SectionWalk.Write(output, BundleSections.Manifest, ManifestJson.WriteManifest(manifest));
        SectionWalk.Write(output, BundleSections.State, ManifestJson.WriteState(manifest));
        if (!imports.IsEmpty)
        {
            SectionWalk.Write(output, BundleSections.Imports, ImportsCodec.Write(imports));
        }

        if (debug != DebugInfo.None)
        {
            SectionWalk.Write(output, BundleSections.Debug, DebugInfoCodec.Write(debug));
        }

        if (!sources.IsEmpty)
        {
            SectionWalk.Write(output, BundleSections.Source, SourceCodec.Write(sources));
        }

        return output.ToArray();
    }

    /// <summary>A module without the sections that make it a bundle; null when it is no sequence of sections.</summary>
    public static byte[]? Stripped(ReadOnlySpan<byte> module)
    {
        var plain = new ByteWriter(module.Length);
        var walk = new SectionWalk(module);
        if (walk.Failed)
        {
            return null;
        }

        plain.Bytes(module[..SectionWalk.HeadSize]);
        while (walk.Next())
        {
            if (!walk.Name.StartsWith("tars.", StringComparison.Ordinal))
            {
                plain.Bytes(walk.Whole);
            }
        }

        return walk.Failed ? null : plain.ToArray();
    }

    /// <summary>
    /// The hash of what a bundle means: the same for two bundles that differ in comments, blanks and names of
    /// functions. Custom sections of the module have no part in it.
    /// </summary>
    public static BundleHash Hash(ReadOnlySpan<byte> module, BundleManifest manifest)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("TARS bundle 1\n"u8);
        var walk = new SectionWalk(module);
        while (walk.Next())
        {
            if (walk.Id != 0)
            {
                hash.AppendData(walk.Whole);
            }
        }

        var meaning = WithoutLines(manifest);
        var sections = new ByteWriter(4096);
        SectionWalk.Write(sections, BundleSections.Manifest, ManifestJson.WriteManifest(meaning));
        SectionWalk.Write(sections, BundleSections.State, ManifestJson.WriteState(meaning));
        hash.AppendData(sections.Written);
        return BundleHash.Of(hash.GetHashAndReset());
    }

    // A comment moves lines and must not change the hash.
    private static BundleManifest WithoutLines(BundleManifest manifest) =>
        manifest with
        {
            Agents =
            [
                .. manifest.Agents.Select(agent => agent with
                {
                    Handlers = [.. agent.Handlers.Select(handler => handler with { Line = 0 })],
                    Continuations = [.. agent.Continuations.Select(one => one with { Line = 0 })],
                }),
            ],
        };

    private static bool IsPlainModule(ReadOnlySpan<byte> module)
    {
        var walk = new SectionWalk(module);
        bool plain = true;
        while (walk.Next())
        {
            plain &= !walk.Name.StartsWith("tars.", StringComparison.Ordinal);
        }

        return plain && !walk.Failed;
    }
}
