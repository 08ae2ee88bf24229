using System.Collections.Immutable;
using System.Text;
using Tars.Bundle.Interfaces;
using Tars.Bundle.Schema;
using Tars.Kernel.Ipc;
using Tars.Kernel.Linking;

namespace Tars.Kernel.Ports;

/// <summary>
/// Modules joined to one system: their channels agree, their operations are linked. Only the linker makes one.
/// </summary>
public sealed class SystemImage
{
    internal SystemImage(
        ImmutableArray<ModuleImage> modules,
        ImmutableArray<DeviceImage> devices,
        ImmutableArray<AgentImage> agents,
        ImmutableArray<ChannelImage> channels,
        ImmutableArray<StandIn> standIns)
    {
        Modules = modules;
        Devices = devices;
        Agents = agents;
        Channels = channels;
        StandIns = standIns;
    }

    public ImmutableArray<ModuleImage> Modules { get; }

    public ImmutableArray<DeviceImage> Devices { get; }

    /// <summary>Which device has which number, where swaps have left other numbers than a start would give; empty
    /// where they are the same.</summary>
    public ImmutableArray<NumberedDevice> Numbered => HasOwnNumbers ? [] : [.. Devices.Select(NumberedOf)];

    /// <summary>The devices in whose place a module stands; nobody else is asked for them.</summary>
    public ImmutableArray<StandIn> StandIns { get; }

    /// <summary>All agents, module by module.</summary>
    internal ImmutableArray<AgentImage> Agents { get; }

    /// <summary>All patterns that some module subscribes to or publishes.</summary>
    internal ImmutableArray<ChannelImage> Channels { get; }

    /// <summary>Joins modules. Equal modules give an equal system.</summary>
    public static LinkResult Link(ImmutableArray<ModuleImage> modules) => Link(modules, standIns: []);

    /// <summary>The same, with modules in the place of devices.</summary>
    public static LinkResult Link(ImmutableArray<ModuleImage> modules, ImmutableArray<StandIn> standIns) =>
        new SystemLinker(modules, before: [], standIns).Link();

    /// <summary>The same, where devices have numbers from before: see <see cref="Numbered"/>.</summary>
    public static LinkResult Link(
        ImmutableArray<ModuleImage> modules,
        ImmutableArray<StandIn> standIns,
        ImmutableArray<NumberedDevice> numbered)
    {
        var before = ImmutableArray.CreateBuilder<DeviceImage>();
        foreach (var one in numbered)
        {
            var value = SchemaParser.TryParse(one.Value, out var type) ? type : null;
            if (InterfaceKinds.Find(one.Kind, value) is not { } kind || one.Value.Length != 0 != value is not null
                || one.Name.Length == 0)
            {
                return new LinkResult.Refused([$"device {before.Count} of those that were there is none"]);
            }

            before.Add(new DeviceImage(new DeviceId(before.Count), one.Module, one.Name, kind, IsHeard: false)
            {
                Value = value,
            });
        }

        return new SystemLinker(modules, before.ToImmutable(), standIns).Link();
    }

    /// <summary>Joins modules to a system that takes the place of another; devices keep their ids.</summary>
    internal static LinkResult Link(ImmutableArray<ModuleImage> modules, SystemImage before) =>
        new SystemLinker(modules, before.Devices, before.StandIns).Link();

    /// <summary>The type of a channel, or null when no pattern of the system matches it.</summary>
    public SchemaType? TypeOf(string channel)
    {
        var segments = channel.Split('/');
        foreach (var one in Channels)
        {
            if (one.Pattern.Matches(segments))
            {
                return one.Type;
            }
        }

        return null;
    }

    /// <summary>Whether this names one channel; a pattern does not.</summary>
    public static bool IsChannel(string name) => Router.IsChannel(Encoding.UTF8.GetBytes(name));

    /// <summary>True when some agent handles messages of the channel.</summary>
    public bool IsSubscribed(string channel)
    {
        var segments = channel.Split('/');
        return Agents.Any(agent => agent.Messages.Any(message => message.Pattern.Matches(segments)));
    }

    // A start gives numbers in the order of declaration.
    private bool HasOwnNumbers => Devices.Select(one => (one.Module, one.Name)).SequenceEqual(
        from module in Modules
        from device in module.Manifest.Devices
        select (module.Manifest.Name, device.Name));

    private static NumberedDevice NumberedOf(DeviceImage device) => new(
        device.Module,
        device.KnownAs,
        device.Kind.Name,
        device.Value is { } value ? SchemaText.Of(value) : "");
}
