using Tars.Base;
using Tars.Kernel.Ports;
using Tars.Kernel.Processes;

namespace Tars.Kernel.Scheduling;

/// <summary>Finds out whether somebody who is ready waits while others have their turns again and again.</summary>
/// <remarks>
/// It looks at who has been ready longest. Time in which others have a first turn since then is their due; time in
/// which they have another one counts. A load that is too much for the machine alone so accuses nobody.
///
/// Invariant: of a policy that never serves a process which is ready and has been so longest, the watchdog tells after
/// its period of such time.
/// </remarks>
internal sealed class Watchdog(long period)
{
    private Process? _watched;
    private long _watchedOrder;
    private long _counted;
    private long _since;
    private Process? _running;
    private long _turnBefore;

    /// <summary>Time has gone on; who has waited longest is looked at.</summary>
    /// <param name="first">Who has been ready longest; null when nobody is.</param>
    /// <returns>True when that has been too long.</returns>
    public bool Look(Process? first, long clock)
    {
        if (first is null || first != _watched || first.Turn.Order != _watchedOrder)
        {
            _watched = first;
            _watchedOrder = first?.Turn.Order ?? 0;
            _counted = 0;
        }
        else if (first != _running && _watchedOrder < _turnBefore)
        {
            _counted += clock - _since;
        }

        _since = clock;
        return period < _counted;
    }

    /// <summary>Time until now counts for nobody.</summary>
    public void GoOn(long clock) => _since = clock;

    /// <summary>Writes whom it looks at. Who has ended is nobody.</summary>
    public void Save(ByteWriter output)
    {
        output.I64(_watched is { IsEnded: false } watched ? watched.Id.Value : 0);
        output.I64(_watchedOrder);
        output.I64(_counted);
        output.I64(_since);
        output.I64(_running is { IsEnded: false } running ? running.Id.Value : 0);
        output.I64(_turnBefore);
    }

    /// <summary>Fills what is empty.</summary>
    public void Load(ref ByteReader input, Func<ProcessId, Process?> find)
    {
        _watched = find(new ProcessId(input.I64()));
        _watchedOrder = input.I64();
        _counted = input.I64();
        _since = input.I64();
        _running = find(new ProcessId(input.I64()));
        _turnBefore = input.I64();
    }

    /// <summary>Somebody has a turn from now on; its record says when it had the one before.</summary>
    public void Begin(Process process, long clock)
    {
        _since = clock;
        _running = process;
        _turnBefore = process.Turn.LastTurn;
    }
}
