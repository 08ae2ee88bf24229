using System.Text;
using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Kernel.Blobs;
using Tars.Kernel.Caps;
using Tars.Kernel.Effects;
using Tars.Kernel.Ipc;
using Tars.Kernel.Linking;
using Tars.Kernel.Ports;
using Tars.Kernel.Processes;

namespace Tars.Kernel.Sharding;

/// <summary>Messages, asks and answers for processes of other shards.</summary>
/// <remarks>
/// Invariants:
///   I1  A sender has at most <see cref="Limits.ShardCreditsMax"/> messages that no mailbox has taken or refused yet,
///       and what a channel multiplied; what it sends beyond waits in its outbox, so that it takes no further event.
///   I2  Order is kept from each sender: while something of it waits, so does all after it.
/// </remarks>
internal sealed class Departures(KernelState state, Shards shards)
{
    private const string TooMuch = "too much goes to other shards at once";

    private readonly ByteWriter _record = new();
    private readonly SortedSet<ProcessId> _late = [];

    /// <summary>True from when a module has moved, or is about to be swapped, until all go on: what leaves could come
    /// to a shard that has yet to learn of it.</summary>
    public bool Stands { get; set; }

    /// <summary>True when more can leave with the next Step.</summary>
    public bool HasMore => !Stands && 0 < _late.Count;

    /// <summary>Sends a tell or an ask to a process that is not here.</summary>
    /// <param name="ask">The number of the ask; zero for a tell.</param>
    /// <returns>Null when it is on its way; then a refusal comes later.</returns>
    public Refusal? Send(
        Process sender, ProcessId target, OperationImage operation, ReadOnlySpan<byte> arguments, long ask)
    {
        var near = state.Find(target)?.Agent; // Only for who sends by the link.
        if (near is null && !shards.IsElsewhere(target))
        {
            return new Refusal(target.ToString(), "the process has ended");
        }

        int agent = operation.TargetAgent;
        int handler = operation.Number;
        if (operation.Spec.TargetKind == Bundle.Manifest.SlotKind.Device)
        {
            if ((near ?? shards.AgentOf(target)) is not { Offer: { } offer } stand
                || !DeviceCalls.IsOf(operation, offer.Kind))
            {
                return new Refusal(operation.Spec.Target, "the slot is not held, or is for something else");
            }

            agent = stand.Place;
            handler = offer.HandlerOf(operation);
        }

        if (operation.HoldsSlots)
        {
            byte[] translated = arguments.ToArray();
            if (SlotTranslation.ToIds(operation.Arguments, translated, sender.Caps) is { } reason)
            {
                return new Refusal(state.AgentOf(agent).Name, reason);
            }

            arguments = translated;
        }

        _record.Clear();
        WriteMessage(_record, target, sender.Id, agent, handler, ask, arguments);
        var mail = new Mail { Kind = MailKind.Elsewhere, Target = target, Ask = ask };
        mail.Blobs = operation.HoldsSlots ? BlobPlaces.CargoOf(operation.Arguments, arguments, state) : null;
        string? full = Post(sender, mail, _record);
        return full is null ? null : new Refusal(state.AgentOf(agent).Name, full);
    }

    /// <summary>The record of a message, behind its tag.</summary>
    public static void WriteMessage(
        ByteWriter record,
        ProcessId target,
        ProcessId sender,
        int agent,
        int handler,
        long ask,
        ReadOnlySpan<byte> payload)
    {
        record.I64(target.Value);
        record.I64(sender.Value);
        record.U32((uint)agent);
        record.U16((ushort)handler);
        record.I64(ask);
        record.U32((uint)payload.Length);
        record.Bytes(payload);
    }

    /// <summary>A process has come, or what it sends has: what can leave does so with the next Step.</summary>
    public void Late(Process sender)
    {
        sender.SendsByLink = 0 < sender.Unacknowledged || HasWaiting(sender);
        if (HasWaiting(sender))
        {
            _late.Add(sender.Id);
        }
    }

