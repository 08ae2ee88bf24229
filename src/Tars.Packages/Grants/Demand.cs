using System.Collections.Immutable;
using System.Globalization;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;

namespace Tars.Packages.Grants;

/// <summary>One capability that a module declares, and so asks its operator for.</summary>
/// <param name="Name">The pattern, agent, device or path prefix.</param>
/// <param name="Detail">The type, the number, or the device's kind.</param>
/// <param name="Wanted">What of it: the origins that it declares; else empty.</param>
public sealed record Demand(
    string Module, DemandKind Kind, string Name, string Detail, ImmutableArray<string> Wanted)
{
    /// <summary>In few words: `device kept (store)`.</summary>
    public override string ToString() => Detail.Length == 0 ? $"{Word} {Name}" : $"{Word} {Name} ({Detail})";

    /// <summary>As the key of a policy names it.</summary>
    public string Word => Kind switch
    {
        DemandKind.Subscribe => "subscribe",
        DemandKind.Publish => "publish",
        DemandKind.Spawn => "spawn",
        DemandKind.Device => "device",
        DemandKind.Serve => "serve",
    };

    /// <summary>All that a module asks for, in the order of its manifest.</summary>
    public static IEnumerable<Demand> Of(BundleManifest manifest) =>
    [
        .. manifest.Devices.Select(one =>
            new Demand(manifest.Name, DemandKind.Device, one.Name, one.Kind, [.. OriginsOf(one)])),
        .. manifest.Subscribes.Select(one => OfChannel(manifest, DemandKind.Subscribe, one)),
        .. manifest.Publishes.Select(one => OfChannel(manifest, DemandKind.Publish, one)),
        .. manifest.Spawns.Select(one => new Demand(
            manifest.Name, DemandKind.Spawn, one.Agent, one.AliveMax.ToString(CultureInfo.InvariantCulture), [])),
        .. manifest.Serves.Select(one => new Demand(manifest.Name, DemandKind.Serve, one, "", [])),
    ];

    private static Demand OfChannel(BundleManifest manifest, DemandKind kind, ChannelSpec channel) =>
        new(manifest.Name, kind, channel.Pattern, SchemaText.ForPeople(channel.Type), []);

    private static IEnumerable<string> OriginsOf(DeviceSpec device) => device.Options
        .Where(option => option.Key == "hosts")
        .SelectMany(option => option.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}

/// <summary>What a <see cref="Demand"/> is about.</summary>
public enum DemandKind
{
    Device,
    Subscribe,
    Publish,
    Spawn,
    Serve,
}
