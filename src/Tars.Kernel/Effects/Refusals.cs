using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Kernel.Ipc;
using Tars.Kernel.Processes;

namespace Tars.Kernel.Effects;

/// <summary>
/// Collects what was refused to the events of a batch, and tells the process: one event for each and reason.
/// </summary>
internal sealed class Refusals(KernelState state)
{
    private readonly List<Entry> _entries = [];
    private readonly ByteWriter _payload = new();

    public void Add(int index, HostCall call, string target, string reason)
    {
        for (int at = 0; at < _entries.Count; at++)
        {
            var entry = _entries[at];
            if (entry.Event == index && entry.Call == call && entry.Target == target && entry.Reason == reason)
            {
                _entries[at] = entry with { Count = entry.Count + 1 };
                return;
            }
        }

        if (_entries.Count < Limits.RefusalsPerBatchMax)
        {
            _entries.Add(new Entry(index, call, target, reason, 1));
        }
    }

    /// <summary>Audits all, and sends them to the process unless its own `refused` handler caused them.</summary>
    public void Tell(Process process)
    {
        if (_entries.Count == 0)
        {
            return;
        }

        bool told = 0 <= process.Agent.Refused && process.Batch.Handler != process.Agent.Refused;
        foreach (var entry in _entries)
        {
            var name = HostCalls.Find((int)entry.Call)?.Name ?? "";
            state.Audit(process.Id, name, entry.Target, entry.Reason, entry.Count);
            if (told && process.HasRoom)
            {
                Send(process, name, entry);
            }
        }

        _entries.Clear();
        state.Wake(process);
    }

    /// <summary>The same of what was refused when its event was over.</summary>
    public void TellLate(Process process, HostCall call, string target, string reason)
    {
        string name = HostCalls.Find((int)call)?.Name ?? "";
        state.Audit(process.Id, name, target, reason);
        if (0 <= process.Agent.Refused && process.HasRoom && !process.IsEnded)
        {
            Send(process, name, new Entry(0, call, target, reason, 1));
            state.Wake(process);
        }
    }

    private void Send(Process process, string name, Entry entry)
    {
        _payload.Clear();
        _payload.Text(name);
        _payload.Text(entry.Target);
        _payload.Text(entry.Reason);
        var mail = new Mail
        {
            Kind = MailKind.Message,
            Handler = process.Agent.Refused,
            Turns = entry.Count,
            Instant = state.Now.Instant,
            Arrived = state.Now.Monotonic,
        };
        process.Mail.Push(mail, _payload.Written);
    }

    private sealed record Entry(int Event, HostCall Call, string Target, string Reason, int Count);
}
