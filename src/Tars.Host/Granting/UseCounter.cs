using System.Collections.Immutable;
using System.Text;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;
using Tars.Kernel.Ports;
using Tars.Packages.Grants;

namespace Tars.Host.Granting;

/// <summary>An outside that counts which declared capabilities a run used, and what was refused.</summary>
internal sealed class UseCounter(SystemImage system) : IOutside
{
    private readonly Dictionary<ProcessId, (BundleManifest Module, AgentSpec Agent)> _processes = [];
    private readonly Dictionary<(string Module, DemandKind Kind, string Name), long> _uses = [];
    private readonly Dictionary<(string Agent, string Effect, string Target, string Reason), long> _refusals = [];

    public SystemImage System { get; private set; } = system;

    /// <summary>In the order of their first time.</summary>
    public ImmutableArray<RefusalCount> Refusals =>
    [
        .. _refusals.Select(one => new RefusalCount(
            one.Key.Agent, one.Key.Effect, one.Key.Target, one.Key.Reason, one.Value)),
    ];

    public long CountOf(Demand demand) => _uses.GetValueOrDefault((demand.Module, demand.Kind, demand.Name));

    public void Started(ProcessId process, string module, string agent)
    {
        var manifest = System.Modules.First(one => one.Manifest.Name == module).Manifest;
        var spec = manifest.Agents.First(one => one.Name == agent);
        _processes[process] = (manifest, spec);
        if (spec.Starts == AgentStart.WithModule && !System.Modules.First(one => one.Manifest == manifest).IsImported)
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

    public void Ended(ProcessId process, EndReason reason, string detail) => _processes.Remove(process);

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
        string agent = _processes.TryGetValue(entry.Process, out var process)
            ? process.Module.Name == process.Agent.Name ? process.Agent.Name
                : $"{process.Module.Name}.{process.Agent.Name}"
            : "outside";
        var key = (agent, entry.Effect, entry.Target, entry.Reason);
        if (_refusals.ContainsKey(key) || _refusals.Count < Limits.RefusalsToldMax)
        {
            _refusals[key] = _refusals.GetValueOrDefault(key) + entry.Count;
        }
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
        if (!report.IsDone)
        {
            return;
        }

        System = report.System;
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
        _uses[(module, kind, name)] = _uses.GetValueOrDefault((module, kind, name)) + more;

    private BundleManifest? ModuleOf(ProcessId process) =>
        _processes.TryGetValue(process, out var known) ? known.Module : null;
}
