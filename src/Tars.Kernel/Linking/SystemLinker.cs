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
    private readonly ChannelIndex _index = new();
    private readonly List<ChannelImage> _contradictions = [];
    private readonly Dictionary<(string Module, string Name), int> _agentPlaces = [];
    private readonly Dictionary<(string Module, string Name), int> _devicePlaces = [];
    private readonly Dictionary<(string Module, string Pattern), int> _publishPlaces = [];

    private readonly ImmutableArray<DeviceImage> _before;
    private readonly ImmutableArray<StandIn> _standIns;

    /// <param name="before">Devices that have their ids already; what is not declared any more keeps its place.</param>
    public SystemLinker(
        ImmutableArray<ModuleImage> modules,
        ImmutableArray<DeviceImage> before,
        ImmutableArray<StandIn> standIns)
    {
        _standIns = standIns;
        _modules = modules;
        _before = before;
        _devices.AddRange(before.Select(one => one with { Name = "", IsHeard = false, StandIn = null }));
    }

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
                _agentPlaces.TryAdd((manifest.Name, manifest.Agents[agent].Name), _agents.Count);
                _agents.Add(Agent(index, agent));
            }
        }

        if (Limits.DevicesMax < _devices.Count)
        {
            _refusals.Add(
                $"with those that it had before it has {_devices.Count} devices, and {Limits.DevicesMax} is most");
        }

        foreach (var standIn in _standIns)
        {
            Bind(standIn);
        }

        ImmutableArray<ImmutableArray<AgentImage>> known = [.. _modules.Select(Known)];
        foreach (var agent in _agents)
        {
            agent.Known = known[agent.ModuleIndex];
            agent.Slots = [.. agent.Spec.Slots.Select(slot => Slot(agent, slot))];
            agent.Operations = [.. agent.Spec.Operations.Select(operation => Operation(agent, operation))];
        }

        return _refusals.Count == 0
            ? new LinkResult.Linked(new SystemImage(_modules, [.. _devices], [.. _agents], [.. _channels], _standIns))
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
            AddDevice(new DeviceImage(new DeviceId(_devices.Count), manifest.Name, device.Name, kind, heard)
            {
                Value = device.Value,
            });
        }
    }

    private void AddDevice(DeviceImage device)
    {
        int known = _before.ToList().FindIndex(one =>
            one.Module == device.Module && one.KnownAs == device.Name && one.Kind.Name == device.Kind.Name);
        _devicePlaces.TryAdd((device.Module, device.Name), known < 0 ? _devices.Count : known);
        if (known < 0)
        {
            _devices.Add(device);
        }
        else
        {
            _devices[known] = device with { Id = new DeviceId(known) };
        }
    }

    private void AddChannels(BundleManifest manifest)
    {
        int before = manifest.Subscribes.Length;
        foreach (var (number, channel) in manifest.Subscribes.Concat(manifest.Publishes).Index())
        {
            var added = new ChannelImage(manifest.Name, new ChannelPattern(channel.Pattern), channel.Type);
            _contradictions.Clear();
            _index.Add(added, _contradictions, Limits.ContradictionsToldMax);
            foreach (var other in _contradictions)
            {
                _refusals.Add(
                    $"channel `{channel.Pattern}` is {SchemaText.ForPeople(added.Type)} in {manifest.Name} "
                    + $"and `{other.Pattern.Text}` is {SchemaText.ForPeople(other.Type)} in {other.Module}");
            }

            if (before <= number)
            {
                _publishPlaces.TryAdd((manifest.Name, channel.Pattern), _channels.Count);
            }

            _channels.Add(added);
        }
    }

    // What the code of a module names by index when it spawns.
    private ImmutableArray<AgentImage> Known(ModuleImage module, int index)
    {
        var known = ImmutableArray.CreateBuilder<AgentImage>();
        known.AddRange(_agents.Where(agent => agent.ModuleIndex == index));
        foreach (var import in module.Manifest.Imports)
        {
            foreach (var agent in import.Agents)
            {
                if (!_agentPlaces.TryGetValue((import.Module, agent.Name), out int place))
                {
                    _refusals.Add($"{module.Manifest.Name}: `{import.Module}.{agent.Name}` is not there");
                    continue;
                }

                var found = _agents[place];
                if (!found.Given.Fields.AsSpan().SequenceEqual(agent.Given.AsSpan()))
                {
                    _refusals.Add(
                        $"{module.Manifest.Name}: `{import.Module}.{agent.Name}` is born with "
                        + $"{SchemaText.ForPeople(found.Given.Fields)}, not with {SchemaText.ForPeople(agent.Given)}");
                }

                known.Add(found);
            }
        }

        return known.ToImmutable();
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

    // A module in the place of a device: its first agent that has what the kind asks for.
    private void Bind(StandIn standIn)
    {
        if (!_devicePlaces.TryGetValue((standIn.Module, standIn.Device), out int place))
        {
            return; // A version that is swapped in need not have it any more.
        }

        var device = _devices[place];
        foreach (var agent in _agents.Where(one => one.Module.Manifest.Name == standIn.By))
        {
            if (!agent.Module.IsImported && agent.Module.Manifest.Implements == device.Kind.Name
                && agent.Spec.Starts == AgentStart.WithModule && Offer.Of(agent.Spec, device.Kind) is { } offer)
            {
                agent.Offer = offer;
                _devices[place] = device with { StandIn = agent.Place };
                return;
            }
        }

        _refusals.Add($"{device.FullName}: module `{standIn.By}` does not implement `{device.Kind.Name}` "
            + "as it is declared there");
    }

    private SlotImage Slot(AgentImage agent, SlotSpec slot)
    {
        string module = agent.Module.Manifest.Name;
        int index = slot.Kind switch
        {
            SlotKind.Agent => _agentPlaces.GetValueOrDefault((module, slot.Subject), -1),
            SlotKind.Device => _devicePlaces.GetValueOrDefault((module, slot.Subject), -1),
            SlotKind.Channel => _publishPlaces.GetValueOrDefault((module, slot.Subject), -1),
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
            target = PlaceOf(agent, operation.Target);
            number = target < 0 ? -1 : AgentOperation(_agents[target], operation);
        }

        if (number < 0)
        {
            _refusals.Add(
                $"{agent.Module.Manifest.Name}.{agent.Name}: {operation.Target} has no operation `{operation.Name}` "
                + $"with {SchemaText.ForPeople(operation.Arguments)}");
        }

        return new OperationImage(operation, target, number, arguments, SlotPlaces.AnyIn(arguments));
    }

    // An agent of another module has that module's name before its own.
    private int PlaceOf(AgentImage agent, string name)
    {
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        var key = dot < 0 ? (agent.Module.Manifest.Name, name) : (name[..dot], name[(dot + 1)..]);
        return _agentPlaces.GetValueOrDefault(key, -1);
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
