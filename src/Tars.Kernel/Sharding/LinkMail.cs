using System.Text;
using Tars.Base;
using Tars.Kernel.Ipc;
using Tars.Kernel.Swapping;

namespace Tars.Kernel.Sharding;

/// <summary>Records that wait for the link to another shard, when a module is swapped: they name agents and handlers by
/// number, so they become records of the new version at their place in the order.</summary>
internal static class LinkMail
{
    /// <summary>Every kind of mail that waits here and that the new version could not read.</summary>
    public static IEnumerable<string> WhyNot(KernelState state, SwapWork work)
    {
        var reasons = new List<string>();
        foreach (var process in state.Processes.Values)
        {
            int offset = 0;
            for (int index = 0; index < process.Outbox.Count; index++)
            {
                ref var mail = ref process.Outbox.At(index);
                var octets = process.Outbox.PayloadFrom(offset, mail.PayloadSize);
                offset += mail.PayloadSize;
                if (mail.Kind == MailKind.Elsewhere && WhyNot(state, work, mail, octets) is { } why)
                {
                    reasons.Add(why);
                }
            }
        }

        return reasons.Distinct();
    }

    /// <summary>Converts what waits with all processes of this shard. The system is still the one before.</summary>
    public static void Convert(KernelState state, SwapWork work)
    {
        if (state.Shards is null || state.Planted == Planted.LinkMailKeptInSwap)
        {
            return;
        }

        foreach (var process in state.Processes.Values.Where(one => 0 < Departures.WaitingOf(one.Outbox)))
        {
            process.Outbox = Converted(state, work, process.Outbox);
        }
    }

    private static Mailbox Converted(KernelState state, SwapWork work, Mailbox old)
    {
        var converted = new Mailbox();
        var record = new ByteWriter();
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

            record.Clear();
            bool isRewritten = IsMessage(mail) && TryRewrite(state, work, octets, record);
            converted.Push(mail, isRewritten ? record.Written : octets);
        }

        old.LetGo();
        return converted;
    }

    // False for what no sender of this kernel writes; its receiver refuses it.
    private static bool TryRewrite(KernelState state, SwapWork work, ReadOnlySpan<byte> octets, ByteWriter record)
    {
        var message = LinkMessage.Read(octets);
        if (state.System.Agents.Length <= message.Agent)
        {
            return false;
        }

        var agent = state.System.Agents[message.Agent];
        var payload = message.Payload;
        int handler = message.Handler;
        if (MoveOf(work, agent.ModuleIndex, agent.AgentIndex) is { } move && handler < move.Handlers.Length
            && move.Handlers[handler] is { Handler: >= 0, Payload: not null })
        {
            (var mail, byte[] converted) = WaitingMail.Convert(
                new Mail { Handler = handler }, payload.ToArray(), move);
            handler = mail.Handler;
            payload = converted;
        }

        // Where the agent is gone, so is its process: then nobody looks at the number.
        int place = work.AfterSwap(agent)?.Place ?? -1;
        Departures.WriteMessage(record, message.Target, message.Sender, place, handler, message.Ask, payload);
        return true;
    }

    private static string? WhyNot(KernelState state, SwapWork work, in Mail mail, ReadOnlySpan<byte> octets)
    {
        if (mail.Target == Ports.ProcessId.Outside)
        {
            return mail.Handler == work.Module ? WhyNotPublished(state, work, octets) : null;
        }

        if (!IsMessage(mail))
        {
            return null; // A use of a capability says nothing of a module.
        }

        var message = LinkMessage.Read(octets);
        if (state.System.Agents.Length <= message.Agent
            || state.System.Agents[message.Agent] is not { } agent
            || MoveOf(work, agent.ModuleIndex, agent.AgentIndex) is not { } move
            || move.Handlers.Length <= message.Handler)
        {
            return null;
        }

        var handler = move.Handlers[message.Handler];
        string name = KernelReports.NameOf(agent.Handlers[message.Handler].Spec);
        return handler.Payload is null
            ? $"mail for `{name}` waits on another shard, and {(handler.Why.Length == 0 ? "it is gone" : handler.Why)}"
            : message.Ask != 0 && !handler.KeepsAnswer
                ? $"somebody waits for an answer of `{name}`, which answers otherwise now"
            : null;
    }

    // Whoever takes a channel is looked for when its message arrives, so only the channel itself has to stay.
    private static string? WhyNotPublished(KernelState state, SwapWork work, ReadOnlySpan<byte> octets)
    {
        var input = new ByteReader(octets);
        _ = (input.U32(), input.I64(), input.U8());
        string channel = Encoding.UTF8.GetString(input.Bytes(input.U32()));
        bool stays = !input.Failed && state.System.TypeOf(channel) is { } type
            && type.Equals(work.System.TypeOf(channel))
            && work.System.Agents.Any(one => one.ModuleIndex == work.Module
                && one.Messages.Any(message => message.Pattern.Matches(channel.Split('/'))));
        return stays ? null : $"mail of the channel `{channel}` waits on another shard, and the channel changes";
    }

    private static bool IsMessage(in Mail mail) => mail is { Kind: MailKind.Elsewhere, Handler: not Lending.UseMail }
        && mail.Target != Ports.ProcessId.Outside;

    private static AgentMove? MoveOf(SwapWork work, int module, int agent) =>
        module == work.Module ? work.Plan.Agents[agent] : null;

    // The record of Departures.WriteMessage.
    private readonly ref struct LinkMessage
    {
        private LinkMessage(ReadOnlySpan<byte> octets)
        {
            var input = new ByteReader(octets);
            Target = new Ports.ProcessId(input.I64());
            Sender = new Ports.ProcessId(input.I64());
            uint agent = input.U32();
            Handler = input.U16();
            Ask = input.I64();
            Payload = input.Bytes(input.U32());
            Agent = input.Failed || int.MaxValue < agent ? int.MaxValue : (int)agent;
        }

        public Ports.ProcessId Target { get; }

        public Ports.ProcessId Sender { get; }

        /// <summary>More than there are for what is no record.</summary>
        public int Agent { get; }

        public int Handler { get; }

        public long Ask { get; }

        public ReadOnlySpan<byte> Payload { get; }

        public static LinkMessage Read(ReadOnlySpan<byte> octets) => new(octets);
    }
}
