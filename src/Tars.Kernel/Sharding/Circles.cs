using Tars.Base;
using Tars.Kernel.Ipc;
using Tars.Kernel.Ports;
using Tars.Kernel.Processes;

namespace Tars.Kernel.Sharding;

/// <summary>
/// Finds processes that wait for each other over several shards, by probes that follow who waits for whom (K. M.
/// Chandy, J. Misra, L. M. Haas, Distributed Deadlock Detection, ACM TOCS 1(2), 1983).
/// </summary>
/// <remarks>
/// Whoever begins to wait sends a probe; when it comes back to where it began, a circle is closed, and the wait that
/// began last is refused. All others of the circle waited before, so its probe meets each of them. Two waits that close
/// a circle at the same moment may both be refused.
///
/// Invariant: a probe is followed once on each shard for each process that it comes by, and over a bounded number of
/// shards, so that no guest makes many of one.
/// </remarks>
internal sealed class Circles(KernelState state, Shards shards)
{
    private readonly HashSet<(long From, long Serial, long By)> _seen = [];
    private long _serial;

    /// <summary>A process waits for an answer, perhaps of another shard.</summary>
    public void Asked(Process asker, long ask, ProcessId target) => Follow(ask, asker.Id, target, hops: 0);

    /// <summary>A process waits for room in a mailbox of another shard, or behind somebody who does.</summary>
    public void Blocked(Process sender) => Follow(sender.Id, ++_serial, sender, hops: 0);

    public void FollowAsk(ref ByteReader input)
    {
        long ask = input.I64();
        var asker = new ProcessId(input.I64());
        var target = new ProcessId(input.I64());
        byte hops = input.U8();
        if (!input.Failed)
        {
            Follow(ask, asker, target, hops);
        }
    }

    public void FollowRoom(ref ByteReader input)
    {
        var sender = new ProcessId(input.I64());
        long serial = input.I64();
        var by = new ProcessId(input.I64());
        byte hops = input.U8();
        if (input.Failed || !_seen.Add((sender.Value, serial, by.Value)))
        {
            return;
        }

        if (Limits.ProbesRememberedMax < _seen.Count)
        {
            _seen.Clear();
        }

        // Who waits is not here; for whose mailbox it waits, is.
        foreach (var process in shards.Arrivals.Holding.Values.Where(one => Holds(one, by)).ToArray())
        {
            Follow(sender, serial, process, hops);
        }
    }

    private void Follow(long ask, ProcessId asker, ProcessId target, int hops)
    {
        for (var at = target; at != ProcessId.Outside;)
        {
            if (state.Find(at) is not { } process)
            {
                if (shards.IsElsewhere(at) && hops < Limits.ProbeHopsMax)
                {
                    var output = shards.Record(shards.ShardOf(at), ShardTag.AskProbe);
                    output.I64(ask);
                    output.I64(asker.Value);
                    output.I64(at.Value);
                    output.U8((byte)(hops + 1));
                }

                return;
            }

            if (at == asker)
            {
                state.Asks.Fail(ask, AskFailure.Refused, "it would close a cycle of asks");
                return;
            }

            at = process.Waiting is { Payload: null } waits ? waits.Target : ProcessId.Outside;
        }
    }

    private void Follow(ProcessId sender, long serial, Process from, int hops)
    {
        var seen = new HashSet<Process>();
        var next = new Stack<Process>([from]);
        while (next.TryPop(out var process))
        {
            bool isBack = process.Id == sender && (process != from || 0 < hops);
            if (isBack)
            {
                Break(process);
                return;
            }

            if (!seen.Add(process))
            {
                continue;
            }

            bool waitsElsewhere = false;
            for (int index = 0; index < process.Outbox.Count; index++)
            {
                ref var mail = ref process.Outbox.At(index);
                waitsElsewhere |= mail.Kind == MailKind.Elsewhere;
                if (mail.Kind == MailKind.Message && state.Find(mail.Target) is { } waitsFor)
                {
                    next.Push(waitsFor);
                }
            }

            // Its own shard may hold mail of it too, once they have come together.
            var holders = waitsElsewhere ? shards.Arrivals.Holding.Values.Where(one => Holds(one, process.Id)) : [];
            foreach (var holder in holders)
            {
                next.Push(holder);
            }

            if (waitsElsewhere && hops < Limits.ProbeHopsMax)
            {
                Probe(sender, serial, process.Id, hops + 1);
            }
        }
    }

    // Which of the others holds its mail is known to them alone.
    private void Probe(ProcessId sender, long serial, ProcessId by, int hops)
    {
        for (int shard = 0; shard < shards.Plan.Count; shard++)
        {
            if (shard != shards.Own)
            {
                var output = shards.Record(shard, ShardTag.RoomProbe);
                output.I64(sender.Value);
                output.I64(serial);
                output.I64(by.Value);
                output.U8((byte)hops);
            }
        }
    }

    // What waits with it is refused, so it goes on; what others hold of it stays where it is.
    private void Break(Process sender)
    {
        const string Why = "the mailbox is full, and waiting would close a cycle";
        while (0 < sender.Outbox.Count)
        {
            var mail = sender.Outbox.At(0);
            if (mail.Kind == MailKind.Message && state.Find(mail.Target) is { } target)
            {
                target.BlockedSenders.Remove(sender);
                ClosedCapabilities.Audit(state, target.Agent, mail.Handler, sender.Id, sender.Outbox.FirstPayload);
            }

            sender.Outbox.Pop();
            if (mail.Ask != 0)
            {
                state.Asks.Fail(mail.Ask, AskFailure.Refused, Why);
            }
            else if (mail.Kind != MailKind.Withdrawn)
            {
                state.Effects.TellLate(sender, Bundle.Abi.HostCall.Send, NameOf(mail), Why);
            }
        }

        state.Wake(sender);
    }

    private string NameOf(in Mail mail) => mail.Target == ProcessId.Outside
        ? state.System.Modules[mail.Handler].Manifest.Name
        : mail.Target.ToString();

    private static bool Holds(Process process, ProcessId sender)
    {
        for (int index = 0; process.Held is { } held && index < held.Count; index++)
        {
            if (held.At(index).Sender == sender)
            {
                return true;
            }
        }

        return false;
    }
}
