using System.Collections.Immutable;
using Tars.Kernel.Ports;
using Tars.Packages.Grants;

namespace Tars.Host.Granting;

/// <summary>Which declared capabilities a run used, and what was refused, over all its shards.</summary>
internal sealed class UseTally
{
    private readonly Dictionary<ProcessId, string> _names = [];
    private readonly Queue<ProcessId> _ended = new();
    private readonly Dictionary<(string Module, DemandKind Kind, string Name, int? Shard), long> _uses = [];
    private readonly Dictionary<(int? Shard, string Agent, string Effect, string Target, string Reason), long>
        _refusals = [];

    /// <summary>In the order of their first time.</summary>
    public ImmutableArray<RefusalCount> Refusals =>
    [
        .. _refusals.Select(one => new RefusalCount(
            one.Key.Agent, one.Key.Effect, one.Key.Target, one.Key.Reason, one.Value) { Shard = one.Key.Shard }),
    ];

    /// <summary>How often each shard has used a capability; of the only kernel one row, of several those that did.
    /// </summary>
    public IEnumerable<(int? Shard, long Uses)> UsesOf(Demand demand) =>
        from one in _uses
        where one.Key.Module == demand.Module && one.Key.Kind == demand.Kind && one.Key.Name == demand.Name
        orderby one.Key.Shard
        select (one.Key.Shard, one.Value);

    public void Use(int? shard, string module, DemandKind kind, string name, long more) =>
        _uses[(module, kind, name, shard)] = _uses.GetValueOrDefault((module, kind, name, shard)) + more;

    public void Refuse(int? shard, Audit entry)
    {
        var key = (shard, NameOf(entry.Process, "outside"), entry.Effect, entry.Target, entry.Reason);
        if (_refusals.ContainsKey(key) || _refusals.Count < Limits.RefusalsToldMax)
        {
            _refusals[key] = _refusals.GetValueOrDefault(key) + entry.Count;
        }
    }

    /// <summary>A process lives on some shard.</summary>
    /// <returns>False for one that lived on another before.</returns>
    public bool Started(ProcessId process, string name) => _names.TryAdd(process, name);

    /// <summary>Its name is known for a while yet: other shards may speak of it.</summary>
    public void Ended(ProcessId process)
    {
        _ended.Enqueue(process);
        if (Limits.AuditedEndedMax < _ended.Count)
        {
            _names.Remove(_ended.Dequeue());
        }
    }

    /// <summary>The agent of a process, and its module where that has another name.</summary>
    public string NameOf(ProcessId process, string unknown) => _names.GetValueOrDefault(process, unknown);
}
