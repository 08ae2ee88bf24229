using Tars.Base;
using Tars.Kernel.Ports;
using Tars.Kernel.Processes;

namespace Tars.Kernel.Ipc;

/// <summary>The way of messages on channels to their receivers: straight, or with the faults of a simulation.</summary>
/// <remarks>
/// Invariants:
///   I1  Without faults nothing is held and nothing is drawn.
///   I2  From one sender to one receiver a message overtakes only those that were drawn to be overtaken.
/// </remarks>
internal sealed class FaultyLink(KernelState state)
{
    private readonly PriorityQueue<Held, (long Due, long Serial)> _held = new();
    private readonly Dictionary<(ProcessId, ProcessId), long> _lastDue = [];
    private MessageFaults? _faults;
    private Xoshiro256 _random = new(0);
    private long _serial;

    public MessageFaults? Faults
    {
        get => _faults;
        set
        {
            _faults = value;
            _random = new Xoshiro256(value?.Seed ?? 0);
        }
    }

    /// <summary>When the next message arrives; null when none is on its way.</summary>
    public long? NextDue => _held.TryPeek(out _, out var next) && !state.IsStopping ? next.Due : null;

    /// <summary>Sends a message on. A refusal is known only where it is delivered at once.</summary>
    /// <returns>Null, or why it was refused.</returns>
    public string? Send(Process? sender, Process target, Mail mail, ReadOnlySpan<byte> payload)
    {
        if (_faults is not { } faults)
        {
            return state.Delivery.Send(sender, target, mail, payload); // I1
        }

        if (Chance(faults.Drop))
        {
            var from = sender?.Id ?? ProcessId.Outside;
            state.Audit(from, "message", target.Agent.Name, "a fault: it is lost");
            ClosedCapabilities.Audit(state, target.Agent, mail.Handler, from, payload);
            return null;
        }

        string? refused = Pass(sender, target, mail, payload, faults);
        if (Chance(faults.Duplicate))
        {
            state.Audit(sender?.Id ?? ProcessId.Outside, "message", target.Agent.Name, "a fault: it comes twice");
            string? again = Pass(sender, target, mail, payload, faults);
            refused ??= again;
        }

        return refused;
    }

    /// <summary>Messages that have not arrived yet.</summary>
    public IEnumerable<(Process Target, Mail Mail)> OnTheWay =>
        _held.UnorderedItems.Select(one => (one.Element.Target, one.Element.Mail));

    /// <summary>A module is swapped: messages that are on their way become what its new version reads.</summary>
    public void Convert(Func<Process, Mail, byte[], (Mail Mail, byte[] Payload)> how)
    {
        if (_held.Count == 0)
        {
            return;
        }

        var held = _held.UnorderedItems.ToArray();
        _held.Clear();
        foreach (var (one, due) in held)
        {
            var (mail, payload) = how(one.Target, one.Mail, one.Payload);
            _held.Enqueue(one with { Mail = mail, Payload = payload }, due);
        }
    }

    /// <summary>What is due arrives.</summary>
    public void Fire()
    {
        while (_held.TryPeek(out var held, out var next) && next.Due <= state.Now.Monotonic)
        {
            _held.Dequeue();
            var mail = held.Mail with { Instant = state.Now.Instant, Arrived = state.Now.Monotonic };
            if (state.Delivery.Send(held.Sender, held.Target, mail, held.Payload) is { } refused)
            {
                var from = held.Sender?.Id ?? ProcessId.Outside;
                state.Audit(from, "message", held.Target.Agent.Name, refused);
            }

            mail.Blobs?.Drop(); // Where it was taken it is held once more.
            if (held.Sender is not null)
            {
                state.Waits.Settle(held.Sender);
            }
        }
    }

    private string? Pass(Process? sender, Process target, Mail mail, ReadOnlySpan<byte> payload, MessageFaults faults)
    {
        var pair = (sender?.Id ?? ProcessId.Outside, target.Id);
        bool overtaken = Chance(faults.Reorder);
        long delayMax = overtaken ? Math.Max(faults.DelayMax, Limits.OvertakenDelayMin) : faults.DelayMax;
        long due = state.Now.Monotonic + (delayMax == 0 ? 0 : (long)(_random.NextUnit() * delayMax));
        if (!overtaken)
        {
            due = Math.Max(due, _lastDue.GetValueOrDefault(pair)); // I2
            _lastDue[pair] = due;
        }

        if (due <= state.Now.Monotonic)
        {
            return state.Delivery.Send(sender, target, mail, payload);
        }

        mail.Blobs?.Take();
        _held.Enqueue(new Held(sender, target, mail, payload.ToArray()), (due, ++_serial));
        return null;
    }

    private bool Chance(double share) => 0 < share && _random.NextUnit() < share;

    private sealed record Held(Process? Sender, Process Target, Mail Mail, byte[] Payload);
}
