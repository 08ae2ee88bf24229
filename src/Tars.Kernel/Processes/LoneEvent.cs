using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Processes;

/// <summary>An event of the kernel's own for one guest, alone in its batch: what to do, then what came of it.</summary>
/// <param name="guest">The guest of the process, or one that is to become it.</param>
/// <param name="then">Called when it is over, from inside Step.</param>
internal sealed class LoneEvent(IGuest guest, EventKind kind, Action<Process, LoneEvent> then)
{
    public IGuest Guest { get; } = guest;

    public EventKind Kind { get; } = kind;

    public Action<Process, LoneEvent> Then { get; } = then;

    public int Handler { get; init; }

    public long Instant { get; init; }

    public long FuelMax { get; init; } = Limits.FuelDefault;

    public int PayloadSize { get; init; }

    /// <summary>Writes the payload, all of it, to where it is read; null when it is empty.</summary>
    public PayloadWriter? WritePayload { get; init; }

    /// <summary>True while the guest makes its event ring large enough.</summary>
    public bool IsReserving { get; set; }

    /// <summary>The guest before the event, where it keeps no undo log and the event is undone.</summary>
    public GuestState? Snapshot { get; set; }

    /// <summary>Null when the guest did what the event asks for; else why not, for a person.</summary>
    public string? Failure { get; set; }

    /// <summary>Where the guest stood when it failed; a number of its debug map.</summary>
    public uint Site { get; set; }

    /// <summary>Of Save: where the octets go that the guest leaves, still with its slots.</summary>
    public ByteWriter Saved { get; init; } = new(0);

    /// <summary>Of Save: true when the octets may stay in the guest, which runs nothing until they are read.</summary>
    public bool MayStay { get; init; }

    /// <summary>Of Save: where they stayed in the guest's memory; null when <see cref="Saved"/> has them.</summary>
    public Range? StayedAt { get; set; }

    /// <summary>Of all others: the records of the effects that it asked for, whole.</summary>
    public byte[] Effects { get; set; } = [];
}

/// <summary>Writes the payload of an event into the event ring.</summary>
internal delegate void PayloadWriter(Span<byte> payload);
