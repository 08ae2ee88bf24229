using Tars.Kernel.Ports;

namespace Tars.Sim.Swarm;

/// <summary>Who waits for whom: when a batch is over and what it handled is taken off, none may wait for itself, or the
/// newest of these waits is refused.</summary>
/// <remarks>
/// A process waits since its newest wait began; one for a device counts too, though it lies on no cycle. Whose batch is
/// over has mostly the newest of all, but not always: what the faulty link delivers late waits for room while its
/// sender handles the next events. Another may begin to wait for that sender meanwhile, and then waits since later,
/// unless the sender ends its batch with an ask.
/// </remarks>
internal sealed partial class KernelModel
{
    /// <summary>How the reason begins of what is refused because it would wait for ever.</summary>
    public const string Cycle = "waiting would close a cycle";

    private ModelProcess? _unsettled;
    private long _waits;

    /// <summary>The guest of a process has come to the end of its call.</summary>
    public void EndCall(ProcessId id)
    {
        if (Find(id) is { } process)
        {
            EndCall(process);
        }
    }

    private void EndCall(ModelProcess process)
    {
        process.IsRunning = false;
        _unsettled = process;
    }

    // What a process sent may make it wait for ever; that is known when its batch is over.
    private void Settle()
    {
        if (_unsettled is not { IsEnded: false, IsRunning: false } process)
        {
            _unsettled = null;
            return;
        }

        _unsettled = null;
        while (NewestOnCycle(process) is { } newest)
        {
            RefuseWait(newest);
        }
    }

    private void Wait(ModelProcess process) => process.WaitsSince = ++_waits;

    // Of all whom this one leads to, those that wait for themselves; and of them the one that began to wait last.
    private ModelProcess? NewestOnCycle(ModelProcess from) => WaitsFor(from).Any()
        ? Reached(from).Where(one => Reached(one).Contains(one)).MaxBy(one => one.WaitsSince)
        : null;

    // What it waits for newest and that leads back to it.
    private void RefuseWait(ModelProcess process)
    {
        var target = WaitsFor(process).First(to => to == process || Reached(to).Contains(process));
        if (target == process.Asked && process.Ask is { IsOver: false } ask)
        {
            ask.IsRefused = true;
            ask.IsOver = true;
            Withdraw(process, target, ask);
        }
        else
        {
            RefuseHeldBack(process, target);
        }
    }

    // All whom it waits for, and whom those wait for; itself only where it waits for itself.
    private HashSet<ModelProcess> Reached(ModelProcess from)
    {
        var reached = new HashSet<ModelProcess>();
        var next = new Stack<ModelProcess>([from]);
        while (next.TryPop(out var process))
        {
            foreach (var target in WaitsFor(process))
            {
                if (reached.Add(target))
                {
                    next.Push(target);
                }
            }
        }

        return reached;
    }

    // The newest first. Who handles events just now may still do anything.
    private IEnumerable<ModelProcess> WaitsFor(ModelProcess process)
    {
        if (process.IsRunning || process.IsEnded)
        {
            yield break;
        }

        if (process is { Ask: { IsOver: false }, Asked: { } asked })
        {
            yield return asked;
        }

        for (int at = process.Outbox.Count - 1; 0 <= at; at--)
        {
            yield return _processes[process.Outbox[at].Target];
        }
    }

    // Nobody has looked at it: who handles it waits since then, and so would be the one who waits last.
    private void Withdraw(ModelProcess asker, ModelProcess asked, ModelAsk ask)
    {
        if (asker.Outbox.RemoveAll(one => one.Ask == ask) != 0)
        {
            Unblock(asker, asked);
        }
        else if (asked.Mail.FindIndex(one => one.Ask == ask) is >= 0 and var at)
        {
            asked.Mail.RemoveAt(at);
            Flush(asked);
        }
    }

    // The kernel says so later where the link delivers several messages, and the next one finds less room: so the
    // sender has its `refused` now, one for each call.
    private void RefuseHeldBack(ModelProcess sender, ModelProcess target)
    {
        var calls = new List<string>();
        foreach (var mail in sender.Outbox.Where(one => one.Target == target.Id))
        {
            if (mail.Ask is { } ask)
            {
                ask.IsRefused = true;
                ask.IsOver = true;
            }
            else
            {
                calls.Add(mail.What == Saying.Note ? "publish" : "send");
                Refuse(sender, calls[^1]);
            }
        }

        sender.Outbox.RemoveAll(one => one.Target == target.Id);
        Unblock(sender, target);
        foreach (string _ in calls.Distinct())
        {
            TellRefused(sender);
        }
    }

    private static void Unblock(ModelProcess sender, ModelProcess target)
    {
        if (!sender.Outbox.Exists(one => one.Target == target.Id))
        {
            target.BlockedSenders.Remove(sender);
        }
    }
}
