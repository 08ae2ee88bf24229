using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Processes;

/// <summary>
/// Which processes ran lately. What was written into the rings of all others is zero again and costs no memory.
/// </summary>
/// <remarks>
/// So a process that waits costs its state and little else. Who is let go of is decided by what ran and by nothing
/// that could differ between two runs: a second chance (the clock algorithm, Corbató 1968) over those that ran. Who has
/// only been born and for whom nothing waits stands apart until it runs again, as in 2Q (Johnson and Shasha 1994): most
/// of those wait long, so the few newest are enough, nobody else has to make room for them, and what one lets go of
/// is still in the caches of the processor. Of what shares a page with the control block, as the event of a birth does
/// in a compiled guest, nothing goes back to the system, so that letting go costs no call of it.
///
/// Invariants:
///   I1  At most <see cref="Max"/> processes whose guest is idle are warm, and
///       <see cref="Limits.NewbornWarmProcessesMax"/> that have only been born.
///   I2  Who has ended keeps its place and is not held by it: thousands that lived shortly would grow old here, and the
///       garbage collector would have to look at all of them.
/// </remarks>
internal sealed class WarmProcesses
{
    private readonly WarmRing _newborn = new();
    private readonly WarmRing _warm = new();

    /// <summary>How many may be warm, those apart that have only been born.</summary>
    public int Max { get; set; } = Limits.WarmProcessesMax;

    /// <summary>A batch of the process is about to run.</summary>
    public void Ran(Process process)
    {
        bool waitsAfterwards = process is { Batch.Kind: BatchKind.Birth, Agent.Start: < 0, HasMail: false };
        if (process.WarmPlace == 0 && waitsAfterwards && HasRoomForNewborn)
        {
            process.WarmPlace = -_newborn.Add(process);
            return;
        }

        process.RanLately = true;
        if (process.WarmPlace <= 0)
        {
            Leave(process);
            process.WarmPlace = _warm.Add(process);
            CoolRest(process);
        }
    }

    /// <summary>A call of the process is over; its answer is still to be read.</summary>
    public void Returned(Process process) => CoolRest(process); // While it ran others may have found nobody to cool.

    /// <summary>The process has ended.</summary>
    public void Ended(Process process) => Leave(process); // I2

    private void Leave(Process process)
    {
        if (process.WarmPlace != 0)
        {
            RingOf(process).Empty(Math.Abs(process.WarmPlace));
            process.WarmPlace = 0;
        }
    }

    private WarmRing RingOf(Process process) => process.WarmPlace < 0 ? _newborn : _warm;

    // I1
    private void CoolRest(Process running)
    {
        while (Max < _warm.Count && Cool(_warm, running))
        {
        }
    }

    // Where all of them run just now, the next one is as any other that runs. // I1
    private bool HasRoomForNewborn =>
        _newborn.Count < Limits.NewbornWarmProcessesMax || Cool(_newborn, running: null);

    // True when a place became free. Who is about to run has its events in its ring already, and who has just run
    // its effects.
    private bool Cool(WarmRing ring, Process? running)
    {
        // After one round nobody has a second chance left; who runs elsewhere is passed over.
        for (int left = 2 * ring.Count; 0 < left; left--)
        {
            if (ring.Take() is not { } process)
            {
                return true;
            }

            if (process.RanLately || process.Phase != GuestPhase.Idle || process == running)
            {
                process.RanLately = false;
                Put(ring, process);
                continue;
            }

            process.WarmPlace = 0;
            process.Recent = null;
            ForgetRings(process);
            return true;
        }

        return false;
    }

    private void Put(WarmRing ring, Process process)
    {
        long place = ring.Add(process);
        process.WarmPlace = ring == _newborn ? -place : place;
    }

    /// <summary>Who is next to be looked at comes first; of those that have ended only that they were there.</summary>
    public void Save(ByteWriter output)
    {
        Save(output, _newborn);
        Save(output, _warm);
    }

    /// <summary>Fills what is empty; false when the octets keep to no invariant.</summary>
    public bool Load(ref ByteReader input, Func<ProcessId, Process?> find) =>
        Load(ref input, _newborn, Limits.NewbornWarmProcessesMax, find) && Load(ref input, _warm, Max, find);

    private static void Save(ByteWriter output, WarmRing ring)
    {
        output.U32((uint)ring.Count);
        for (int index = 0; index < ring.Count; index++)
        {
            var process = ring.At(index);
            output.I64(process?.Id.Value ?? 0);
            output.U8(process is { RanLately: true } ? (byte)1 : (byte)0);
        }
    }

    private bool Load(ref ByteReader input, WarmRing ring, int most, Func<ProcessId, Process?> find)
    {
        for (uint left = input.U32(); 0 < left && !input.Failed; left--)
        {
            var (id, ranLately) = (new ProcessId(input.I64()), input.U8() != 0);
            var process = find(id);
            bool fits = process is null ? id == ProcessId.Outside : process.WarmPlace == 0;
            if (!fits || most <= ring.Count)
            {
                return false;
            }

            if (process is null)
            {
                ring.Add(null);
            }
            else
            {
                Put(ring, process);
                process.RanLately = ranLately;
            }
        }

        return !input.Failed;
    }

    private static void Forget(IGuest guest, uint at, int size)
    {
        if (0 < size)
        {
            guest.Forget((int)at, size);
        }
    }

    // Between two calls nothing is in them that anybody needs.
    private static void ForgetRings(Process process)
    {
        if (process.Guest is not { } guest || !GuestView.TryOpen(guest, out var view)
            || !view.TryEvents(out var events) || !view.TryEffects(out var effects))
        {
            return;
        }

        int eventOctets = Math.Min(process.EventOctets, events.Length);
        int effectOctets = Math.Min(process.EffectOctets, effects.Length);
        process.EventOctets = 0;
        process.EffectOctets = 0;
        Forget(guest, view[ControlBlock.EventsBase], eventOctets);
        Forget(guest, view[ControlBlock.EffectsBase], effectOctets);
        process.Fingerprint = null;
    }
}
