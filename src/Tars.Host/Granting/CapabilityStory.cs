using System.Collections.Immutable;
using Tars.Kernel.Ports;

namespace Tars.Host.Granting;

/// <summary>What became of capabilities in a recorded run, act by act, in the order in which its shards are replayed:
/// what one shard does because another has sent it something comes behind that.</summary>
/// <remarks>Invariant: what follows itself without anything between is one act with a count.</remarks>
internal sealed class CapabilityStory(UseTally tally)
{
    private readonly List<AuditedAct> _acts = [];
    private readonly List<AuditedAct> _ofEvent = [];
    private readonly Dictionary<string, string> _rights = [];

    public ImmutableArray<AuditedAct> Acts => [.. _acts];

    /// <summary>Acts behind those that are told.</summary>
    public long LeftOut { get; private set; }

    /// <summary>A process lives on the shard whose event it is.</summary>
    /// <param name="isNew">False for one that has come from another shard.</param>
    public void Started(ProcessId process, bool isNew) =>
        _ofEvent.Add(Of(isNew ? CapabilityActKind.Begins : CapabilityActKind.Moves, process));

    /// <summary>Agents may have other rights from now on.</summary>
    public void Swapped() => _rights.Clear();

    public void Operated(OperatorAct act)
    {
        if (act.Act is OperatorActs.Grant or OperatorActs.Revoke)
        {
            var kind = act.Act == OperatorActs.Grant ? CapabilityActKind.Granted : CapabilityActKind.Revoked;
            _ofEvent.Add(Of(kind, ProcessId.Outside) with { Target = act.Target, Detail = act.Refusal });
        }
    }

    public void Refused(Audit entry) => _ofEvent.Add(Of(CapabilityActKind.Refused, entry.Process) with
    {
        Target = $"{entry.Effect} {entry.Target}".TrimEnd(), Detail = entry.Reason, Count = entry.Count,
    });

    public void Heard(CapabilityAct act, SystemImage system)
    {
        var device = act.Device is { } known ? system.Devices[known.Value] : null;
        _ofEvent.Add(Of(act.Kind, act.Process) with
        {
            Capability = act.Capability,
            Above = act.Above,
            Target = device is null ? "" : $"device {device.Name} of {device.Module}",
            To = act.Kind == CapabilityActKind.Lent ? act.Shard : null,
            Ended = act.Kind == CapabilityActKind.Ended ? act.Count : 0,
            Detail = act.Detail,
        });
    }

    /// <summary>The event is over: what was heard in it happened there.</summary>
    public void Over(int? shard, long number, Kernel.Kernel kernel)
    {
        if (_ofEvent.Exists(one => one.Kind == CapabilityActKind.Begins && !_rights.ContainsKey(one.Agent)))
        {
            foreach (var rights in kernel.Rights().Where(one => one.Narrowed is null).GroupBy(one => one.Process))
            {
                _rights.TryAdd(tally.NameOf(rights.Key, ""), string.Join(", ", rights.Select(one => one.Right)));
            }
        }

        foreach (var act in _ofEvent)
        {
            Add(act.Kind == CapabilityActKind.Begins
                ? act with { Shard = shard, Event = number, Target = _rights.GetValueOrDefault(act.Agent, "") }
                : act with { Shard = shard, Event = number });
        }

        _ofEvent.Clear();
    }

    private void Add(AuditedAct act)
    {
        if (_acts is [.., var last] && last with { Event = act.Event, Count = act.Count } == act)
        {
            _acts[^1] = last with { Count = last.Count + act.Count };
        }
        else if (_acts.Count < Limits.AuditedActsMax)
        {
            _acts.Add(act);
        }
        else
        {
            LeftOut++;
        }
    }

    private AuditedAct Of(CapabilityActKind kind, ProcessId process) =>
        new(kind, process.Value, process == ProcessId.Outside ? "" : tally.NameOf(process, "a process"));
}

/// <summary>One thing that became of a capability in a recorded run.</summary>
/// <param name="Process">Whose act it is; zero for the outside, or nobody.</param>
/// <param name="Agent">Its agent, with its module where that has another name; empty for nobody.</param>
public sealed record AuditedAct(CapabilityActKind Kind, long Process, string Agent)
{
    /// <summary>The shard where it was; null for the only kernel.</summary>
    public int? Shard { get; init; }

    /// <summary>Number of the shard's event, from one; of several acts that are told as one the first.</summary>
    public long Event { get; init; }

    /// <summary>The number of what was narrowed; zero for what was not.</summary>
    public long Capability { get; init; }

    /// <summary>The number of what it was narrowed from; zero for the grant itself.</summary>
    public long Above { get; init; }

    /// <summary>What it is a right to: a device, what a process begins with, what an operator named. Empty for what
    /// ended before its process came there, or before the recording begins.</summary>
    public string Target { get; init; } = "";

    /// <summary>The shard that was told of it; null where none was.</summary>
    public int? To { get; init; }

    /// <summary>What it was narrowed to, or why it was refused or has ended.</summary>
    public string Detail { get; init; } = "";

    /// <summary>How many capabilities have ended by it; zero where none has.</summary>
    public int Ended { get; init; }

    /// <summary>How often it was so, one behind the other.</summary>
    public long Count { get; init; } = 1;
}