    /// <summary>Sends a message of a channel to the modules on other shards that take it.</summary>
    /// <param name="value">With the sender's slots.</param>
    /// <returns>Null, or why it was refused.</returns>
    public string? Publish(Process sender, Router.Route route, ReadOnlySpan<byte> value)
    {
        if (route.HoldsSlots)
        {
            byte[] translated = value.ToArray();
            // It holds slots, so it is known.
            if (SlotTranslation.ToIds(route.Type!, translated, sender.Caps) is { } reason)
            {
                return reason;
            }

            value = translated;
        }

        var cargo = route.HoldsSlots ? BlobPlaces.CargoOf(route.Type!, value, state) : null;
        byte[] channel = Encoding.UTF8.GetBytes(route.Channel);
        string? refused = null;
        bool isAlone = route.Receivers.Length == 0 && route.Elsewhere.Length == 1;
        foreach (int module in sender.SendsByLink ? ModulesOf(route) : route.Elsewhere)
        {
            _record.Clear();
            _record.U32((uint)module);
            _record.I64(sender.Id.Value);
            _record.U8(isAlone ? (byte)1 : (byte)0);
            _record.U32((uint)channel.Length);
            _record.Bytes(channel);
            _record.U32((uint)value.Length);
            _record.Bytes(value);
            var mail = new Mail { Kind = MailKind.Elsewhere, Handler = module, Blobs = cargo };
            string? full = Post(sender, mail, _record);
            refused ??= full;
        }

        return refused;
    }

    /// <summary>A handler answers a process of another shard.</summary>
    public void Reply(Process from, long ask, int status, ReadOnlySpan<byte> answer)
    {
        int handler = from.Batch.Handler;
        SchemaType type = status != 0 ? BuiltInTypes.Failure
            : handler < 0 ? new SchemaType.Unit() : from.Agent.Handlers[handler].Spec.Returns;
        if (status is not (0 or 1) || !ValueEncoding.IsValid(type, answer))
        {
            Fail(ask, AskFailure.Malformed, "the answer does not have its type");
            return;
        }

        byte[] translated = (status == 0 ? answer : Asks.Declined(answer)).ToArray();
        if (status == 0 && SlotPlaces.AnyIn(type)
            && SlotTranslation.ToIds(type, translated, from.Caps) is { } reason)
        {
            Fail(ask, AskFailure.Malformed, reason);
            return;
        }

        var cargo = status == 0 ? BlobPlaces.CargoOf(type, translated, state) : null;
        int shard = shards.ShardOfAsk(ask);
        if (shards.OutgoingBytesMax < shards.OutgoingOctets + translated.Length + shards.OctetsOf(shard, cargo))
        {
            Fail(ask, AskFailure.Refused, TooMuch);
            return;
        }

        shards.Bring(shard, cargo);
        Answer(ask, (byte)status, translated);
    }

    /// <summary>Answers the ask of a process of another shard with a Failure of the kernel's own.</summary>
    public void Fail(long ask, AskFailure kind, string detail)
    {
        _record.Clear();
        _record.U16((ushort)kind);
        _record.Text(detail);
        Answer(ask, status: 1, _record.Written);
    }

    /// <summary>Messages of a sender were taken: what waits with it goes on.</summary>
    public void Credit(ProcessId id, int count)
    {
        if (state.Find(id) is not { } sender)
        {
            return;
        }

        sender.Unacknowledged = Math.Max(0, sender.Unacknowledged - count);
        sender.SendsByLink &= 0 < sender.Unacknowledged || HasWaiting(sender);
        if (Stands)
        {
            _late.Add(id);
        }
        else
        {
            GoOn(sender);
            if (!HasCredit(sender) && HasWaiting(sender))
            {
                shards.Probes.StillWaits(id);
            }
        }
    }

    /// <summary>Writes who has more to send.</summary>
    public void Save(ByteWriter output)
    {
        output.U32((uint)_late.Count);
        foreach (var id in _late)
        {
            output.I64(id.Value);
        }
    }

    /// <summary>Fills what is empty. Whoever does not live here any more is passed over later.</summary>
    public bool Load(ref ByteReader input)
    {
        for (uint left = input.U32(); 0 < left && !input.Failed; left--)
        {
            _late.Add(new ProcessId(input.I64()));
        }

        return !input.Failed;
    }

