using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Kernel.Blobs;
using Tars.Kernel.Ipc;
using Tars.Kernel.Linking;
using Tars.Kernel.Ports;
using Tars.Kernel.Processes;
using Tars.Kernel.Timers;

namespace Tars.Kernel.Checkpoints;

/// <summary>The octets of a mailbox or an outbox, entries that were withdrawn among them: they count until they come
/// first.</summary>
internal static class MailCodec
{
    public static void Save(ByteWriter output, Mailbox mailbox, BatchTable batches)
    {
        output.U32((uint)mailbox.Count);
        int offset = 0;
        for (int index = 0; index < mailbox.Count; index++)
        {
            ref var mail = ref mailbox.At(index);
            output.U8((byte)mail.Kind);
            output.U16((ushort)mail.Handler);
            output.I64(mail.Sender.Value);
            output.I64(mail.Ask);
            output.U32((uint)mail.Turns);
            output.I64(mail.Instant);
            output.I64(mail.Arrived);
            output.I64(mail.Target.Value);
            if (mail is { Kind: MailKind.Lines, Lines: { } lines })
            {
                output.U32((uint)batches.PlaceOf(lines));
                output.U32((uint)mail.NextLine);
            }

            if (mail.Kind == MailKind.Elsewhere)
            {
                SaveCargo(output, mail.Blobs);
            }

            output.U32((uint)mail.PayloadSize);
            output.Bytes(mailbox.PayloadFrom(offset, mail.PayloadSize));
            offset += mail.PayloadSize;
        }
    }

    /// <param name="agent">Of the receiver; null for an outbox, whose entries have receivers of their own.</param>
    /// <param name="timers">Of the receiver; none for an outbox.</param>
    /// <param name="isShard">True for an outbox on one of several shards, which may hold records for others.</param>
    public static bool Load(
        ref ByteReader input,
        Mailbox mailbox,
        AgentImage? agent,
        TimerEntry?[] timers,
        BatchTable batches,
        KernelState state,
        bool isShard = false)
    {
        for (uint left = input.U32(); 0 < left && !input.Failed; left--)
        {
            var mail = new Mail
            {
                Kind = (MailKind)input.U8(),
                Handler = input.U16(),
                Sender = new ProcessId(input.I64()),
                Ask = input.I64(),
                Turns = (int)input.U32(),
                Instant = input.I64(),
                Arrived = input.I64(),
                Target = new ProcessId(input.I64()),
            };
            if (mail.Kind == MailKind.Lines)
            {
                mail.Lines = batches.Find(input.U32());
                mail.NextLine = (int)input.U32();
            }

            if (mail.Kind == MailKind.Elsewhere)
            {
                mail.Blobs = LoadCargo(ref input, state);
            }

            var payload = input.Bytes(input.U32());
            mail.Timer = mail.Kind == MailKind.Tick && mail.Handler < timers.Length ? timers[mail.Handler] : null;
            bool fits = agent is null ? IsOutgoing(mail, isShard) : Fits(mail, payload, agent);
            if (!fits || input.Failed || mail.Turns < 0)
            {
                return false;
            }

            if (agent is not null && mail.Kind == MailKind.Message)
            {
                mail.Blobs = BlobPlaces.HoldOf(agent.Handlers[mail.Handler].Payload, payload, state.Blobs);
            }

            mailbox.PutBack(mail, payload);
        }

        return !input.Failed;
    }

    /// <summary>Whether what waits in an outbox is what its receiver takes; one that has ended takes nothing. Only now
    /// is it known which blobs it names.</summary>
    public static bool Link(KernelState state, Mailbox outbox)
    {
        int offset = 0;
        for (int index = 0; index < outbox.Count; index++)
        {
            ref var mail = ref outbox.At(index);
            bool fits = mail.Kind switch
            {
                MailKind.Withdrawn => true,
                MailKind.Elsewhere => HasPlace(state, mail),
                _ => state.Find(mail.Target) is not { } target
                    || Fits(mail, outbox.PayloadFrom(offset, mail.PayloadSize), target.Agent),
            };
            if (!fits)
            {
                return false;
            }

            if (mail.Kind == MailKind.Message && state.Find(mail.Target) is { } receiver)
            {
                var payload = outbox.PayloadFrom(offset, mail.PayloadSize);
                mail.Blobs = BlobPlaces.HoldOf(receiver.Agent.Handlers[mail.Handler].Payload, payload, state.Blobs);
                mail.Blobs?.Take();
            }

            offset += mail.PayloadSize;
        }

        return true;
    }

    // A record for another shard does not say where its blobs and capabilities stand.
    private static void SaveCargo(ByteWriter output, BlobHold? cargo)
    {
        long[] blobs = [.. (cargo?.All ?? []).Select(one => one.Id)];
        long[] lent = [.. (cargo?.Lent ?? []).Where(one => !one.IsRevoked).Select(one => one.Id)];
        foreach (long[] ids in new[] { blobs, lent })
        {
            output.U32((uint)ids.Length);
            foreach (long id in ids)
            {
                output.I64(id);
            }
        }
    }

    private static BlobHold? LoadCargo(ref ByteReader input, KernelState state)
    {
        var blobs = LoadKnown(ref input, state.Blobs.Find);
        var lent = LoadKnown(ref input, state.Derivations.Find);
        return blobs.Count + lent.Count == 0 ? null : new BlobHold(blobs) { Lent = lent };
    }

    private static List<T> LoadKnown<T>(ref ByteReader input, Func<long, T?> find)
        where T : class
    {
        var known = new List<T>();
        for (uint left = input.U32(); 0 < left && !input.Failed; left--)
        {
            if (find(input.I64()) is { } one)
            {
                known.Add(one);
            }
            else
            {
                input.Fail();
            }
        }

        return known;
    }

    private static bool IsOutgoing(in Mail mail, bool isShard) =>
        mail.Kind is MailKind.Message or MailKind.Withdrawn || (isShard && mail.Kind == MailKind.Elsewhere);

    // Whose it is says where it goes: a process, or the module with that index.
    private static bool HasPlace(KernelState state, in Mail mail) => mail.Target == ProcessId.Outside
        ? mail.Handler < state.System.Modules.Length
        : 0 < mail.Target.Value;

    private static bool Fits(in Mail mail, ReadOnlySpan<byte> payload, AgentImage agent)
    {
        if (mail.Kind == MailKind.Withdrawn)
        {
            return true;
        }

        if (agent.Handlers.Length <= mail.Handler)
        {
            return false;
        }

        var type = agent.Handlers[mail.Handler].Payload;
        return mail.Kind switch
        {
            MailKind.Message => ValueEncoding.IsValid(type, payload),
            MailKind.Tick => mail.Timer is not null && payload.IsEmpty,
            MailKind.Lines => Fits(mail, type, payload),
            _ => false, // A number from outside.
        };
    }

    // Lines that are text have been looked at; what stands behind each of them is the same for all.
    private static bool Fits(in Mail mail, SchemaType.Record type, ReadOnlySpan<byte> suffix)
    {
        if (mail.Lines is not { } lines || mail.NextLine < 0 || lines.Count < mail.NextLine)
        {
            return false;
        }

        if (lines.Form != LineForm.Encoded)
        {
            return lines.Count == mail.NextLine
                || ValueEncoding.IsValid(type, BatchComposer.PayloadOf(lines, mail.NextLine, suffix));
        }

        for (int index = mail.NextLine; index < lines.Count; index++)
        {
            if (!ValueEncoding.IsValid(type, BatchComposer.PayloadOf(lines, index, suffix)))
            {
                return false;
            }
        }

        return true;
    }
}
