using Tars.Bundle.Abi;
using Tars.Bundle.Manifest;
using Tars.Kernel.Ports;
using Tars.Kernel.Processes;
using Tars.Kernel.Sharding;

namespace Tars.Kernel.Ipc;

/// <summary>Finds those who wait for each other and would do so for ever, and refuses the wait that began last.
/// </summary>
/// <remarks>
/// Asks and full mailboxes are one graph: who waits for an answer takes no mail, and who waits for room gives no
/// answer.
///
/// Invariants:
///   I1  Between two batches there is no cycle of processes of this shard that wait for each other. What closes one is
///       refused when its batch is over and what it handled is taken off, so only what lasts counts.
///   I2  Serials grow along all that can be a cause: a wait that began because of another has the larger one, on
///       whatever shard.
/// </remarks>
internal sealed class Waits(KernelState state)
{
    /// <summary>The largest serial that this shard knows of.</summary>
    public long Clock { get; private set; }

    /// <summary>A process waits for one thing more from now on: a device's answer counts, though it is no edge.
    /// </summary>
    public void Begin(Process process) => process.WaitSerial = ++Clock; // I2

    /// <summary>Another shard knows of a serial.</summary>
    public void Hear(long serial) => Clock = Math.Max(Clock, serial); // I2

    /// <summary>A process may wait for more than before: what closes a cycle is refused.</summary>
    public void Settle(Process process)
    {
        while (MayClose(process))
        {
            var graph = new WaitForGraph();
            graph.NodeOf(process.Id);
            LookInto(graph);
            if (graph.Newest() is not { } cycle || !Refuse(cycle))
            {
                state.Shards?.Probes.LookFrom(process.Id, graph);
                return;
            }
        }
    }

    /// <summary>Adds to a graph all that this shard knows of those in it, and of those that they lead to.</summary>
    public void LookInto(WaitForGraph graph)
    {
        for (int at = 0; at < graph.Nodes.Count; at++) // More come meanwhile.
        {
            Know(graph, graph.Nodes[at]);
        }

        foreach (var edge in graph.Nodes.SelectMany(one => one.Edges))
        {
            if (edge is { Kind: WaitKind.Answer, IsThere: null } && state.Shards?.IsElsewhere(edge.To.Id) != true)
            {
                edge.IsThere = state.Find(edge.To.Id) is { } asked && HasAsk(asked, edge.Number);
            }
        }
    }

