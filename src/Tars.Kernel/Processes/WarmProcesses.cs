using Tars.Bundle.Abi;

namespace Tars.Kernel.Processes;

/// <summary>Which processes ran lately. The rings of all others are zero and cost no memory.</summary>
/// <remarks>
/// So a process that waits costs its state and little else. Who is let go of is decided by what ran and by nothing
/// that could differ between two runs: a second chance (the clock algorithm, Corbató 1968) over those that ran.
///
/// Invariant: at most <see cref="Limits.WarmProcessesMax"/> processes whose guest is idle are warm.
/// </remarks>
internal sealed class WarmProcesses
{
    private readonly Queue<Process> _warm = new();

    /// <summary>A batch of the process is about to run.</summary>
    public void Ran(Process process)
    {
        process.RanLately = true;
        if (!process.IsWarm)
        {
            process.IsWarm = true;
            _warm.Enqueue(process);
            if (Limits.WarmProcessesMax < _warm.Count)
            {
                Cool();
            }
        }
    }

    private void Cool()
    {
        // After one round nobody has a second chance left; who runs elsewhere is passed over.
        for (int left = 2 * _warm.Count; 0 < left; left--)
        {
            var process = _warm.Dequeue();
            if (!process.IsEnded && (process.RanLately || process.Phase != GuestPhase.Idle))
            {
                process.RanLately = false;
                _warm.Enqueue(process);
                continue;
            }

            process.IsWarm = false;
            ForgetRings(process);
            return;
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
