using Tars.Kernel.Ports;

namespace Tars.Sim.Swarm;

/// <summary>Who waits for whom: when a batch is over and what it handled is taken off, none may wait for itself.
/// </summary>
internal sealed partial class KernelModel
{
    /// <summary>How the reason begins of what is refused because it would wait for ever.</summary>
    public const string Cycle = "waiting would close a cycle";

    private ModelProcess? _unsettled;

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
        if (process is { Ask: { IsOver: false } ask, Asked: { } asked } && Leads(asked, process))
        {
            ask.IsRefused = true;
            ask.IsOver = true;
            Withdraw(process, asked, ask);
        }

        foreach (var target in process.Outbox.Select(one => one.Target).Reverse().Distinct().ToArray())
        {
            if (Leads(_processes[target], process))
            {
                RefuseHeldBack(process, _processes[target]);
            }
        }
    }

    private bool Leads(ModelProcess from, ModelProcess to)
    {
        var seen = new HashSet<ModelProcess>();
        var next = new Stack<ModelProcess>([from]);
        while (next.TryPop(out var process))
        {
            if (process == to)
            {
                return true;
            }

            if (process.IsRunning || process.IsEnded || !seen.Add(process))
            {
                continue;
            }

            foreach (var mail in process.Outbox)
            {
                next.Push(_processes[mail.Target]);
            }

            if (process is { Ask: { IsOver: false }, Asked: { } asked })
            {
                next.Push(asked);
            }
        }

        return false;
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

    private static void RefuseHeldBack(ModelProcess sender, ModelProcess target)
    {
        foreach (var mail in sender.Outbox.Where(one => one.Target == target.Id))
        {
            if (mail.Ask is { } ask)
            {
                ask.IsRefused = true;
                ask.IsOver = true;
            }
            else
            {
                Refuse(sender, mail.What == Saying.Note ? "publish" : "send");
            }
        }

        sender.Outbox.RemoveAll(one => one.Target == target.Id);
        Unblock(sender, target);
    }

    private static void Unblock(ModelProcess sender, ModelProcess target)
    {
        if (!sender.Outbox.Exists(one => one.Target == target.Id))
        {
            target.BlockedSenders.Remove(sender);
        }
    }
}
