using System.Collections.Immutable;
using Tars.Kernel.Ipc;
using Tars.Kernel.Journal;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Processes;

/// <summary>Notes what a process has handled among its newest events, if its agent keeps them. Data plane.</summary>
internal static class EventNotes
{
    /// <summary>The first entry of the mailbox was handled, and is about to be taken off.</summary>
    public static void Mail(Process process)
    {
        if (process.Agent.KeepsRecent)
        {
            ref var mail = ref process.Mail.At(0);
            var payload = process.Mail.FirstPayload;
            var room = Of(process).Add(mail.Handler, mail.Sender, mail.Instant, payload.Length);
            payload[..room.Length].CopyTo(room);
        }
    }

    /// <summary>So many lines were handled, beginning with the next one.</summary>
    public static void Lines(Process process, LineBatch lines, in Mail mail, int taken)
    {
        int first = process.Agent.KeepsRecent ? Math.Max(0, taken - Limits.RecentEventsMax) : taken;
        var suffix = process.Mail.FirstPayload;
        for (int index = mail.NextLine + first; index < mail.NextLine + taken; index++)
        {
            int size = BatchComposer.SizeOf(lines, index, suffix);
            var room = Of(process).Add(mail.Handler, ProcessId.Outside, mail.Instant, size);
            if (!room.IsEmpty)
            {
                BatchComposer.Write(lines, index, suffix, room);
            }
        }
    }

    /// <summary>What is no mail was handled: a start, a stop, an answer.</summary>
    public static void Alone(Process process, int taken, long instant)
    {
        if (0 < taken && 0 <= process.Batch.Handler && process.Agent.KeepsRecent)
        {
            Of(process).AddBare(process.Batch.Handler, instant);
        }
    }

    /// <summary>What came before the event that was rolled back just now, which is the newest.</summary>
    /// <param name="committed">Events of the batch before it, those of the prelude among them.</param>
    /// <param name="taken">Events of the batch that were taken off.</param>
    public static ImmutableArray<RecentEvent> Before(Process process, int committed, int taken)
    {
        int trapped = 0 <= process.Batch.Handler ? taken - Math.Max(0, committed - process.Batch.Prelude) : 0;
        return process.Recent?.List(process.Agent, without: trapped) ?? [];
    }

    private static RecentEvents Of(Process process) => process.Recent ??= new RecentEvents();
}
