using Tars.Base;
using Tars.Bundle.Interfaces;
using Tars.Bundle.Manifest;
using Tars.Kernel.Caps;
using Tars.Kernel.Linking;
using Tars.Kernel.Ports;
using Tars.Kernel.Processes;

namespace Tars.Kernel.Operating;

/// <summary>Rights that an operator has taken away, of modules and of single processes.</summary>
/// <remarks>
/// Invariants:
///   I1  A device or pattern belongs to the module that declares it. What is denied to the module is refused at each
///       use, whoever holds a capability of it by then, and there again when it is granted again. What was narrowed
///       from it ends for good.
///   I2  A denial is by name and outlives a swap; a process's own ends with the process.
/// </remarks>
internal sealed class Denials(KernelState state)
{
    public const string Refusal = "an operator has revoked it";

    private readonly HashSet<Denial> _denied = [];

    // By number in the system that they were worked out for.
    private SystemImage? _system;
    private bool[] _devices = [];
    private bool[] _channels = [];

    /// <summary>Takes a right away, or gives it back.</summary>
    /// <param name="process">The one that it is about; the outside for all of the module.</param>
    /// <returns>Null, or why nothing has changed.</returns>
    public string? Change(ProcessId process, string module, Right right, bool denies)
    {
        if (process != ProcessId.Outside)
        {
            if (state.Find(process) is not { } target)
            {
                return "there is no such process";
            }

            if (!RightsOf(target.Agent).Any(one => one.Right == right))
            {
                return "its agent has no such right";
            }

            module = target.Agent.Module.Manifest.Name;
        }
        else if (WhyUnknown(module, right) is { } why)
        {
            return why;
        }

        var row = new Denial(process, module, right);
        bool changed = denies ? _denied.Add(row) : _denied.Remove(row);
        _system = null;
        if (denies && right.Kind == RightKind.Device)
        {
            state.Derivations.RevokeWhere(node =>
                state.System.Devices[node.Device.Value] is var device
                && device.Module == module && device.Name == right.Name
                && (process == ProcessId.Outside || process == node.By), Refusal); // I1
        }

        return changed ? null : denies ? "it is revoked already" : "it is not revoked";
    }

    /// <summary>Whether a process may not use a capability that it holds.</summary>
    public bool Holds(Process process, Capability? capability)
    {
        if (_denied.Count == 0)
        {
            return false;
        }

        WorkOut();
        return capability switch
        {
            Capability.OfDevice { Target.Value: var device } =>
                _devices[device] || IsOwn(process, new SlotImage(SlotKind.Device, device)),
            Capability.OfDerived { Node.Device.Value: var device } =>
                _devices[device] || IsOwn(process, new SlotImage(SlotKind.Device, device)),
            Capability.OfChannel { Channel: var channel } =>
                _channels[channel] || IsOwn(process, new SlotImage(SlotKind.Channel, channel)),
            _ => false,
        };
    }

    /// <summary>Whether a process may not use what a static slot stands for.</summary>
    public bool Holds(Process process, SlotImage slot) => slot.Kind switch
    {
        SlotKind.Device => Holds(process, new Capability.OfDevice(new DeviceId(slot.Index))),
        SlotKind.Channel => Holds(process, new Capability.OfChannel(slot.Index)),
        SlotKind.Agent => false,
    };

    /// <summary>What the processes of an agent have from birth: what its code names, what devices it hears.</summary>
    public IEnumerable<(Right Right, SlotImage Slot)> RightsOf(AgentImage agent)
    {
        foreach (var slot in agent.Slots.Where(one => one.Kind != SlotKind.Agent && MayUse(agent, one)))
        {
            yield return (RightOf(slot), slot);
        }

        foreach (var device in state.System.Devices.Where(one => one.Module == agent.Module.Manifest.Name))
        {
            var slot = new SlotImage(SlotKind.Device, device.Id.Value);
            if (!agent.Slots.Contains(slot) && MayUse(agent, slot)
                && agent.Handlers.Any(one => Hears(one.Spec, device)))
            {
                yield return (RightOf(slot), slot);
            }
        }
    }

    // What the operator withholds nobody has.
    private bool MayUse(AgentImage agent, SlotImage slot) => slot.Kind != SlotKind.Device
        || agent.Narrowing?.MayUse(state.System.Devices[slot.Index].Name) != false;

    /// <summary>All that the living processes have from birth, and behind it what they hold of what was narrowed, in
    /// order.</summary>
    public IEnumerable<HeldRight> Held() => state.Processes.Values.SelectMany(process =>
        RightsOf(process.Agent).Select(one => new HeldRight(
            process.Id,
            process.Agent.Module.Manifest.Name,
            process.Agent.Name,
            one.Right,
            one.Slot.Kind == SlotKind.Device ? state.System.Devices[one.Slot.Index].Kind.Name : "",
            Holds(process, one.Slot)))
        .Concat(NarrowedOf(process)));

