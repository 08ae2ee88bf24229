using System.Collections.Immutable;
using Tars.Bundle.Beliefs;
using Tars.Bundle.Interfaces;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Linking;

/// <summary>Joins modules to a system: channels by name and type, operations by name and structure.</summary>
/// <remarks>
/// Manifests come through the reader of bundles, so what they say of themselves holds; what they say of each other is
/// checked here.
/// </remarks>
internal sealed class SystemLinker
{
    private readonly ImmutableArray<ModuleImage> _modules;
    private readonly List<string> _refusals = [];
    private readonly List<DeviceImage> _devices = [];
    private readonly List<AgentImage> _agents = [];
    private readonly List<ChannelImage> _channels = [];

    public SystemLinker(ImmutableArray<ModuleImage> modules) => _modules = modules;

    public LinkResult Link()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (int index = 0; index < _modules.Length; index++)
        {
            var manifest = _modules[index].Manifest;
            if (!names.Add(manifest.Name))
            {
                _refusals.Add($"module `{manifest.Name}` stands twice");
            }

            AddDevices(manifest);
            AddChannels(manifest);
            for (int agent = 0; agent < manifest.Agents.Length; agent++)
            {
                _agents.Add(Agent(index, agent));
            }
        }

        foreach (var agent in _agents)
        {
            agent.Slots = [.. agent.Spec.Slots.Select(slot => Slot(agent, slot))];
            agent.Operations = [.. agent.Spec.Operations.Select(operation => Operation(agent, operation))];
        }

        return _refusals.Count == 0
            ? new LinkResult.Linked(new SystemImage(_modules, [.. _devices], [.. _agents], [.. _channels]))
            : new LinkResult.Refused([.. _refusals]);
    }

    private void AddDevices(BundleManifest manifest)
    {
        foreach (var device in manifest.Devices)
        {
            var kind = InterfaceKinds.Find(device.Kind, device.Value);
            if (kind is null)
            {
                _refusals.Add($"{manifest.Name}.{device.Name}: `{device.Kind}` is no kind of device");
                continue;
            }

            bool heard = manifest.Agents.Any(agent => agent.Handlers.Any(handler =>
                handler.Kind == HandlerKind.Device && handler.Subject == device.Name));
            _devices.Add(new DeviceImage(new DeviceId(_devices.Count), manifest.Name, device.Name, kind, heard));
        }
    }

    private void AddChannels(BundleManifest manifest)
    {
        foreach (var channel in manifest.Subscribes.Concat(manifest.Publishes))
        {
            var added = new ChannelImage(manifest.Name, new ChannelPattern(channel.Pattern), channel.Type);
            foreach (var other in _channels)
            {
                if (other.Pattern.Overlaps(added.Pattern) && !other.Type.Equals(added.Type))
                {
                    _refusals.Add(
                        $"channel `{channel.Pattern}` is {SchemaText.Of(added.Type)} in {manifest.Name} "
                        + $"and `{other.Pattern.Text}` is {SchemaText.Of(other.Type)} in {other.Module}");
                }
            }

            _channels.Add(added);
        }
    }

    private AgentImage Agent(int moduleIndex, int agentIndex)
    {
        var module = _modules[moduleIndex];
        var spec = module.Manifest.Agents[agentIndex];
        RefuseAbove(spec, "fuel", spec.Limits.Fuel, Limits.FuelMax);
        RefuseAbove(spec, "memory", spec.Limits.Memory, Limits.MemoryMax);
        int Find(HandlerKind kind) => spec.Handlers.ToList().FindIndex(handler => handler.Kind == kind);
        return new AgentImage(
            _agents.Count,
            moduleIndex,
            agentIndex,
            module,
            spec,
            Find(HandlerKind.Start),
            Find(HandlerKind.Stop),
            Find(HandlerKind.Refused),
            [
                .. spec.Handlers.Index()
                    .Where(one => one.Item.Kind == HandlerKind.Message)
                    .Select(one => new MessageImage(one.Index, new ChannelPattern(one.Item.Subject))),
            ],
            [.. spec.Handlers.Select(Handler)],
            module.Manifest.Beliefs is { } graph ? new BeliefGraph(graph) : null,
            module.Manifest.Beliefs?.Of == spec.Name);
    }

    // What the author asks for is his own word; how much one agent may hold is the host's.
    private void RefuseAbove(AgentSpec agent, string what, long? asked, long most)
    {
        if (most < asked)
        {
            _refusals.Add($"{agent.Name}: limits.{what} is {asked}, and this host gives at most {most}");
        }
    }

    private static HandlerImage Handler(HandlerSpec spec)
    {
        var payload = new SchemaType.Record("", spec.Payload);
        return new HandlerImage(spec, payload, SlotPlaces.AnyIn(payload));
    }

    private SlotImage Slot(AgentImage agent, SlotSpec slot)
    {
        int index = slot.Kind switch
        {
            SlotKind.Agent => _agents.FindIndex(one =>
                one.ModuleIndex == agent.ModuleIndex && one.Name == slot.Subject),
            SlotKind.Device => _devices.FindIndex(one =>
                one.Module == agent.Module.Manifest.Name && one.Name == slot.Subject),
            SlotKind.Channel => _channels.FindIndex(one =>
                one.Module == agent.Module.Manifest.Name && one.Pattern.Text == slot.Subject
                && agent.Module.Manifest.Publishes.Any(publish => publish.Pattern == slot.Subject)),
        };
        if (index < 0)
        {
            _refusals.Add($"{agent.Module.Manifest.Name}.{agent.Name}: `{slot.Subject}` is not there");
        }

        return new SlotImage(slot.Kind, index);
    }

    private OperationImage Operation(AgentImage agent, OperationSpec operation)
    {
        var arguments = new SchemaType.Record("", operation.Arguments);
        int target = -1;
        int number = operation.TargetKind == SlotKind.Device ? DeviceOperation(operation) : -1;
        if (operation.TargetKind == SlotKind.Agent)
        {
            target = _agents.FindIndex(one => one.ModuleIndex == agent.ModuleIndex && one.Name == operation.Target);
            number = target < 0 ? -1 : AgentOperation(_agents[target], operation);
        }

        if (number < 0)
        {
            _refusals.Add(
                $"{agent.Module.Manifest.Name}.{agent.Name}: {operation.Target} has no operation `{operation.Name}` "
                + $"with {SchemaText.Of(operation.Arguments)}");
        }

        return new OperationImage(operation, target, number, arguments, SlotPlaces.AnyIn(arguments));
    }

    private static int AgentOperation(AgentImage target, OperationSpec operation) =>
        target.Spec.Handlers.ToList().FindIndex(handler =>
            handler.Kind == HandlerKind.Ask && handler.Subject == operation.Name
            && handler.Payload.AsSpan().SequenceEqual(operation.Arguments.AsSpan())
            && (!operation.IsAsk || handler.Returns.Equals(operation.Answer)));

    // Which value type the device holds is not known by its kind alone, so structure is compared by the device's row.
    private int DeviceOperation(OperationSpec operation)
    {
        foreach (var device in _devices)
        {
            if (device.Kind.Name != operation.Target)
            {
                continue;
            }

            var rows = operation.IsAsk ? device.Kind.Asks : device.Kind.Tells;
            int number = rows.ToList().FindIndex(row =>
                row.Name == operation.Name && row.Arguments.AsSpan().SequenceEqual(operation.Arguments.AsSpan()));
            if (0 <= number)
            {
                return number;
            }
        }

        return -1;
    }
}
