using Tars.Base;
using Tars.Kernel.Blobs;
using Tars.Kernel.Ipc;
using Tars.Kernel.Ports;
using Tars.Kernel.Processes;

namespace Tars.Kernel.Sharding;

/// <summary>What becomes of mail that waits with its sender when sender and receiver come apart: a record for the
/// other shard, at its place in the order.</summary>
internal static class MovingMail
{
    /// <summary>Null, or why something that waits for one of those cannot go to another shard.</summary>
    public static string? WhyNot(KernelState state, Mailbox outbox, Func<ProcessId, bool> isApart)
    {
        for (int index = 0; index < outbox.Count; index++)
        {
            ref var mail = ref outbox.At(index);
            if (mail.Kind == MailKind.Message && isApart(mail.Target) && state.Find(mail.Target) is not null
                && mail.Ask < 0)
            {
                return "somebody outside waits for what waits for room";
            }
        }

        return null;
    }

    /// <summary>True when something waits for one of those.</summary>
    public static bool Names(Mailbox outbox, Func<ProcessId, bool> isOne)
    {
        for (int index = 0; index < outbox.Count; index++)
        {
            ref var mail = ref outbox.At(index);
            if (mail.Kind == MailKind.Message && isOne(mail.Target))
            {
                return true;
            }
        }

        return false;
    }

    public static bool HoldsAskOfOutside(Mailbox mailbox)
    {
        for (int index = 0; index < mailbox.Count; index++)
        {
            if (mailbox.At(index).Ask < 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The blobs that what waits in a mailbox names.</summary>
    public static IEnumerable<Blob> BlobsIn(Mailbox mailbox)
    {
        for (int index = 0; index < mailbox.Count; index++)
        {
            foreach (var blob in mailbox.At(index).Blobs?.All ?? [])
            {
                yield return blob;
            }
        }
    }

    /// <summary>The same outbox, in which what is for those is a record for another shard.</summary>
    /// <remarks>
    /// It holds its blobs, as the one does that it is made of: whoever needs one of the two no more lets go of it. A
    /// receiver that has just left is not found any more; the agent of its handler is its own still.
    /// </remarks>
    public static Mailbox Apart(KernelState state, Process sender, Func<ProcessId, bool> isApart)
    {
        var apart = new Mailbox();
        var record = new ByteWriter();
        int offset = 0;
        for (int index = 0; index < sender.Outbox.Count; index++)
        {
            var mail = sender.Outbox.At(index);
            var payload = sender.Outbox.PayloadFrom(offset, mail.PayloadSize);
            offset += mail.PayloadSize;
            if (mail.Kind == MailKind.Withdrawn)
            {
                continue;
            }

            if (mail.Kind != MailKind.Message || !isApart(mail.Target) || PlaceOf(state, mail.Target) is not { } place)
            {
                apart.Push(mail, payload);
                continue;
            }

            record.Clear();
            Departures.WriteMessage(record, mail.Target, sender.Id, place, mail.Handler, mail.Ask, payload);
            var moved = new Mail { Kind = MailKind.Elsewhere, Target = mail.Target, Ask = mail.Ask };
            moved.Blobs = BlobPlaces.CargoOf(state.AgentOf(place).Handlers[mail.Handler].Payload, payload, state);
            apart.Push(moved, record.Written);
        }

        return apart;
    }

    private static int? PlaceOf(KernelState state, ProcessId process) =>
        state.Find(process)?.Agent.Place ?? state.Shards?.AgentOf(process)?.Place;
}
