using Tars.Bundle.Manifest;

namespace Tars.Kernel.Ports;

/// <summary>Who is who among processes, kept from what a kernel tells its outside.</summary>
/// <remarks>
/// Invariant: it holds those that live, and of those that ended the newest; so a system that spawns for ever does not
/// make it grow.
/// </remarks>
public sealed class ProcessBook(SystemImage system)
{
    private readonly Dictionary<ProcessId, Entry> _entries = [];
    private readonly Queue<ProcessId> _ended = new();

    // Who begins with a swap is told of before it: of agents that only the new version has.
    private readonly List<(ProcessId Process, string Module, string Agent)> _newcomers = [];

    /// <summary>The system as it is now: a swap changes it.</summary>
    public SystemImage System { get; private set; } = system;

    public void Started(ProcessId process, string module, string agent)
    {
        if (Has(module, agent))
        {
            _entries[process] = Of(module, agent);
        }
        else
        {
            _newcomers.Add((process, module, agent));
        }
    }

    /// <summary>What was known of it is forgotten when enough others have ended after it.</summary>
    public void Ended(ProcessId process)
    {
        _ended.Enqueue(process);
        if (Limits.EndedKeptMax < _ended.Count)
        {
            _entries.Remove(_ended.Dequeue());
        }
    }

    /// <summary>A swap is done: the module's agents are those of the new version.</summary>
    public void Swapped(SwapReport report)
    {
        System = report.System;
        foreach (var (process, entry) in _entries.ToArray())
        {
            if (entry.Module.Manifest.Name == report.Module && Has(report.Module, entry.Agent.Name))
            {
                _entries[process] = Of(report.Module, entry.Agent.Name);
            }
        }

        foreach (var (process, module, agent) in _newcomers.Where(one => Has(one.Module, one.Agent)))
        {
            _entries[process] = Of(module, agent);
        }

        _newcomers.Clear();
    }

    /// <summary>Null for the outside, and for who ended long ago.</summary>
    public Entry? Find(ProcessId process) => _entries.GetValueOrDefault(process);

    /// <summary>Of a process, as a person reads it.</summary>
    public string NameOf(ProcessId process) =>
        Find(process)?.Name ?? (process == ProcessId.Outside ? "outside" : $"process {process}");

    private bool Has(string module, string agent) => ModuleOf(module).Manifest.Agents.Any(one => one.Name == agent);

    private Entry Of(string module, string agent)
    {
        var image = ModuleOf(module);
        var spec = image.Manifest.Agents.First(one => one.Name == agent);
        return new Entry(image, spec, module == agent ? module : $"{module}.{agent}");
    }

    private ModuleImage ModuleOf(string name) => System.Modules.First(one => one.Manifest.Name == name);

    /// <summary>What a process runs.</summary>
    /// <param name="Name">Module and agent, or one name where they are the same.</param>
    public sealed record Entry(ModuleImage Module, AgentSpec Agent, string Name)
    {
        /// <summary>The handler with a number as it is called in the script; empty for none of its handlers.</summary>
        public string HandlerName(int handler) =>
            (uint)handler < (uint)Agent.Handlers.Length ? HandlerText.Of(Agent.Handlers[handler]) : "";
    }
}
