using Tars.Base;
using Tars.Kernel.Ports;

namespace Tars.Sim.Swarm;

/// <summary>The way of messages on channels, with the faults of the plan: what is lost, comes twice, late or out of
/// order is drawn here as the kernel draws it.</summary>
internal sealed partial class KernelModel
{
    private const long OvertakenDelayMin = Millisecond;

    private readonly Xoshiro256 _link = new(plan.Faults?.Seed ?? 0);
    private readonly PriorityQueue<(ModelProcess? Sender, ModelMail Mail), (long Due, long Serial)> _onTheWay = new();
    private readonly Dictionary<(ProcessId, ProcessId), long> _lastDue = [];
    private readonly Dictionary<string, int> _linkAuditsDue = new(StringComparer.Ordinal);
    private long _linkSerial;

    // True when it is taken, as far as that is known by now.
    private bool Pass(ModelProcess? sender, ModelProcess target, ModelMail mail)
    {
        if (plan.Faults is not { } faults)
        {
            return Send(sender, target, mail);
        }

        if (Chance(faults.Drop))
        {
            ExpectOfLink("a fault: it is lost");
            return true;
        }

        bool taken = PassOnce(sender, target, mail, faults);
        if (Chance(faults.Duplicate))
        {
            ExpectOfLink("a fault: it comes twice");
            taken &= PassOnce(sender, target, mail, faults);
        }

        return taken;
    }

    private bool PassOnce(ModelProcess? sender, ModelProcess target, ModelMail mail, MessageFaults faults)
    {
        var pair = (sender?.Id ?? ProcessId.Outside, target.Id);
        bool overtaken = Chance(faults.Reorder);
        long delayMax = overtaken ? Math.Max(faults.DelayMax, OvertakenDelayMin) : faults.DelayMax;
        long due = _now.Monotonic + (delayMax == 0 ? 0 : (long)(_link.NextUnit() * delayMax));
        if (!overtaken)
        {
            due = Math.Max(due, _lastDue.GetValueOrDefault(pair));
            _lastDue[pair] = due;
        }

        if (due <= _now.Monotonic)
        {
            return Send(sender, target, mail);
        }

        _onTheWay.Enqueue((sender, mail), (due, ++_linkSerial));
        return true;
    }

    private void BeginLink()
    {
        while (_onTheWay.TryPeek(out var held, out var next) && next.Due <= _now.Monotonic)
        {
            _onTheWay.Dequeue();
            var target = _processes[held.Mail.Target];
            if (target.IsEnded || !Send(held.Sender, target, held.Mail))
            {
                ExpectOfLink("refused");
            }

            _unsettled = held.Sender;
            Settle();
        }
    }

    private void EndLink()
    {
        foreach (var (what, count) in _linkAuditsDue)
        {
            Wrong(0 < count, $"{count} messages on channels should have been told of: {what}");
        }
    }

    private void OfLink(Audit entry)
    {
        string what = entry.Reason.StartsWith("a fault", StringComparison.Ordinal) ? entry.Reason : "refused";
        Wrong(_linkAuditsDue.GetValueOrDefault(what) == 0, $"nothing should lead to: {entry}");
        _linkAuditsDue[what] = _linkAuditsDue.GetValueOrDefault(what) - 1;
    }

    private void ExpectOfLink(string what) => _linkAuditsDue[what] = _linkAuditsDue.GetValueOrDefault(what) + 1;

    private bool Chance(double share) => 0 < share && _link.NextUnit() < share;
}
