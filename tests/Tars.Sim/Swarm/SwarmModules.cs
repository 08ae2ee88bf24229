using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Container;
using Tars.Bundle.Manifest;
using Tars.Bundle.Wasm;
using Tars.Host;
using Tars.Kernel.Ports;
using Tars.Lang;
using Tars.Lang.Checking;

namespace Tars.Sim.Swarm;

/// <summary>The versions of the swarm's module: compiled once, and what a seed draws in their manifests.</summary>
internal static class SwarmModules
{
    private static readonly Lazy<ImmutableArray<(BundleManifest Manifest, IGuestCode Code)>> _compiled =
        new(() => [.. SwarmText.Versions.Select(text => Compile("swarm.tars", text))]);

    /// <summary>Versions whose orders and notes hold one number more.</summary>
    public const int LongVersion = 1;

    public static int Count => SwarmText.Versions.Length;

    /// <summary>One version as a plan wants it.</summary>
    public static ModuleImage Of(SwarmPlan plan, int version, Func<BundleManifest, IGuestCode, IGuestCode> wrap)
    {
        var (manifest, code) = _compiled.Value[version];
        manifest = manifest with
        {
            Supervision = plan.Supervision,
            Agents = [.. manifest.Agents.Select((agent, place) => plan.Agents[place].Write(agent))],
        };
        return new ModuleImage(manifest, wrap(manifest, code), Bundle.DebugMap.DebugInfo.None, HashOf(version));
    }

    public static BundleHash HashOf(int version) => new((ulong)version + 1, 0, 0, 0);

    /// <summary>A module of the simulator's own.</summary>
    public static (BundleManifest Manifest, IGuestCode Code) Compile(string name, string text)
    {
        var image = Load(name, text, out _);
        return (image.Manifest, image.Code);
    }

    /// <summary>The same under the hash of its bundle, for a journal that keeps it.</summary>
    public static ModuleImage Load(string name, string text, out ReadOnlyMemory<byte> bundleOctets)
    {
        var source = new SourceText(name, text);
        var compiled = Compiler.Compile(source, new NoModules(), new CompileOptions());
        if (compiled.Bundle is not { } bundle)
        {
            var first = compiled.Check.Diagnostics.First(one => one.Severity == Lang.Diagnostics.Severity.Error);
            throw new InvalidOperationException(
                $"{name} is wrong: {source.PositionOf(first.Span.Start)} {first.Code} {first.Title}");
        }

        byte[] octets = [.. bundle];
        bundleOctets = octets;
        var read = (BundleReading.Read)BundleReader.Read(octets);
        var decoded = (DecodeResult.Decoded)ModuleDecoder.Decode(octets);
        var valid = (ValidationResult.Valid)ModuleValidator.Validate(decoded.Module);
        var loaded = (EngineLoad.Loaded)Compose.Engine("cil")!.Load(valid.Module); // It is there in every build.
        return new ModuleImage(read.Bundle.Manifest, loaded.Code, Bundle.DebugMap.DebugInfo.None, read.Bundle.Hash);
    }
}