    /// <summary>What the last Step had no more room for leaves.</summary>
    public void GoOn()
    {
        if (Stands)
        {
            return;
        }

        ProcessId[] late = [.. _late];
        _late.Clear();
        foreach (var id in late)
        {
            if (state.Find(id) is { } sender)
            {
                GoOn(sender);
            }
        }
    }

    private void GoOn(Process sender)
    {
        while (HasCredit(sender) && LeaveNext(sender))
        {
            Delivery.PopWithdrawn(sender.Outbox);
        }

        state.Wake(sender);
    }

    /// <summary>How many messages for other shards wait in an outbox.</summary>
    public static int WaitingOf(Mailbox outbox)
    {
        int waiting = 0;
        for (int index = 0; index < outbox.Count; index++)
        {
            waiting += outbox.At(index).Kind == MailKind.Elsewhere ? 1 : 0;
        }

        return waiting;
    }

    private static bool HasCredit(Process sender) => sender.Unacknowledged < Limits.ShardCreditsMax; // I1

    private void Answer(long ask, byte status, ReadOnlySpan<byte> answer)
    {
        var output = shards.Record(shards.ShardOfAsk(ask), ShardTag.Answer);
        output.I64(ask);
        output.U32((uint)answer.Length + 1);
        output.U8(status);
        output.Bytes(answer);
    }

    /// <summary>Sends a record, or has it wait for credit.</summary>
    /// <returns>Null, or why it was refused.</returns>
    public string? Post(Process sender, Mail mail, ByteWriter record)
    {
        if (Limits.PayloadBytesMax < record.Length)
        {
            return "the message is too large";
        }

        long octets = record.Length + shards.OctetsOf(ShardOf(mail), mail.Blobs);
        if (shards.OutgoingBytesMax < shards.OutgoingOctets + octets)
        {
            return TooMuch;
        }

        if (HasCredit(sender) && !HasWaiting(sender)) // I2
        {
            Leave(sender, mail, record.Written);
            return null;
        }

        if (sender.Outbox.Count == Limits.OutboxLengthMax || Limits.MailboxBytesMax <= sender.Outbox.PayloadBytes)
        {
            return "too many messages wait for room";
        }

        sender.Outbox.Push(mail, record.Written);
        state.Waits.Begin(sender);
        return null;
    }

    // Where the process lives that it is for, or the module.
    private int ShardOf(in Mail mail) =>
        mail.Target != ProcessId.Outside ? shards.ShardOf(mail.Target) : shards.Plan.ShardOf(mail.Handler);

    private void Leave(Process sender, in Mail mail, ReadOnlySpan<byte> record)
    {
        bool isMessage = mail.Target != ProcessId.Outside;
        int shard = ShardOf(mail);
        shards.Bring(shard, mail.Blobs);
        var tag = !isMessage ? ShardTag.Publish : mail.Handler == Lending.UseMail ? ShardTag.Use : ShardTag.Message;
        shards.Record(shard, tag).Bytes(record);
        sender.Unacknowledged++;
    }

    private bool LeaveNext(Process sender)
    {
        int offset = 0;
        for (int index = 0; index < sender.Outbox.Count; index++)
        {
            var mail = sender.Outbox.At(index);
            if (mail.Kind == MailKind.Elsewhere)
            {
                long octets = mail.PayloadSize + shards.OctetsOf(ShardOf(mail), mail.Blobs);
                bool isFirst = shards.OutgoingOctets == 0; // It is there with all it carries, so it goes some time.
                if (!isFirst && shards.OutgoingBytesMax < shards.OutgoingOctets + octets)
                {
                    _late.Add(sender.Id);
                    return false;
                }

                Leave(sender, mail, sender.Outbox.PayloadFrom(offset, mail.PayloadSize));
                sender.Outbox.Withdraw(index);
                return true;
            }

            offset += mail.PayloadSize;
        }

        return false;
    }

    // Those of this shard as well.
    private static int[] ModulesOf(Router.Route route) =>
        [.. route.Elsewhere.Concat(route.Receivers.Select(one => one.Process.Agent.ModuleIndex)).Distinct().Order()];

    private static bool HasWaiting(Process sender)
    {
        for (int index = 0; index < sender.Outbox.Count; index++)
        {
            if (sender.Outbox.At(index).Kind == MailKind.Elsewhere)
            {
                return true;
            }
        }

        return false;
    }
}
