using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Processes;

/// <summary>Which processes ran lately. The rings of all others are zero and cost no memory.</summary>
/// <remarks>
/// So a process that waits costs its state and little else. Who is let go of is decided by what ran and by nothing
/// that could differ between two runs: a second chance (the clock algorithm, Corbató 1968) over those that ran.
///
/// Invariants:
///   I1  At most <see cref="Max"/> processes whose guest is idle are warm.
///   I2  Who has ended keeps its place and is not held by it: thousands that lived shortly would grow old here, and the
///       garbage collector would have to look at all of them.
/// </remarks>
internal sealed class WarmProcesses
{
    private readonly Queue<WarmPlace> _warm = new();

    /// <summary>How many may be warm.</summary>
    public int Max { get; set; } = Limits.WarmProcessesMax;

    /// <summary>A batch of the process is about to run.</summary>
    public void Ran(Process process)
    {
        process.RanLately = true;
        if (process.Warm is null)
        {
            process.Warm = new WarmPlace { Process = process };
            _warm.Enqueue(process.Warm);
            if (Max < _warm.Count)
            {
                Cool(); // I1
            }
        }
    }

    /// <summary>The process has ended.</summary>
    public static void Ended(Process process) // I2
    {
        if (process.Warm is { } place)
        {
            place.Process = null;
        }
    }

    private void Cool()
    {
        // After one round nobody has a second chance left; who runs elsewhere is passed over.
        for (int left = 2 * _warm.Count; 0 < left; left--)
        {
            var place = _warm.Dequeue();
            if (place.Process is not { } process)
            {
                return;
            }

            if (process.RanLately || process.Phase != GuestPhase.Idle)
            {
                process.RanLately = false;
                _warm.Enqueue(place);
                continue;
            }

            process.Warm = null;
            process.Recent = null;
            ForgetRings(process);
            return;
        }
    }

    /// <summary>Who is next to be looked at comes first; of those that have ended only that they were there.</summary>
    public void Save(ByteWriter output)
    {
        output.U32((uint)_warm.Count);
        foreach (var place in _warm)
        {
            output.I64(place.Process?.Id.Value ?? 0);
            output.U8(place.Process is { RanLately: true } ? (byte)1 : (byte)0);
        }
    }

    /// <summary>Fills what is empty; false when the octets keep to no invariant.</summary>
    public bool Load(ref ByteReader input, Func<ProcessId, Process?> find)
    {
        for (uint left = input.U32(); 0 < left && !input.Failed; left--)
        {
            var (id, ranLately) = (new ProcessId(input.I64()), input.U8() != 0);
            var process = find(id);
            bool fits = process is null ? id == ProcessId.Outside : process.Warm is null;
            if (!fits || Max <= _warm.Count)
            {
                return false;
            }

            var place = new WarmPlace { Process = process };
            if (process is not null)
            {
                process.Warm = place;
                process.RanLately = ranLately;
            }

            _warm.Enqueue(place);
        }

        return !input.Failed;
    }

    // Between two calls nothing is in them that anybody needs.
    private static void ForgetRings(Process process)
    {
        if (process.Guest is not { } guest || !GuestView.TryOpen(guest, out var view)
            || !view.TryEvents(out var events) || !view.TryEffects(out var effects))
        {
            return;
        }

        uint eventsAt = view[ControlBlock.EventsBase];
        uint effectsAt = view[ControlBlock.EffectsBase];
        int eventsSize = events.Length;
        int effectsSize = effects.Length;
        if (eventsAt + (ulong)eventsSize == effectsAt)
        {
            guest.Forget((int)eventsAt, eventsSize + effectsSize);
        }
        else
        {
            guest.Forget((int)eventsAt, eventsSize);
            guest.Forget((int)effectsAt, effectsSize);
        }

        process.Fingerprint = null;
    }
}
