using System.Buffers.Binary;
using Tars.Bundle.Abi;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Processes;

/// <summary>Calls guests, and knows of each call what a replay has to know.</summary>
/// <remarks>
/// When the wall clock ends a call no one can tell where, so a replay does not run what was aborted: it runs what had
/// been committed before, and ends the call in the same way (decision 055).
/// </remarks>
internal sealed class GuestCalls(KernelState state)
{
    /// <summary>Starts a call.</summary>
    /// <param name="room">How many of the batch's events may run, when not all.</param>
    /// <returns>How it ended, or null when that comes later.</returns>
    public GuestResult? Start(Process process, GuestCall call, int room)
    {
        var planned = state.Trace.Next();
        process.Call = state.Trace.Calls;
        process.Aborted = planned is { } abort && abort.Committed < room ? planned : null;
        // A process that is ready has a guest.
        return process.Aborted is { } aborted ? Repeat(process, call, aborted) : Run(process.Guest!, call);
    }

    /// <summary>Starts an event of the kernel's own, which commits nothing or is thrown away with its guest.</summary>
    public GuestResult? StartAlone(Process process, IGuest guest, GuestCall call)
    {
        var planned = state.Trace.Next();
        process.Call = state.Trace.Calls;
        return planned is { } abort ? EndOf(abort) : Run(guest, call);
    }

    /// <summary>Notes a call that the wall clock ended, for whoever repeats this run.</summary>
    public void Note(Process process, GuestResult result, int committed, uint site, AbortEnd end)
    {
        if (result.Fault?.Kind == FaultKind.Deadline)
        {
            process.WasAborted = true;
            state.Trace.Add(new AbortedCall(process.Call, committed, result.FuelUsed, site, end));
        }
    }

    /// <summary>Octets of the first records of the batch that was just composed.</summary>
    public static int Prefix(GuestView view, int events)
    {
        _ = view.TryEvents(out var ring); // It was composed there.
        int bytes = 0;
        for (int index = 0; index < events; index++)
        {
            bytes += BinaryPrimitives.ReadInt32LittleEndian(ring[bytes..]);
        }

        return bytes;
    }

    private GuestResult? Run(IGuest guest, GuestCall call)
    {
        state.RunningGuest = guest;
        var answer = guest.Start(call);
        state.RunningGuest = null;
        state.Running += answer.Running ? 1 : 0;
        return answer.Running ? null : answer.Result;
    }

    private GuestResult? Repeat(Process process, GuestCall call, AbortedCall abort)
    {
        bool ran = call.Entry == GuestEntry.Run && abort.End != AbortEnd.NotSound && 0 < abort.Committed;
        if (ran && GuestView.TryOpen(process.Guest!, out var before))
        {
            int events = Math.Min(abort.Committed, process.Batch.Total); // A journal may say anything.
            var result = Run(process.Guest!, call with { Argument = Prefix(before, events) });
            if (result is not { Fault: null })
            {
                process.Aborted = null; // It comes later, or this is another run after all.
                return result;
            }
        }

        if (GuestView.TryOpen(process.Guest!, out var after))
        {
            after[ControlBlock.Site] = abort.Site;
        }

        return EndOf(abort);
    }

    private static GuestResult EndOf(AbortedCall abort) =>
        new(abort.FuelUsed, new GuestFault(FaultKind.Deadline));
}
