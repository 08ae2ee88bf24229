using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Kernel.Ports;

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
    // Null stands for one that has ended, once a checkpoint was taken or a swap is done.
    private readonly Queue<Process?> _warm = new();

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

    /// <summary>Of those that have ended only their places stay: they would keep the code of old versions alive.
    /// </summary>
    public void ForgetEnded()
    {
        for (int left = _warm.Count; 0 < left; left--)
        {
            var process = _warm.Dequeue();
            _warm.Enqueue(process is { IsEnded: true } ? null : process);
        }
    }

    private void Cool()
    {
        // After one round nobody has a second chance left; who runs elsewhere is passed over.
        for (int left = 2 * _warm.Count; 0 < left; left--)
        {
            var process = _warm.Dequeue();
            if (process is null or { IsEnded: true })
            {
                return;
            }

            if (process.RanLately || process.Phase != GuestPhase.Idle)
            {
                process.RanLately = false;
                _warm.Enqueue(process);
                continue;
            }

            process.IsWarm = false;
            process.Recent = null;
            ForgetRings(process);
            return;
        }
    }

    /// <summary>Who is next to be looked at comes first; of those that have ended only that they were there.</summary>
    public void Save(ByteWriter output)
    {
        output.U32((uint)_warm.Count);
        foreach (var process in _warm)
        {
            var alive = process is { IsEnded: false } ? process : null;
            output.I64(alive?.Id.Value ?? 0);
            output.U8(alive is { RanLately: true } ? (byte)1 : (byte)0);
        }
    }

    /// <summary>Fills what is empty; false when the octets keep to no invariant.</summary>
    public bool Load(ref ByteReader input, Func<ProcessId, Process?> find)
    {
        for (uint left = input.U32(); 0 < left && !input.Failed; left--)
        {
            var (id, ranLately) = (new ProcessId(input.I64()), input.U8() != 0);
            var process = find(id);
            bool fits = process is null ? id == ProcessId.Outside : !process.IsWarm;
            if (!fits || Limits.WarmProcessesMax <= _warm.Count)
            {
                return false;
            }

            if (process is not null)
            {
                process.IsWarm = true;
                process.RanLately = ranLately;
            }

            _warm.Enqueue(process);
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
