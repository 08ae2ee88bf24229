using System.Buffers.Binary;
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
            state.Outside.Looked(process.Id, state: null, process.IsEnded ? "it has ended" : "it is not born yet");
            return;
        }

        state.Lone.Begin(process, new LoneEvent(process.Guest, EventKind.Save, Show));
    }

    /// <summary>What a guest left, with ids in place of slots; null when it is not a state of the agent.</summary>
    public static SavedState? Read(Process process, ReadOnlyMemory<byte> saved)
    {
        var spec = process.Agent.Spec;
        if (saved.Length < SavedHead.Size)
        {
            return null;
        }

        uint pending = BinaryPrimitives.ReadUInt32LittleEndian(saved.Span[SavedHead.Pending..]);
        if ((uint)spec.Continuations.Length < pending)
        {
            return null;
        }

        var types = TypesOf(spec, (int)pending - 1);
        var values = saved.Span[SavedHead.Size..];
        if (SlotPlaces.AnyIn(types))
        {
            var translated = new ByteWriter(saved.Length);
            translated.Bytes(saved.Span[..SavedHead.Size]);
            if (!StateTranslation.TryToIds(types, values, process.Caps, translated))
            {
                return null;
            }

            saved = translated.ToArray();
        }
        else if (!ValueEncoding.IsValid(types, values))
        {
            return null;
        }

        return new SavedState(process.Id, spec, saved, (int)pending - 1, FieldsAt(spec, (int)pending - 1, saved.Span));
    }

    private static SchemaType.Record TypesOf(AgentSpec spec, int continuation) => new(
        "", continuation < 0 ? spec.State : [.. spec.Continuations[continuation].Locals, .. spec.State]);

    private static int FieldsAt(AgentSpec spec, int continuation, ReadOnlySpan<byte> octets)
    {
        var reader = new ByteReader(octets);
        _ = reader.Bytes(SavedHead.Size);
        if (0 <= continuation)
        {
            ValueEncoding.Skip(new SchemaType.Record("", spec.Continuations[continuation].Locals), ref reader);
        }

        return reader.Position;
    }

    private void Show(Process process, LoneEvent save)
    {
        var saved = save.Failure is null ? Read(process, save.Saved) : null;
        string why = saved is null ? save.Failure ?? "it is not a state of its agent" : "";
        state.Outside.Looked(process.Id, saved, why);
        state.Wake(process);
    }
}
