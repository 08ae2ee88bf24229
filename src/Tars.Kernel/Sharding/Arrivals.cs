using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;
using Tars.Kernel.Blobs;
using Tars.Kernel.Ipc;
using Tars.Kernel.Ports;
using Tars.Kernel.Processes;

namespace Tars.Kernel.Sharding;

/// <summary>Takes the mail of other shards, record by record, and tells senders what became of theirs.</summary>
/// <remarks>
/// A journal may say that anything came, so each record is looked at as if a stranger had sent it.
///
/// Invariant: a record gives back one credit when it comes, and takes one for each copy of it that waits for room until
/// a mailbox has taken or refused that copy. So over its life a record costs its sender nothing, and while k copies
/// wait, k credits.
/// </remarks>
internal sealed class Arrivals(KernelState state, Shards shards)
{
    /// <summary>Why what names blobs is not taken where they could not be.</summary>
    public const string NoRoomForBlobs = "all processes of its shard together hold too many octets in blobs";

    // What copies of a channel's messages can add up to in one Step is far less.
    private const int TakenMax = 1 << 24;

    private readonly List<(ProcessId Sender, int Count)> _taken = [];
    private readonly ByteWriter _scratch = new();
    private readonly List<Blob> _brought = [];

    /// <summary>Processes for which something waits that other shards sent.</summary>
    public SortedDictionary<ProcessId, Process> Holding { get; } = [];

    /// <summary>True while the mail is of this shard itself: see <see cref="Process.SendsByLink"/>.</summary>
    public bool IsOwn { get; set; }

    /// <summary>Takes one record; the reader has failed when it is none.</summary>
    public void Take(ref ByteReader input)
    {
        switch ((ShardTag)input.U8())
        {
            case ShardTag.Message:
                Message(ref input);
                break;
            case ShardTag.Publish:
                Publish(ref input);
                break;
            case ShardTag.Answer:
                long ask = input.I64();
                state.Asks.Arrive(ask, input.Bytes(input.U32()));
                break;
            case ShardTag.Refused:
                Refused(ref input);
                break;
            case ShardTag.Taken:
                Taken(ref input);
                break;
            case ShardTag.Probe:
                shards.Probes.Take(ref input);
                break;
            case ShardTag.RefuseWait:
                shards.Probes.Refuse(ref input);
                break;
            case ShardTag.Withdraw:
                shards.Probes.Withdraw(ref input);
                break;
            case ShardTag.Serial:
                state.Waits.Hear(input.I64());
                break;
            case ShardTag.Over:
                shards.Moves.TakeOver(ref input);
                break;
            case ShardTag.Blob:
                TakeBlob(ref input);
                break;
            case ShardTag.Capability:
                shards.Lending.Take(ref input);
                break;
            case ShardTag.Revoked:
                shards.Lending.TakeRevoked(ref input);
                break;
            case ShardTag.Use:
                var user = shards.Lending.TakeUse(ref input);
                Note(user, user == ProcessId.Outside ? 0 : 1);
                break;
            case ShardTag.Allowed:
                shards.Lending.TakeAllowed(ref input);
                break;
            default:
                input.Fail(); // A number from outside.
                break;
        }
    }

    /// <summary>The mail is over: a blob that it brought stays where somebody holds it.</summary>
    public void LetGoOfBlobs()
    {
        _brought.ForEach(one => one.Drop());
        _brought.Clear();
    }

    // One that there is no room for is missed by whoever names it, and refused there.
    private void TakeBlob(ref ByteReader input)
    {
        long id = input.I64();
        uint length = input.U32();
        var octets = length <= Limits.BlobBytesMax ? input.Bytes(length) : [];
        if (input.Failed || id <= 0 || Limits.BlobBytesMax < length)
        {
            input.Fail();
        }
        else if (state.Blobs.Take(id, octets) is { } blob)
        {
            blob.Take();
            _brought.Add(blob);
        }
    }

    /// <summary>A mailbox has room, or its process has ended: the first message that waits for it goes on.</summary>
    public void TakeHeld(Process target, Mailbox held)
    {
        var mail = held.At(0);
        if (target.IsEnded)
        {
            var call = target.Agent.Handlers[mail.Handler].Spec.Kind == HandlerKind.Message
                ? HostCall.Publish
                : HostCall.Send;
            Refuse(mail.Sender, call, target.Agent.Name, "the process has ended", mail.Ask, AskFailure.Gone);
            ClosedCapabilities.Audit(state, target.Agent, mail.Handler, mail.Sender, held.FirstPayload);
        }
        else
        {
            target.Mail.Push(mail, held.FirstPayload);
            state.Wake(target);
        }

        held.Pop();
        Withdrew(target, held, mail.Sender);
    }

    /// <summary>One of those that wait for room does so no more.</summary>
    public void Withdrew(Process target, Mailbox held, ProcessId sender)
    {
        Delivery.PopWithdrawn(held);
        Note(sender, 1);
        if (held.Count == 0)
        {
            Holding.Remove(target.Id);
        }
    }

    /// <summary>The end of a Step: each sender is told how much of its mail was taken.</summary>
    public void Acknowledge()
    {
        foreach (var (sender, count) in _taken)
        {
            var output = shards.Record(shards.ShardOf(sender), ShardTag.Taken);
            output.I64(sender.Value);
            output.I64(count);
        }

        _taken.Clear();
    }

