using Tars.Bundle.Abi;
using Tars.Bundle.Schema;
using Tars.Kernel.Processes;

namespace Tars.Kernel.Blobs;

/// <summary>Ends the slots of blobs that a process names nowhere any more.</summary>
/// <remarks>
/// A guest does not say when it forgets a blob. Where no state can name one, all slots end with the event. Else the
/// state is saved and read when the process holds about twice what it held after the last time, so that looking costs
/// a share of what was made or received.
/// </remarks>
internal sealed class BlobSweep(KernelState state)
{
    /// <summary>The guest of a process is idle again.</summary>
    public void LookIfDue(Process process)
    {
        bool mayLook = process is
            { IsEnded: false, BirthDue: false, Phase: GuestPhase.Idle, Guest: not null, Caps.HoldsBlobs: true }
            && !process.HasWindows && process.Waiting?.Payload is null; // An answer that waits has slots.
        if (!mayLook)
        {
            return;
        }

        if (!process.Agent.KeepsBlobs && process.Waiting is null)
        {
            process.Caps.DropBlobs(_ => false);
        }
        else if (process.Caps.AreBlobsDue && process.Hold == Hold.None)
        {
            state.Lone.Begin(process, new LoneEvent(process.Guest!, EventKind.Save, Sweep)
            {
                Saved = state.Buffers.Rent(),
            });
        }
    }

    private void Sweep(Process process, LoneEvent save)
    {
        process.Fingerprint = null; // A save may have made its memory larger.
        var spec = process.Agent.Spec;
        if (!process.IsEnded && save.Failure is null
            && Saving.Read(process.Id, spec, process.Caps, save.Saved.WrittenMemory) is { } saved)
        {
            var types = new SchemaType.Record("", [.. saved.LocalTypes, .. spec.State]);
            var named = BlobPlaces.IdsIn(types, saved.Octets.Span[SavedHead.Size..]).ToHashSet();
            process.Caps.DropBlobs(named.Contains);
        }

        process.Caps.NoteBlobs();
        state.Buffers.Return(save.Saved);
        state.Wake(process);
    }
}
