using System.Buffers.Binary;
using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;
using Tars.Kernel.Caps;
using Tars.Kernel.Linking;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Processes;

/// <summary>Has the typed state of processes saved: for a person who looks, for a hash, for a swap.</summary>
/// <remarks>
/// A save changes nothing that a handler could tell: it is undone. What it leaves is a claim until it was decoded
/// against the state schema of its agent.
/// </remarks>
internal sealed class Saving(KernelState state)
{
    /// <summary>Somebody wants to see the state of a process; he is told once its guest is idle.</summary>
    public void Look(ProcessId id)
    {
        if (state.Find(id) is not { } process)
        {
            state.Outside.Looked(id, state: null, "the process has ended");
            return;
        }

        process.LookDue = true;
        LookIfDue(process);
    }

    /// <summary>Shows the state of a process if somebody waits for that and its guest is idle.</summary>
    public void LookIfDue(Process process)
    {
        if (!process.LookDue || process.Phase != GuestPhase.Idle)
        {
            return;
        }

        process.LookDue = false;
        if (process.IsEnded || process.BirthDue || process.Guest is null)
        {
            state.Outside.Looked(process.Id, state: null, WhyNone(process));
            return;
        }

        state.Lone.Begin(process, new LoneEvent(process.Guest, EventKind.Save, Show));
    }

    /// <summary>What a guest left, with ids in place of slots; null when it is not a state of the agent.</summary>
    public static SavedState? Read(ProcessId process, AgentSpec spec, CapTable caps, ReadOnlyMemory<byte> saved)
    {
        if (ContinuationOf(spec, saved.Span) is not { } continuation)
        {
            return null;
        }

        ImmutableArray<SchemaField> locals = continuation < 0 ? [] : spec.Continuations[continuation].Locals;
        var types = new SchemaType.Record("", [.. locals, .. spec.State]);
        if (SlotPlaces.AnyIn(types))
        {
            var translated = new ByteWriter(saved.Length);
            translated.Bytes(saved.Span[..SavedHead.Size]);
            if (!StateTranslation.TryToIds(types, saved.Span[SavedHead.Size..], caps, translated))
            {
                return null;
            }

            saved = translated.ToArray();
        }

        var reader = new ByteReader(saved.Span);
        _ = reader.Bytes(SavedHead.Size);
        foreach (var local in locals)
        {
            ValueEncoding.Skip(local.Type, ref reader);
        }

        int fieldsAt = reader.Position;
        int[] starts = Starts(spec, ref reader);
        return reader is { Failed: false, AtEnd: true }
            ? new SavedState(process, spec, saved, continuation, fieldsAt) { Starts = starts }
            : null;
    }

    /// <summary>Of a state that waits for no answer: where in it each field begins, and where the last ends; null when
    /// it is none.</summary>
    public static int[]? StartsOf(AgentSpec spec, ReadOnlySpan<byte> saved)
    {
        if (ContinuationOf(spec, saved) is not < 0)
        {
            return null;
        }

        var reader = new ByteReader(saved);
        _ = reader.Bytes(SavedHead.Size);
        int[] starts = Starts(spec, ref reader);
        return reader is { Failed: false, AtEnd: true } ? starts : null;
    }

    // Less than zero where no answer is awaited; null when it is not even the head of a state.
    private static int? ContinuationOf(AgentSpec spec, ReadOnlySpan<byte> saved)
    {
        if (saved.Length < SavedHead.Size)
        {
            return null;
        }

        uint pending = BinaryPrimitives.ReadUInt32LittleEndian(saved[SavedHead.Pending..]);
        return pending <= (uint)spec.Continuations.Length ? (int)pending - 1 : null;
    }

    private static int[] Starts(AgentSpec spec, ref ByteReader reader)
    {
        int fieldsAt = reader.Position;
        int[] starts = new int[spec.State.Length + 1];
        for (int field = 0; field < spec.State.Length; field++)
        {
            ValueEncoding.Skip(spec.State[field].Type, ref reader);
            starts[field + 1] = reader.Position - fieldsAt;
        }

        return starts;
    }

    private static string WhyNone(Process process) =>
        process.IsEnded ? "it has ended"
        : 0 < process.Restarts ? "it begins anew, and is not born again yet"
        : "it is not born yet";

    private void Show(Process process, LoneEvent save)
    {
        var saved = save.Failure is null
            ? Read(process.Id, process.Agent.Spec, process.Caps, save.Saved.WrittenMemory)
            : null;
        string why = saved is null ? save.Failure ?? "it is not a state of its agent" : "";
        state.Outside.Looked(process.Id, saved, why);
        state.Wake(process);
    }
}