    private void Taken(ref ByteReader input)
    {
        var sender = new ProcessId(input.I64());
        long count = input.I64();
        if (input.Failed || count is < -TakenMax or > TakenMax)
        {
            input.Fail();
            return;
        }

        shards.Departures.Credit(sender, (int)count);
    }

    private void Message(ref ByteReader input)
    {
        var target = new ProcessId(input.I64());
        var sender = new ProcessId(input.I64());
        uint agent = input.U32();
        int handler = input.U16();
        long ask = input.I64();
        var payload = input.Bytes(input.U32());
        if (input.Failed || !IsStranger(sender))
        {
            input.Fail();
            return;
        }

        if (state.Find(target) is not { } process)
        {
            Refuse(sender, HostCall.Send, target.ToString(), "the process has ended", ask, AskFailure.Gone);
            Note(sender, 1);
        }
        else if (process.Agent.Place != agent || !Fits(process, handler, payload))
        {
            const string Why = "it is a process of another agent";
            Refuse(sender, HostCall.Send, target.ToString(), Why, ask, AskFailure.Denied);
            Note(sender, 1);
        }
        else
        {
            Note(sender, 1 - Deliver(process, sender, HostCall.Send, handler, ask, payload));
        }
    }

    private void Publish(ref ByteReader input)
    {
        uint module = input.U32();
        var sender = new ProcessId(input.I64());
        bool isLast = input.U8() != 0;
        var channel = input.Bytes(input.U32());
        var value = input.Bytes(input.U32());
        if (input.Failed || !IsStranger(sender) || state.Router.Find(channel) is not { Type: { } type } route
            || !ValueEncoding.IsValid(type, value))
        {
            input.Fail();
            return;
        }

        int held = 0;
        bool taken = false;
        foreach (var receiver in route.Receivers)
        {
            if (receiver.Process.Agent.ModuleIndex != module)
            {
                continue;
            }

            taken = true;
            _scratch.Clear();
            _scratch.Bytes(value);
            _scratch.Bytes(receiver.Suffix);
            held += Deliver(
                receiver.Process, sender, HostCall.Publish, receiver.Handler, ask: 0, _scratch.Written);
        }

        if (!taken && isLast)
        {
            state.Outside.Published(sender, channel, type, value, taken: false);
        }

        Note(sender, 1 - held);
    }

    // How many of its messages wait for room: one or none.
    private int Deliver(
        Process target, ProcessId sender, HostCall call, int handler, long ask, ReadOnlySpan<byte> payload)
    {
        var type = target.Agent.Handlers[handler].Payload;
        if (!BlobPlaces.AreAllHere(type, payload, state.Blobs))
        {
            Refuse(sender, call, target.Agent.Name, NoRoomForBlobs, ask, AskFailure.Refused);
            return 0;
        }

        var mail = new Mail
        {
            Kind = MailKind.Message,
            Handler = handler,
            Sender = sender,
            Ask = ask,
            Instant = state.Now.Instant,
            Arrived = state.Now.Monotonic,
            Blobs = BlobPlaces.HoldOf(type, payload, state.Blobs),
        };
        switch (state.Delivery.Arrive(target, mail, payload, out bool waits))
        {
            case { } why:
                Refuse(sender, call, target.Agent.Name, why, ask, AskFailure.Refused);
                return 0;
            case null when waits && Limits.ShardHeldBytesMax < (target.Held?.PayloadBytes ?? 0) + (long)payload.Length:
                Refuse(sender, call, target.Agent.Name, "too much waits for room", ask, AskFailure.Refused);
                return 0;
            case null when waits:
                target.Held ??= new Mailbox();
                target.Held.Push(mail, payload);
                Holding[target.Id] = target;
                shards.Probes.Arrived(target, sender, waits: ask != 0);
                return 1;
            default:
                if (ask != 0)
                {
                    shards.Probes.Arrived(target, sender, waits: true);
                }

                return 0;
        }
    }

    private void Refused(ref ByteReader input)
    {
        var sender = new ProcessId(input.I64());
        int call = input.U16();
        string target = input.Text();
        string reason = input.Text();
        if (!input.Failed && state.Find(sender) is { } process)
        {
            state.Effects.TellLate(process, (HostCall)call, target, reason);
        }
    }

    /// <summary>Tells a process of another shard, or who asked, that something was not done.</summary>
    public void Refuse(
        ProcessId sender, HostCall call, string target, string reason, long ask, AskFailure kind)
    {
        if (ask != 0)
        {
            state.Asks.Fail(ask, kind, reason);
            return;
        }

        var output = shards.Record(shards.ShardOf(sender), ShardTag.Refused);
        output.I64(sender.Value);
        output.U16((ushort)call);
        output.Text(target);
        output.Text(reason);
    }

    private void Note(ProcessId sender, int count)
    {
        if (count == 0)
        {
            return;
        }

        if (_taken is [.., var last] && last.Sender == sender)
        {
            _taken[^1] = (sender, last.Count + count);
        }
        else
        {
            _taken.Add((sender, count));
        }
    }

    private bool IsStranger(ProcessId sender) => 0 < sender.Value && (IsOwn || state.Find(sender) is null);

    private static bool Fits(Process process, int handler, ReadOnlySpan<byte> payload) =>
        handler < process.Agent.Handlers.Length
        && ValueEncoding.IsValid(process.Agent.Handlers[handler].Payload, payload);
}
