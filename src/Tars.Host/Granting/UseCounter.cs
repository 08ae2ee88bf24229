using System.Text;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;
using Tars.Kernel.Ports;
using Tars.Packages.Grants;

namespace Tars.Host.Granting;

/// <summary>The outside of one kernel of a run: counts what it used of declared capabilities, and what was refused.
/// </summary>
/// <param name="shard">Which of several it is; null for the only one.</param>
/// <param name="story">Hears what becomes of capabilities; null for nobody.</param>
internal sealed class UseCounter(SystemImage system, int? shard, UseTally tally, CapabilityStory? story) : IOutside
{
    private readonly Dictionary<ProcessId, (BundleManifest Module, AgentSpec Agent)> _processes = [];

    public SystemImage System { get; private set; } = system;

    /// <summary>How many modules were swapped, here or on another shard.</summary>
    public int Swaps { get; private set; }

    public bool HearsCapabilities => story is not null;

    public void Started(ProcessId process, string module, string agent)
    {
        var manifest = System.Modules.First(one => one.Manifest.Name == module).Manifest;
        var spec = manifest.Agents.First(one => one.Name == agent);
        _processes[process] = (manifest, spec);
        bool isNew = tally.Started(process, module == agent ? agent : $"{module}.{agent}");
        story?.Started(process, isNew);
        bool isSpawned = spec.Starts != AgentStart.WithModule
            || System.Modules.First(one => one.Manifest == manifest).IsImported;
        if (!isNew || !isSpawned)
        {
            return;
        }

        // Who spawned it is not told: it counts for whoever declares it.
        foreach (var parent in System.Modules.Select(one => one.Manifest))
        {
            string name = parent.Name == module ? agent : $"{module}.{agent}";
            if (parent.Spawns.Any(one => one.Agent == name))
            {
                Count(parent.Name, DemandKind.Spawn, name, 1);
            }
        }
    }

    public void Ended(ProcessId process, EndReason reason, string detail)
    {
        _processes.Remove(process);
        tally.Ended(process);
    }

    public void Departed(ProcessId process) => _processes.Remove(process);

    public void Capability(CapabilityAct act) => story?.Heard(act, System);

    public void Operated(OperatorAct act) => story?.Operated(act);

    public void Published(
        ProcessId from, ReadOnlySpan<byte> channel, SchemaType type, ReadOnlySpan<byte> value, bool taken)
    {
        string name = Encoding.UTF8.GetString(channel);
        foreach (var pattern in ModuleOf(from)?.Publishes ?? [])
        {
            if (ChannelPatterns.Common(pattern.Pattern, name) == name)
            {
                Count(ModuleOf(from)!.Name, DemandKind.Publish, pattern.Pattern, 1); // It has patterns.
            }
        }
    }

    public void Told(ProcessId from, DeviceId device, int operation, ReadOnlySpan<byte> arguments) => Count(device);

    public void Asked(ProcessId from, DeviceId device, long ask, DeviceAsk asked) =>
        Count(device);

    public void Answered(long number, bool failed, SchemaType type, ReadOnlySpan<byte> answer)
    {
        // The outside's own asks are no use of a capability.
    }

    public void Measured(ProcessId from, int metric, double value)
    {
        // Metrics need no capability; neither does the log.
    }

    public void Logged(ProcessId from, ReadOnlySpan<byte> entry)
    {
        // As above.
    }

    public void Audited(Audit entry)
    {
        tally.Refuse(shard, entry);
        story?.Refused(entry);
    }

    public void Trapped(DeadLetter letter)
    {
        // Its effects never left.
    }

    public void InputTaken(LineBatch batch)
    {
        // Counted when a handler has committed it.
    }

    public void Committed(ProcessId process, int handler, int count, long arrived)
    {
        if (!_processes.TryGetValue(process, out var known) || (uint)handler >= (uint)known.Agent.Handlers.Length)
        {
            return;
        }

        var (manifest, agent) = known;
        var only = agent with { Handlers = [agent.Handlers[handler]], Slots = [], Operations = [] };
        foreach (var demand in Demand.Of(manifest).Where(one => one.Kind != DemandKind.Spawn))
        {
            if (Routes.UsesOf(only, demand).Any())
            {
                Count(manifest.Name, demand.Kind, demand.Name, count);
            }
        }
    }

    public void Swapped(SwapReport report)
    {
        if (report.IsDone)
        {
            Know(report);
        }
    }

    public void SwappedElsewhere(SwapReport report) => Know(report);

    private void Know(SwapReport report)
    {
        System = report.System;
        Swaps++;
        story?.Swapped();
        var now = report.System.Modules.First(one => one.Manifest.Name == report.Module).Manifest;
        foreach (var (process, (module, agent)) in _processes.ToArray())
        {
            if (module.Name == now.Name && now.Agents.FirstOrDefault(one => one.Name == agent.Name) is { } next)
            {
                _processes[process] = (now, next);
            }
        }
    }

    private void Count(DeviceId device)
    {
        var image = System.Devices[device.Value];
        Count(image.Module, DemandKind.Device, image.Name, 1);
    }

    private void Count(string module, DemandKind kind, string name, long more) =>
        tally.Use(shard, module, kind, name, more);

    private BundleManifest? ModuleOf(ProcessId process) =>
        _processes.TryGetValue(process, out var known) ? known.Module : null;
}
