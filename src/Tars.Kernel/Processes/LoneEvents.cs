using System.Buffers.Binary;
using System.Text;
using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Kernel.Effects;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Processes;

/// <summary>Takes one guest through one event of the kernel's own: compose, start, check what came back.</summary>
/// <remarks>
/// It is the same way for an engine that answers Done and for one that answers Running. Save is undone whatever comes
/// of it. Any other event is for a guest that is not yet anybody's: when it fails the guest is thrown away.
/// </remarks>
internal sealed class LoneEvents(KernelState state)
{
    /// <summary>Begins an event of a process whose guest is idle.</summary>
    public void Begin(Process process, LoneEvent happened)
    {
        Invariant.Holds(process is { Phase: GuestPhase.Idle, Alone: null });
        process.Alone = happened;
        Go(process, happened);
    }

    /// <summary>The guest has come to the end of its call.</summary>
    public void Complete(Process process, GuestResult result)
    {
        var happened = process.Alone!; // The phase says that there is one.
        state.Trace.Returned(process.Id, result);
        state.Calls.Note(process, result, committed: 0, site: 0, AbortEnd.RolledBack);
        if (happened.IsReserving)
        {
            AfterReserve(process, happened, result);
        }
        else if (happened.Kind == EventKind.Save)
        {
            AfterSave(process, happened, result);
        }
        else
        {
            AfterOther(process, happened, result);
        }
    }

    private void Go(Process process, LoneEvent happened)
    {
        if (!GuestView.TryOpen(happened.Guest, out var view) || !view.TryEvents(out var ring))
        {
            End(process, happened, "its control block does not lie in its memory");
            return;
        }

        int size = (EventRecord.Payload + happened.PayloadSize + 7) & ~7;
        if (ring.Length < size && happened.IsReserving)
        {
            End(process, happened, "its event ring is not made large enough");
            return;
        }

        view.Open();
        happened.IsReserving = ring.Length < size;
        if (happened.IsReserving)
        {
            Start(process, happened, GuestEntry.Reserve, size);
            return;
        }

        Write(happened, ring[..size], process.Caps.NextMade.Encoded);
        happened.Snapshot = happened.Kind == EventKind.Save && !view.KeepsUndoLog ? happened.Guest.Save() : null;
        Start(process, happened, GuestEntry.Run, size);
    }

    private static void Write(LoneEvent happened, Span<byte> record, long nextSlot)
    {
        record[..EventRecord.Payload].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(record, (uint)record.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(record[EventRecord.Kind..], (ushort)happened.Kind);
        BinaryPrimitives.WriteUInt16LittleEndian(record[EventRecord.Handler..], (ushort)happened.Handler);
        BinaryPrimitives.WriteInt64LittleEndian(record[EventRecord.Instant..], happened.Instant);
        BinaryPrimitives.WriteInt64LittleEndian(record[EventRecord.NextSlot..], nextSlot);
        BinaryPrimitives.WriteUInt32LittleEndian(record[EventRecord.PayloadSize..], (uint)happened.PayloadSize);
        BinaryPrimitives.WriteUInt32LittleEndian(record[EventRecord.Turns..], 1);
        happened.WritePayload?.Invoke(record.Slice(EventRecord.Payload, happened.PayloadSize));
        record[(EventRecord.Payload + happened.PayloadSize)..].Clear();
    }

    private void Start(Process process, LoneEvent happened, GuestEntry entry, int argument)
    {
        process.Phase = GuestPhase.Alone;
        var call = new GuestCall(entry, argument, happened.FuelMax, process.Id);
        if (state.Calls.StartAlone(process, happened.Guest, call) is { } result)
        {
            Complete(process, result);
        }
    }

    private void AfterReserve(Process process, LoneEvent happened, GuestResult result)
    {
        process.Phase = GuestPhase.Idle;
        if (result.Fault is { } fault)
        {
            End(process, happened, $"its event ring is not made large enough: {fault.Kind}");
            return;
        }

        Go(process, happened);
    }

    private void AfterSave(Process process, LoneEvent happened, GuestResult result)
    {
        process.Phase = GuestPhase.Idle;
        if (!GuestView.TryOpen(happened.Guest, out var view))
        {
            End(process, happened, "its control block does not lie in its memory");
            return;
        }

        string? failure = null;
        if (result.Fault is { } fault)
        {
            failure = Words(happened, fault, view);
        }
        else if (view.EventsCommitted != 0
            || !view.TryRange(view[ControlBlock.SavedBase], view[ControlBlock.SavedSize], out var saved))
        {
            failure = "it does not save its state as ABI v1 says";
        }
        else if (happened is { MayStay: true, Snapshot: null }
            && !state.Undo.Touches(view, view[ControlBlock.SavedBase], saved.Length))
        {
            int at = (int)view[ControlBlock.SavedBase]; // It lies in the memory.
            happened.StayedAt = at..(at + saved.Length);
        }
        else
        {
            happened.Saved.Bytes(saved);
        }

        if (happened.Snapshot is { } snapshot)
        {
            happened.Guest.Restore(snapshot);
        }
        else if (!state.Undo.TryPlay(view))
        {
            failure = "its undo log is not sound";
            if (happened.Guest == process.Guest)
            {
                state.Supervisor.Break(process, failure);
            }
        }

        End(process, happened, failure);
    }

    private static void AfterOther(Process process, LoneEvent happened, GuestResult result)
    {
        process.Phase = GuestPhase.Idle;
        if (!GuestView.TryOpen(happened.Guest, out var view) || !view.TryEffects(out var ring)
            || (uint)ring.Length < view.EffectsCommitted)
        {
            End(process, happened, "its control block or effects are not sound");
            return;
        }

        if (result.Fault is { } fault)
        {
            End(process, happened, Words(happened, fault, view));
            return;
        }

        var effects = ring[..(int)view.EffectsCommitted];
        bool sound = view.EventsCommitted == 1 && EffectReader.AreWhole(effects, events: 1);
        happened.Effects = sound ? effects.ToArray() : [];
        End(process, happened, sound ? null : "its control block or effects are not sound");
    }

    private static string Words(LoneEvent happened, GuestFault fault, GuestView view)
    {
        var code = (GuestTrap)view[ControlBlock.TrapCode];
        happened.Site = view[ControlBlock.Site];
        var text = view.TryRange(view[ControlBlock.TrapTextBase], view[ControlBlock.TrapTextSize], out var octets)
            ? Encoding.UTF8.GetString(octets[..Math.Min(octets.Length, Limits.TrapTextMax)])
            : "";
        string what = fault.Kind == FaultKind.Unreachable && Enum.IsDefined(code) ? $"{code}" : $"{fault.Kind}";
        return text.Length == 0 ? what : $"{what}: {text}";
    }

    private static void End(Process process, LoneEvent happened, string? failure)
    {
        process.Alone = null;
        happened.Failure = failure;
        happened.Then(process, happened);
    }
}