    /// <summary>Whether any process of a module waits for the answer of one, itself or by those that it has asked.
    /// </summary>
    public bool IsAwaited(Process process, int by)
    {
        foreach (var waiting in state.Processes.Values)
        {
            var at = waiting.Agent.ModuleIndex == by ? waiting : null;
            for (int hops = 0; at is not null && hops <= state.Processes.Count; hops++)
            {
                at = at.Waiting is { Payload: null, Target: var asked } ? state.Find(asked) : null;
                if (at == process)
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Ends a wait of a process that lives here by refusing what it waits with.</summary>
    /// <returns>False when it is over already.</returns>
    public bool Refuse(WaitCycle cycle)
    {
        var edge = cycle.Edges[0];
        return Refuse(new RefusedWait(
            edge.From.Id, edge.From.Serial, edge.Kind, edge.To.Id, edge.Number, cycle.Text(state)));
    }

    public bool Refuse(in RefusedWait wait)
    {
        if (state.Find(wait.Process) is not { } process || process.WaitSerial != wait.Serial)
        {
            return false;
        }

        var (kind, to, number) = (wait.Kind, wait.To, wait.Number);
        bool was = kind switch
        {
            WaitKind.Answer => process.Waiting is { Payload: null } ask && ask.Number == number,
            WaitKind.Room => Refuse(process, wait, (in Mail one) => one.Kind == MailKind.Message && one.Target == to),
            WaitKind.Credit => WaitsForCredit(process)
                && Refuse(process, wait, (in Mail one) => one.Kind == MailKind.Elsewhere),
        };
        if (kind == WaitKind.Answer && was)
        {
            Withdraw(process, to, number);
            state.Asks.Fail(number, AskFailure.Refused, wait.Why);
        }

        state.Wake(process);
        return was;
    }

    /// <summary>An ask is refused after it was sent: who was asked is not to handle it.</summary>
    public void Withdraw(Process asked, long ask)
    {
        int at = IndexOf(asked.Mail, ask, asked.InFlight);
        if (0 <= at)
        {
            Withdraw(asked, asked.Mail, at);
            if (asked.InFlight == 0)
            {
                Delivery.PopWithdrawn(asked.Mail);
            }

            state.Delivery.Flush(asked);
        }
        else if (asked.Held is { } held && IndexOf(held, ask, from: 0) is >= 0 and var waiting)
        {
            var sender = held.At(waiting).Sender;
            Withdraw(asked, held, waiting);
            state.Shards!.Arrivals.Withdrew(asked, held, sender); // Only they hold anything.
        }
    }

    // A chain of asks has one end, and most have no more than one link; only who also waits for room, or is on another
    // shard, needs a closer look. A message on its way to another shard is looked at where it arrives.
    private bool MayClose(Process process)
    {
        var at = process;
        for (int links = 0; links <= state.Processes.Count; links++)
        {
            if (at.IsEnded || IsRunning(at))
            {
                return false;
            }

            if (at.IsBlocked)
            {
                return true;
            }

            if (at.Waiting is not { Payload: null, Target: var target } || target == ProcessId.Outside)
            {
                return false;
            }

            if (state.Find(target) is not { } next)
            {
                return at != process && state.Shards is not null;
            }

            if (next == process)
            {
                return true;
            }

            at = next;
        }

        return true;
    }

    private void Know(WaitForGraph graph, WaitNode node)
    {
        if (!node.IsKnown && state.Find(node.Id) is { } process)
        {
            node.IsKnown = true;
            node.Agent = process.Agent.Place;
            node.Serial = process.WaitSerial;
            bool isSame = graph.Known is not { } known
                || (known.TryGetValue(node.Id, out long serial) && serial == node.Serial);
            if (isSame && !IsRunning(process))
            {
                Know(graph, node, process);
            }
        }

        if (state.Shards is { } shards)
        {
            node.IsKnown |= !shards.IsElsewhere(node.Id); // It has ended.
            shards.Probes.KnowHolders(graph, node);
        }
        else
        {
            node.IsKnown = true;
        }
    }

    private void Know(WaitForGraph graph, WaitNode node, Process process)
    {
        if (state.Planted == Planted.WaitsLookedAtApart)
        {
            graph.Only ??= process.Waiting is { Payload: null } ? WaitKind.Answer : WaitKind.Room;
        }

        if (process.Waiting is { Payload: null, Target: var asked } ask && asked != ProcessId.Outside
            && graph.Only != WaitKind.Room)
        {
            // On one shard it is there at once, or refused.
            bool isThere = !process.SendsByLink && state.Find(asked) is not null;
            node.Add(WaitKind.Answer, graph.NodeOf(asked), ask.Number, isThere ? true : null);
        }

        ProcessId last = default;
        for (int index = process.Outbox.Count - 1; 0 <= index && graph.Only != WaitKind.Answer; index--)
        {
            ref var mail = ref process.Outbox.At(index);
            if (mail.Kind == MailKind.Message && mail.Target != last && state.Find(mail.Target) is not null)
            {
                last = mail.Target;
                var to = graph.NodeOf(mail.Target);
                if (!node.Edges.Exists(one => one.Kind == WaitKind.Room && one.To == to))
                {
                    node.Add(WaitKind.Room, to, number: 0);
                }
            }
        }

        node.OnTheWay = WaitsForCredit(process) ? process.Unacknowledged : 0;
    }

    // What it handles just now it may still answer; it is looked at when its batch is over.
    private static bool IsRunning(Process process) => process.Phase == GuestPhase.Handling;

    private static bool WaitsForCredit(Process process) =>
        Limits.ShardCreditsMax <= process.Unacknowledged && 0 < Departures.WaitingOf(process.Outbox);

    private static bool HasAsk(Process asked, long ask) =>
        asked.HeldAsk == ask || 0 <= IndexOf(asked.Mail, ask, from: 0)
        || (asked.Held is { } held && 0 <= IndexOf(held, ask, from: 0));

    private static int IndexOf(Mailbox mailbox, long ask, int from)
    {
        for (int index = from; index < mailbox.Count; index++)
        {
            if (mailbox.At(index).Ask == ask)
            {
                return index;
            }
        }

        return -1;
    }

    // What was asked has not been looked at: who handles it waits since then, and so its wait would be the newer one.
    private void Withdraw(Process asker, ProcessId asked, long ask)
    {
        int index = IndexOf(asker.Outbox, ask, from: 0);
        if (0 <= index)
        {
            bool isHere = asker.Outbox.At(index).Kind == MailKind.Message;
            if (isHere && state.Find(asked) is { } near)
            {
                Withdraw(near, asker.Outbox, index);
                Unblock(asker, near);
            }
            else
            {
                asker.Outbox.Withdraw(index);
            }

            Delivery.PopWithdrawn(asker.Outbox);
        }
        else if (state.Find(asked) is { } target)
        {
            Withdraw(target, ask);
        }
        else if (state.Shards is { } shards && shards.IsElsewhere(asked))
        {
            var output = shards.Record(shards.ShardOf(asked), ShardTag.Withdraw);
            output.I64(asked.Value);
            output.I64(ask);
        }
    }

    private static int OffsetOf(Mailbox mailbox, int index)
    {
        int offset = 0;
        for (int before = 0; before < index; before++)
        {
            offset += mailbox.At(before).PayloadSize;
        }

        return offset;
    }

    private void Withdraw(Process receiver, Mailbox mailbox, int index)
    {
        var mail = mailbox.At(index);
        var octets = mailbox.PayloadFrom(OffsetOf(mailbox, index), mail.PayloadSize);
        ClosedCapabilities.Audit(state, receiver.Agent, mail.Handler, mail.Sender, octets);
        mailbox.Withdraw(index);
    }

    private static void Unblock(Process sender, Process target)
    {
        for (int index = 0; index < sender.Outbox.Count; index++)
        {
            if (sender.Outbox.At(index) is { Kind: MailKind.Message, Target: var other } && other == target.Id)
            {
                return;
            }
        }

        target.BlockedSenders.Remove(sender);
    }

    private bool Refuse(Process sender, in RefusedWait wait, IsOne isOne)
    {
        bool any = false;
        for (int index = 0; index < sender.Outbox.Count; index++)
        {
            var mail = sender.Outbox.At(index);
            if (!isOne(mail))
            {
                continue;
            }

            any = true;
            Refuse(sender, mail, index, wait.Why);
            index = -1; // What is withdrawn may be gone, and the rest has moved up.
        }

        if (any)
        {
            Delivery.PopWithdrawn(sender.Outbox);
            state.Effects.TellRefused(sender);
        }

        return any;
    }

    private void Refuse(Process sender, in Mail mail, int index, string why)
    {
        var target = mail.Kind == MailKind.Message ? state.Find(mail.Target) : null;
        string name = NameOf(sender.Outbox, mail, index, target);
        if (target is not null)
        {
            Withdraw(target, sender.Outbox, index);
            Unblock(sender, target);
        }
        else
        {
            sender.Outbox.Withdraw(index);
        }

        if (mail.Ask != 0)
        {
            state.Asks.Fail(mail.Ask, AskFailure.Refused, why);
            return;
        }

        bool isTold = target is null
            ? mail.Target != ProcessId.Outside
            : target.Agent.Handlers[mail.Handler].Spec.Kind != HandlerKind.Message;
        state.Effects.Refuse(isTold ? HostCall.Send : HostCall.Publish, name, why);
    }

    // What a refusal calls whom it was for: as where it is refused for any other reason.
    private string NameOf(Mailbox outbox, in Mail mail, int index, Process? target) =>
        target is not null ? target.Agent.Name
        : mail.Target == ProcessId.Outside ? state.System.Modules[mail.Handler].Manifest.Name
        : mail.Handler == Lending.UseMail
            ? Lending.KindOf(outbox.PayloadFrom(OffsetOf(outbox, index), mail.PayloadSize))
        : mail.Target.ToString();

    private delegate bool IsOne(in Mail mail);
}

/// <summary>A wait that is to end, of a process that may live on another shard.</summary>
/// <param name="Serial">Of the wait: a later one of the same process is another.</param>
/// <param name="To">Whom it waits for.</param>
/// <param name="Number">Of the ask, for an answer.</param>
internal readonly record struct RefusedWait(
    ProcessId Process, long Serial, WaitKind Kind, ProcessId To, long Number, string Why);
