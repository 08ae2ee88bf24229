using System.Collections.Immutable;
using System.Globalization;
using Tars.Bundle.Container;
using Tars.Bundle.DebugMap;
using Tars.Bundle.Manifest;

namespace Tars.Kernel.Ports;

/// <summary>A module that is ready to run: what it says of itself, and its code as an engine compiled it.</summary>
public sealed record ModuleImage(BundleManifest Manifest, IGuestCode Code, DebugInfo Debug, BundleHash Hash)
{
    /// <summary>It is there because another module imports it: nothing of it lives but what others spawn.</summary>
    public bool IsImported { get; init; }

    /// <summary>Where its operator leaves it less than it declares.</summary>
    public ImmutableArray<Narrowing> Narrowings { get; private init; } = [];

    /// <summary>The same module with what its operator leaves it; what is about other modules is passed over.</summary>
    public ModuleImage Narrowed(ImmutableArray<Narrowing> narrowings)
    {
        ImmutableArray<Narrowing> own = [.. narrowings.Where(one => one.Module == Manifest.Name)];
        return own.IsEmpty
            ? this
            : this with
            {
                Narrowings = own,
                Manifest = Manifest with { Spawns = [.. Manifest.Spawns.Select(one => Narrowed(one, own))] },
            };
    }

    private static SpawnSpec Narrowed(SpawnSpec spawn, ImmutableArray<Narrowing> narrowings)
    {
        var row = narrowings.FirstOrDefault(one => one.Kind == NarrowingKind.Spawn && one.Name == spawn.Agent);
        int most = row?.Only is [var text] && int.TryParse(
            text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;
        return row is null || spawn.AliveMax <= most ? spawn : spawn with { AliveMax = most };
    }
}
