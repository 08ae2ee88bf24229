using Tars.Bundle.Abi;
using Tars.Kernel.Linking;
using Tars.Kernel.Ports;
using Tars.Kernel.Processes;

namespace Tars.Kernel.Swapping;

/// <summary>What a process held in its old version, with the kernel's ids: a copy, or where it lies in the old guest.
/// </summary>
/// <remarks>
/// Invariant: it was decoded against the types of its agent, and a guest in which it lies runs nothing as long as
/// somebody reads it.
/// </remarks>
internal sealed class OldState
{
    private readonly ReadOnlyMemory<byte> _copy;
    private readonly IGuest? _guest;
    private readonly Range _at;
    private readonly int[] _starts;

    private OldState(ReadOnlyMemory<byte> copy, IGuest? guest, Range at, int[] starts)
    {
        _copy = copy;
        _guest = guest;
        _at = at;
        _starts = starts;
    }

    /// <summary>The octets that every state begins with.</summary>
    public ReadOnlySpan<byte> Head => Octets[..SavedHead.Size];

    private ReadOnlySpan<byte> Octets => _guest is null ? _copy.Span : _guest.Memory[_at];

    /// <summary>True when the state of an agent may be read where its guest left it.</summary>
    public static bool MayStay(AgentMove move) => !move.Old.State.Any(field => SlotPlaces.AnyIn(field.Type));

    /// <summary>Null when what was saved is not a state of its agent, or one that waits for an answer.</summary>
    public static OldState? Of(Process process, AgentMove move, LoneEvent save)
    {
        if (save.StayedAt is { } at)
        {
            return Saving.StartsOf(move.Old, save.Guest.Memory[at]) is { } starts
                ? new OldState(copy: default, save.Guest, at, starts)
                : null;
        }

        return Saving.Read(process.Id, move.Old, process.Caps, save.Saved.WrittenMemory) is { Continuation: < 0 } saved
            ? new OldState(saved.Octets, guest: null, default, saved.Starts)
            : null;
    }

    public ReadOnlySpan<byte> FieldAt(int index) =>
        Octets[(SavedHead.Size + _starts[index])..(SavedHead.Size + _starts[index + 1])];
}
