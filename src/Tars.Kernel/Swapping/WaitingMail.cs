using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Kernel.Ipc;
using Tars.Kernel.Processes;
using Tars.Kernel.Sharding;

namespace Tars.Kernel.Swapping;

/// <summary>Mail that waits for processes whose module is swapped: how it becomes mail of the new version.</summary>
/// <remarks>
/// It stands in the mailboxes of the module's processes, and in the outboxes of whoever sends to them. What was written
/// keeps its place, so nothing is lost, told twice, or overtaken.
/// </remarks>
internal static class WaitingMail
{
    /// <summary>Every process that would not know its agent, and every handler whose mail could not be read.</summary>
    public static List<string> WhyNot(KernelState state, SwapWork work)
    {
        var reasons = new List<string>();
        foreach (var process in state.Processes.Values)
        {
            if (process.Agent.ModuleIndex == work.Module)
            {
                Look(process.Mail, work, process, reasons);
                if (process.Held is { } held)
                {
                    Look(held, work, process, reasons);
                }
            }

            for (int index = 0; index < process.Outbox.Count; index++)
            {
                ref var mail = ref process.Outbox.At(index);
                if (mail.Kind != MailKind.Elsewhere
                    && state.Find(mail.Target) is { } target && target.Agent.ModuleIndex == work.Module)
                {
                    Look(mail, work, target, reasons);
                }
            }
        }

        reasons.AddRange(LinkMail.WhyNot(state, work));
        foreach (var (target, mail) in state.Link.OnTheWay)
        {
            if (target.Agent.ModuleIndex == work.Module && !target.IsEnded)
            {
                Look(mail, work, target, reasons);
            }
        }

        return [.. reasons.Distinct()];
    }

    /// <summary>One message that is still on its way to a process that moves.</summary>
    public static (Mail Mail, byte[] Payload) Convert(Mail mail, byte[] octets, AgentMove move)
    {
        int handler = mail.Handler;
        mail.Handler = move.Handlers[handler].Handler;
        if (move.Handlers[handler].KeepsPayload)
        {
            return (mail, octets);
        }

        var payload = new ByteWriter();
        Write(octets, handler, move, payload);
        return (mail, payload.ToArray());
    }

    /// <summary>The mailbox of a process that moves. Ticks of timers that are gone are left out.</summary>
    public static Mailbox Convert(Mailbox old, AgentMove move)
    {
        if (IsSame(move))
        {
            return old;
        }

        var converted = new Mailbox();
        var payload = new ByteWriter();
        int offset = 0;
        for (int index = 0; index < old.Count; index++)
        {
            var mail = old.At(index);
            var octets = old.PayloadFrom(offset, mail.PayloadSize);
            offset += mail.PayloadSize;
            if (mail.Kind != MailKind.Withdrawn && 0 <= move.Handlers[mail.Handler].Handler)
            {
                Push(converted, mail, octets, move, payload);
            }
        }

        old.LetGo();
        return converted;
    }

    /// <summary>The outbox of a process, where some of what waits is for processes that move.</summary>
    public static Mailbox Convert(KernelState state, Mailbox old, SwapWork work)
    {
        var converted = new Mailbox();
        var payload = new ByteWriter();
        int offset = 0;
        for (int index = 0; index < old.Count; index++)
        {
            var mail = old.At(index);
            var octets = old.PayloadFrom(offset, mail.PayloadSize);
            offset += mail.PayloadSize;
            if (mail.Kind == MailKind.Withdrawn)
            {
                continue;
            }

            if (mail.Kind != MailKind.Elsewhere && state.Find(mail.Target) is { } target
                && work.Transfers.TryGetValue(target.Id, out var transfer))
            {
                Push(converted, mail, octets, transfer.Move, payload);
            }
            else
            {
                converted.Push(mail, octets);
            }
        }

        old.LetGo();
        return converted;
    }

    /// <summary>The last first: a mistake that may be planted.</summary>
    public static Mailbox Turned(Mailbox mailbox)
    {
        var turned = new Mailbox();
        int end = 0;
        for (int index = 0; index < mailbox.Count; index++)
        {
            end += mailbox.At(index).PayloadSize;
        }

        for (int index = mailbox.Count - 1; 0 <= index; index--)
        {
            var mail = mailbox.At(index);
            end -= mail.PayloadSize;
            turned.Push(mail, mailbox.PayloadFrom(end, mail.PayloadSize));
        }

        mailbox.LetGo();
        return turned;
    }

    private static void Push(
        Mailbox converted, Mail mail, ReadOnlySpan<byte> octets, AgentMove move, ByteWriter payload)
    {
        int handler = mail.Handler;
        mail.Handler = move.Handlers[handler].Handler;
        if (mail.Kind != MailKind.Message || move.Handlers[handler].KeepsPayload)
        {
            converted.Push(mail, octets);
            return;
        }

        payload.Clear();
        Write(octets, handler, move, payload);
        converted.Push(mail, payload.Written);
    }

    // A manifest may say of its handler what no sender keeps to; then the event arrives with no octets, which is trap
    // MalformedEvent.
    private static void Write(ReadOnlySpan<byte> octets, int handler, AgentMove move, ByteWriter payload)
    {
        // Where there is no conversion, it has refused the swap.
        if (ValueEncoding.IsValid(move.Old.Handlers[handler].Payload.AsSpan(), octets)
            && !Converter.Run(move.Handlers[handler].Payload!, octets, payload))
        {
            payload.Clear();
        }
    }

    private static bool IsSame(AgentMove move)
    {
        for (int handler = 0; handler < move.Handlers.Length; handler++)
        {
            var one = move.Handlers[handler];
            if (one.Handler != handler || !one.KeepsPayload || !one.KeepsAnswer)
            {
                return false;
            }
        }

        return true;
    }

    private static void Look(Mailbox mailbox, SwapWork work, Process process, List<string> reasons)
    {
        if (work.Plan.Agents[process.Agent.AgentIndex] is not { } move)
        {
            reasons.Add($"agent `{process.Agent.Name}` is gone, and {process.Id} lives");
            return;
        }

        if (IsSame(move))
        {
            return;
        }

        for (int index = 0; index < mailbox.Count; index++)
        {
            Look(mailbox.At(index), work, process, reasons);
        }
    }

    private static void Look(in Mail mail, SwapWork work, Process process, List<string> reasons)
    {
        if (mail.Kind is MailKind.Withdrawn or MailKind.Tick
            || work.Plan.Agents[process.Agent.AgentIndex] is not { } move)
        {
            return;
        }

        var handler = move.Handlers[mail.Handler];
        bool moves = mail.Kind == MailKind.Lines ? handler.KeepsPayload : handler.Payload is not null;
        if (!moves)
        {
            string name = KernelReports.NameOf(process.Agent.Handlers[mail.Handler].Spec);
            string why = handler.Why.Length == 0 ? "its lines change" : handler.Why;
            reasons.Add($"mail for `{name}` waits, and {why}");
        }
        else if (mail.Ask != 0 && !handler.KeepsAnswer)
        {
            string name = KernelReports.NameOf(process.Agent.Handlers[mail.Handler].Spec);
            reasons.Add($"somebody waits for an answer of `{name}`, which answers otherwise now");
        }
    }
}
