using Tars.Bundle.Manifest;
using Tars.Kernel.Ports;
using Tars.Kernel.Processes;
using Tars.Kernel.Sharding;

namespace Tars.Kernel.Ipc;

/// <summary>Puts messages into mailboxes, or does what the receiver's `when_full` says.</summary>
/// <remarks>
/// Invariant:
///   I1  Order is kept from each sender to each receiver: while something for a receiver waits in the outbox, so does
///       all after it.
/// </remarks>
internal sealed class Delivery(KernelState state)
{
    /// <summary>Delivers a message from a process, or from the outside when there is no sender.</summary>
    /// <returns>Null, or why it was refused.</returns>
    public string? Send(Process? sender, Process target, in Mail mail, ReadOnlySpan<byte> payload)
    {
        if (target.IsEnded)
        {
            return "the process has ended";
        }

        if (Limits.PayloadBytesMax < payload.Length)
        {
            return "the message is too large";
        }

        var from = sender?.Id ?? ProcessId.Outside;
        if (RejectsSender(target, from))
        {
            return "it caused too many traps";
        }

        if (sender is not null && HasOutgoing(sender, target))
        {
            return Block(sender, target, mail, payload); // I1
        }

        if (target.HasRoom || Overfills(target))
        {
            target.Mail.Push(mail, payload).Sender = from;
            state.Wake(target);
            return null;
        }

        switch (target.Agent.WhenFull)
        {
            case WhenFull.DropOldest:
                Replace(target, mail with { Sender = from }, payload);
                return null;
            case WhenFull.Block when sender is not null:
                return Block(sender, target, mail, payload);
            case WhenFull.Block or WhenFull.Reject:
                return "the mailbox is full";
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    /// <summary>Delivers a message that came from another shard, or says that it has to wait for room.</summary>
    /// <returns>Null, or why it was refused.</returns>
    public string? Arrive(Process target, in Mail mail, ReadOnlySpan<byte> payload, out bool waits)
    {
        waits = false;
        if (Limits.PayloadBytesMax < payload.Length)
        {
            return "the message is too large";
        }

        if (RejectsSender(target, mail.Sender))
        {
            return "it caused too many traps";
        }

        if (target.HasRoom && target.Held is not { Count: > 0 })
        {
            Put(target, mail, payload);
            return null;
        }

        switch (target.Agent.WhenFull)
        {
            case WhenFull.DropOldest:
                Replace(target, mail, payload);
                return null;
            case WhenFull.Block:
                waits = true; // I1: behind all that waits from other shards already.
                return null;
            case WhenFull.Reject:
                return "the mailbox is full";
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    /// <summary>Lets senders go on whose messages now have room.</summary>
    public void Flush(Process target)
    {
        if (target.Held is { Count: > 0 })
        {
            FlushHeld(target, target.Held);
        }

        while (target.HasBlockedSenders && (target.HasRoom || target.IsEnded))
        {
            var sender = target.BlockedSenders[0];
            if (state.Planted == Planted.BlockedSenderForgotten || !MoveOne(sender, target))
            {
                target.BlockedSenders.RemoveAt(0);
            }

            state.Wake(sender);
        }
    }

    /// <summary>Forgets what a process still wanted to send.</summary>
    public void DropOutgoing(Process sender)
    {
        int waiting = sender.Outbox.Messages + Departures.WaitingOf(sender.Outbox);
        if (0 < waiting)
        {
            const string Why = "the process ended before there was room";
            state.Audit(sender.Id, "outbox", sender.Agent.Name, Why, waiting);
        }

        while (0 < sender.Outbox.Count)
        {
            ref var mail = ref sender.Outbox.At(0);
            state.Asks.Fail(mail.Ask, AskFailure.Gone, "the asker's message was dropped");
            if (mail.Kind == MailKind.Message && state.Find(mail.Target) is { } target)
            {
                target.BlockedSenders.Remove(sender);
                ClosedCapabilities.Audit(state, target.Agent, mail.Handler, sender.Id, sender.Outbox.FirstPayload);
            }
            else if (mail is { Kind: MailKind.Elsewhere, Blobs.Lent: var lent })
            {
                ClosedCapabilities.Audit(state, sender.Id, lent.Where(one => !one.IsRevoked));
            }

            sender.Outbox.Pop();
        }
    }

    // Moves the first message for this target; false when there is none.
    private bool MoveOne(Process sender, Process target)
    {
        int offset = 0;
        for (int index = 0; index < sender.Outbox.Count; index++)
        {
            var mail = sender.Outbox.At(index);
            if (mail.Kind == MailKind.Message && mail.Target == target.Id)
            {
                if (target.IsEnded)
                {
                    state.Asks.Fail(mail.Ask, AskFailure.Gone, "the process has ended");
                    state.Audit(sender.Id, "send", target.Id.ToString(), "the process has ended");
                    var octets = sender.Outbox.PayloadFrom(offset, mail.PayloadSize);
                    ClosedCapabilities.Audit(state, target.Agent, mail.Handler, sender.Id, octets);
                }
                else
                {
                    Put(target, mail, sender.Outbox.PayloadFrom(offset, mail.PayloadSize));
                    if (state.Planted == Planted.MovedMessageTwice)
                    {
                        Put(target, mail, sender.Outbox.PayloadFrom(offset, mail.PayloadSize));
                    }
                }

                sender.Outbox.Withdraw(index);
                PopWithdrawn(sender.Outbox);
                return true;
            }

            offset += mail.PayloadSize;
        }

        return false;
    }

    /// <summary>Takes off what was withdrawn and has come first.</summary>
    public static void PopWithdrawn(Mailbox mailbox)
    {
        while (0 < mailbox.Count && mailbox.At(0).Kind == MailKind.Withdrawn)
        {
            mailbox.Pop();
        }
    }

    // Those of other shards and those of this one in turn, so that neither waits for ever.
    private void FlushHeld(Process target, Mailbox held)
    {
        var arrivals = state.Shards!.Arrivals; // Only they hold anything.
        while (0 < held.Count && (target.HasRoom || target.IsEnded))
        {
            arrivals.TakeHeld(target, held);
            if (target.HasBlockedSenders && target.HasRoom)
            {
                var sender = target.BlockedSenders[0];
                if (!MoveOne(sender, target))
                {
                    target.BlockedSenders.RemoveAt(0);
                }

                state.Wake(sender);
            }
        }
    }

    private void Replace(Process target, in Mail mail, ReadOnlySpan<byte> payload)
    {
        while (!target.HasRoom && DropOldest(target))
        {
            // One large message may take the place of many small ones.
        }

        Put(target, mail, payload);
    }

    private void Put(Process target, in Mail mail, ReadOnlySpan<byte> payload)
    {
        target.Mail.Push(mail, payload);
        state.Wake(target);
    }

    private string? Block(Process sender, Process target, in Mail mail, ReadOnlySpan<byte> payload)
    {
        if (sender.Outbox.Count == Limits.OutboxLengthMax || Limits.MailboxBytesMax <= sender.Outbox.PayloadBytes)
        {
            return "too many messages wait for room";
        }

        sender.Outbox.Push(mail with { Sender = sender.Id, Target = target.Id }, payload);
        state.Waits.Begin(sender);
        if (!target.BlockedSenders.Contains(sender))
        {
            target.BlockedSenders.Add(sender);
        }

        return null;
    }

    private static bool HasOutgoing(Process sender, Process target)
    {
        for (int index = 0; index < sender.Outbox.Count; index++)
        {
            ref var mail = ref sender.Outbox.At(index);
            if (mail.Kind == MailKind.Message && mail.Target == target.Id)
            {
                return true;
            }
        }

        return false;
    }

    // What is being handled just now stays, and so does the end of a child: each is told once.
    private bool DropOldest(Process target)
    {
        int offset = 0;
        for (int index = 0; index < target.Mail.Count; index++)
        {
            ref var mail = ref target.Mail.At(index);
            if (target.InFlight <= index && mail.Kind == MailKind.Message
                && target.Agent.Handlers[mail.Handler].Spec.Kind != HandlerKind.Exit)
            {
                var octets = target.Mail.PayloadFrom(offset, mail.PayloadSize);
                ClosedCapabilities.Audit(state, target.Agent, mail.Handler, mail.Sender, octets);
                if (state.Planted != Planted.DroppedAskUnanswered)
                {
                    state.Asks.Fail(mail.Ask, AskFailure.Refused, "the mailbox is full");
                }

                TellDropped(target, mail.Sender);
                target.Mail.Withdraw(index);
                return true;
            }

            offset += mail.PayloadSize;
        }

        return false;
    }

    // A flood drops as much as it sends, so what is said of it again is not made again.
    private void TellDropped(Process target, ProcessId sender)
    {
        if (target.Dropped is not { } told || told.Process != sender)
        {
            told = new Audit(sender, "drop_oldest", target.Id.ToString(), "the mailbox is full", Count: 1);
            target.Dropped = told;
        }

        state.Outside.Audited(told);
    }

    private bool Overfills(Process target) =>
        state.Planted == Planted.MailboxBoundOffByOne && target.Mail.Messages == target.Agent.MailboxLength;

    private static bool RejectsSender(Process target, ProcessId sender) =>
        0 < target.Agent.Spec.RejectAfter
        && target.TrapsBySender.TryGetValue(sender, out int traps) && target.Agent.Spec.RejectAfter <= traps;
}
