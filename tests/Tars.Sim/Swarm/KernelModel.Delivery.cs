using Tars.Bundle.Manifest;
using Tars.Kernel.Ports;

namespace Tars.Sim.Swarm;

/// <summary>Where messages wait: what a mailbox takes, refuses, lets go and holds back.</summary>
internal sealed partial class KernelModel
{
    /// <summary>Messages from outside for some processes; the kernel says how many it refused.</summary>
    public void Receive(Saying what, long a, long b, IEnumerable<ModelProcess> receivers)
    {
        int count = 0;
        foreach (var receiver in receivers.ToArray())
        {
            count++;
            bool taken = !_isStopping
                && Pass(null, receiver, new ModelMail(what, a, b, ProcessId.Outside, receiver.Id, null));
            _inputRefusalsDue += taken ? 0 : 1;
        }

        _inputRefusalsDue += count == 0 ? 1 : 0;
    }

    /// <summary>The bell rings for those who may hear it.</summary>
    public void Ring(long on) =>
        Receive(Saying.Bell, on, 0, Alive.Where(one => !one.IsWorker && !IsDenied(one, "bell")));

    /// <summary>Lines from outside: they have no bound, and all are taken.</summary>
    public void ReceiveLines(Saying what, IReadOnlyList<int> sizes)
    {
        foreach (var process in Alive.Where(one => !one.IsWorker))
        {
            foreach (int size in sizes)
            {
                process.Lines[what].Enqueue(size);
            }
        }
    }

    /// <summary>Input that nobody takes.</summary>
    public void RefuseInput(int count) => _inputRefusalsDue += count;

    /// <summary>Someone outside asks. False when it has to be refused.</summary>
    public bool AskFromOutside(Saying what, long a, long b, ModelProcess receiver) =>
        Send(null, receiver, new ModelMail(what, a, b, ProcessId.Outside, receiver.Id, null));

    // True when it is taken, now or later.
    private bool Send(ModelProcess? sender, ModelProcess target, ModelMail mail)
    {
        var agent = plan.Agents[target.Place];
        if (sender is not null && sender.Outbox.Any(one => one.Target == target.Id))
        {
            HoldBack(sender, target, mail);
            return true;
        }

        if (target.Mail.Count < agent.Length)
        {
            target.Mail.Add(mail);
            return true;
        }

        switch (agent.WhenFull)
        {
            case WhenFull.DropOldest:
                MakeRoom(target, agent.Length);
                target.Mail.Add(mail);
                return true;
            case WhenFull.Block when sender is not null:
                HoldBack(sender, target, mail);
                return true;
            default:
                return false;
        }
    }

    // The oldest give way, but neither what is being handled nor the end of a child.
    private static void MakeRoom(ModelProcess target, int length)
    {
        for (int index = target.InFlight; length <= target.Mail.Count && index < target.Mail.Count;)
        {
            var oldest = target.Mail[index];
            if (oldest.What == Saying.Exit)
            {
                index++;
                continue;
            }

            target.Mail.RemoveAt(index);
            target.DropsDue.Add(oldest);
            Close(oldest);
        }
    }

    private void HoldBack(ModelProcess sender, ModelProcess target, ModelMail mail)
    {
        sender.Outbox.Add(mail);
        Wait(sender);
        if (!target.BlockedSenders.Contains(sender))
        {
            target.BlockedSenders.Add(sender);
        }
    }

    private void Flush(ModelProcess target)
    {
        while (0 < target.BlockedSenders.Count && target.Mail.Count < plan.Agents[target.Place].Length)
        {
            var sender = target.BlockedSenders[0];
            int first = sender.Outbox.FindIndex(one => one.Target == target.Id);
            if (first < 0)
            {
                target.BlockedSenders.RemoveAt(0);
                continue;
            }

            target.Mail.Add(sender.Outbox[first]);
            sender.Outbox.RemoveAt(first);
        }
    }

    // A handler says that it runs: what it handles must be what came next.
    private void Take(ModelProcess process, Saying what, long a, long b)
    {
        if (process.Mail.Count <= process.Handled)
        {
            Fail($"{process} handled {what}({a}, {b}), and nothing of that kind waits for it");
            return;
        }

        var next = process.Mail[process.Handled];
        bool isIt = next.What == what && (what is Saying.Exit or Saying.Refused || (next.A == a && next.B == b));
        Wrong(!isIt, $"{process} handled {what}({a}, {b}) where {next} comes next");
        process.Handled++;
    }

    // Handled messages leave the mailbox, and there is room for others.
    private void TakeOff(ModelProcess process, int count)
    {
        Wrong(process.Handled < count, $"{process}: {count} messages are taken off, {process.Handled} were handled");
        count = Math.Min(count, process.Handled);
        process.Mail.RemoveRange(0, count);
        process.Handled -= count;
        process.InFlight = 0;
        Flush(process);
    }

    // All its mail is gone; whoever asked is told.
    private void DropMail(ModelProcess process, int told)
    {
        int lines = process.Lines.Values.Sum(one => one.Count);
        int waiting = process.Mail.Count;
        Wrong(told != waiting + lines, $"{process}: {told} are told to be gone, {waiting} and {lines} lines waited");
        ClearMail(process);
    }

    private static void ClearMail(ModelProcess process)
    {
        foreach (var mail in process.Mail)
        {
            Close(mail);
        }

        process.Mail.Clear();
        process.Handled = 0;
        foreach (var lines in process.Lines.Values)
        {
            lines.Clear();
        }
    }

    // Nobody will answer it any more: whoever asked is told.
    private static void Close(ModelMail mail)
    {
        if (mail.Ask is { } ask)
        {
            ask.IsOver = true;
        }
    }

    private void DropOutgoing(ModelProcess process, int told)
    {
        Wrong(told != process.Outbox.Count, $"{process}: {told} are told to be gone, {process.Outbox.Count} held back");
        foreach (var mail in process.Outbox)
        {
            _processes[mail.Target].BlockedSenders.Remove(process);
        }

        process.Outbox.Clear();
    }
}