    private IEnumerable<HeldRight> NarrowedOf(Process process)
    {
        Derivation[] all = [.. process.Caps.Derived];
        int shown = Math.Min(all.Length, Limits.NarrowedShownMax);
        return all.Take(shown).Select((one, at) =>
            OfNarrowed(process, one, hidden: at + 1 == shown ? all.Length - shown : 0));
    }

    private HeldRight OfNarrowed(Process process, Derivation node, int hidden)
    {
        var device = state.System.Devices[node.Device.Value];
        int? shard = state.Shards?.ShardOf(node.By);
        var uses = Array.Find(node.Bounds, one => one.Rule == RestrictionRule.Uses);
        bool isCounted = node.Bounds.Contains(uses) && (shard is null || shard == state.Shards!.Own);
        return new HeldRight(
            process.Id,
            process.Agent.Module.Manifest.Name,
            process.Agent.Name,
            new Right(RightKind.Device, device.Name),
            device.Kind.Name,
            Holds(process, new Capability.OfDerived(node)))
        {
            Narrowed = new NarrowedRight(
                node.Id,
                node.Parent?.Id ?? 0,
                device.Module,
                node.By,
                Restraint.TextOf(node.Kind, node.Bounds),
                isCounted ? uses.Left : null,
                shard)
            {
                Hidden = hidden,
            },
        };
    }

    public void Forget(ProcessId ended)
    {
        if (0 < _denied.Count)
        {
            _denied.RemoveWhere(one => one.Process == ended); // I2
        }
    }

    /// <param name="some">Those of which processes are written; null for all, and for those of whole modules.</param>
    public void Save(ByteWriter output, IReadOnlySet<ProcessId>? some = null)
    {
        Denial[] written = [.. _denied.Where(one => some?.Contains(one.Process) != false)];
        output.U32((uint)written.Length);
        foreach (var (process, module, right) in written.OrderBy(one => one.Process)
            .ThenBy(one => one.Module, StringComparer.Ordinal).ThenBy(one => one.Right.Kind)
            .ThenBy(one => one.Right.Name, StringComparer.Ordinal))
        {
            output.I64(process.Value);
            output.Text(module);
            output.U8((byte)right.Kind);
            output.Text(right.Name);
        }
    }

    public bool Load(ref ByteReader input)
    {
        if (Read(ref input) is not { } read)
        {
            return false;
        }

        Take(read);
        return _denied.Count == read.Count;
    }

    /// <summary>What was written; null when it is not whole.</summary>
    public static List<Denial>? Read(ref ByteReader input)
    {
        var read = new List<Denial>();
        for (uint left = input.U32(); 0 < left && !input.Failed; left--)
        {
            var (process, module) = (new ProcessId(input.I64()), input.Text());
            var right = new Right((RightKind)input.U8(), input.Text());
            if (!Enum.IsDefined(right.Kind))
            {
                return null;
            }

            read.Add(new Denial(process, module, right));
        }

        return input.Failed ? null : read;
    }

    /// <summary>Processes come from another shard with these.</summary>
    public void Take(List<Denial> came)
    {
        _denied.UnionWith(came);
        _system = null;
    }

    private Right RightOf(SlotImage slot) => slot.Kind == SlotKind.Device
        ? new Right(RightKind.Device, state.System.Devices[slot.Index].Name)
        : new Right(RightKind.Publish, state.System.Channels[slot.Index].Pattern.Text);

    private static bool Hears(HandlerSpec handler, DeviceImage device) =>
        handler.Kind == HandlerKind.Device && handler.Subject == device.Name;

    // A device's name and a pattern are those of the module that declares them. I1
    private bool IsOwn(Process process, SlotImage slot)
    {
        string module = slot.Kind == SlotKind.Device
            ? state.System.Devices[slot.Index].Module
            : state.System.Channels[slot.Index].Module;
        return _denied.Contains(new Denial(process.Id, module, RightOf(slot)));
    }

    private string? WhyUnknown(string module, Right right)
    {
        int index = state.ModuleOf(module);
        if (index < 0)
        {
            return "no module of that name runs";
        }

        var manifest = state.System.Modules[index].Manifest;
        bool isDeclared = right.Kind switch
        {
            RightKind.Device => manifest.Devices.Any(one => one.Name == right.Name),
            RightKind.Publish => manifest.Publishes.Any(one => one.Pattern == right.Name),
        };
        return isDeclared ? null : "the module has no such right";
    }

    private void WorkOut()
    {
        if (_system == state.System)
        {
            return;
        }

        _system = state.System;
        _devices = [.. _system.Devices.Select(one => IsDenied(one.Module, RightKind.Device, one.Name))];
        _channels = [.. _system.Channels.Select(one => IsDenied(one.Module, RightKind.Publish, one.Pattern.Text))];
    }

    private bool IsDenied(string module, RightKind kind, string name) =>
        _denied.Contains(new Denial(ProcessId.Outside, module, new Right(kind, name)));
}

/// <summary>A right that is taken away.</summary>
/// <param name="Process">The one that it is about; the outside for all of the module.</param>
internal readonly record struct Denial(ProcessId Process, string Module, Right Right);
