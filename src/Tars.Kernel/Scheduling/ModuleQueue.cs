using Tars.Base;
using Tars.Kernel.Ports;
using Tars.Kernel.Processes;

namespace Tars.Kernel.Scheduling;

/// <summary>A policy that is a module: it is asked who is next, and nothing that it answers is believed.</summary>
/// <remarks>
/// It is shown those who have been ready longest, at most <see cref="Limits.PolicyWindowMax"/> of them, and answers
/// with one choice or several. A choice is a turn: the process goes on until its fuel is used up or nothing waits for
/// it, so one call stands for many events.
///
/// Invariants:
///   I1  While an answer is awaited nobody is taken; everybody stays ready.
///   I2  Once Failure is set nothing more is taken from here but what stands in the list.
/// </remarks>
internal sealed class ModuleQueue(KernelState state, Scheduler scheduler, PolicyProcess policy, long watchdog)
    : IReadyQueue
{
    private readonly ReadyList _ready = new();
    private readonly Queue<PolicyPick> _picks = new();
    private readonly List<ProcessId> _offered = [];
    private readonly Watchdog _watchdog = new(watchdog);
    private readonly ByteWriter _window = new();
    private Process? _current;
    private long _fuelLeft;
    private long _askedAt;

    public int Count => _ready.Count;

    /// <summary>Why the module decides no more; null while it does.</summary>
    public string? Failure { get; private set; }

    /// <summary>True while its answer is awaited.</summary>
    public bool IsAsked { get; private set; }

    /// <summary>When the answer must be there.</summary>
    public long? DueAt => !IsAsked ? null : long.MaxValue - watchdog < _askedAt ? long.MaxValue : _askedAt + watchdog;

    public long Turns { get; private set; }

    public void Add(Process process) => _ready.Add(process);

    /// <summary>The module decides no more.</summary>
    public void Fail(string failure)
    {
        Failure ??= failure;
        IsAsked = false;
    }

    /// <summary>Writes what it is in the middle of, while no answer is awaited. Who is ready is known.</summary>
    public void Save(ByteWriter output)
    {
        output.I64(Turns);
        output.I64(_current is { IsEnded: false } current ? current.Id.Value : 0);
        output.I64(_fuelLeft);
        output.U32((uint)_picks.Count);
        foreach (var pick in _picks)
        {
            output.I64(pick.Process.Value);
            output.I64(pick.Fuel);
        }

        _watchdog.Save(output);
    }

    /// <summary>The same, once all processes are there.</summary>
    public void Load(ref ByteReader input)
    {
        Turns = input.I64();
        _current = state.Find(new ProcessId(input.I64()));
        _fuelLeft = input.I64();
        for (uint left = input.U32(); 0 < left && !input.Failed; left--)
        {
            _picks.Enqueue(new PolicyPick(new ProcessId(input.I64()), input.I64()));
        }

        _watchdog.Load(ref input, state.Find);
    }

    /// <summary>Time that was nobody's is over.</summary>
    public void GoOn()
    {
        _askedAt = scheduler.Clock;
        _watchdog.GoOn(scheduler.Clock);
    }

    /// <summary>Who is ready, out of the list and one after the other.</summary>
    public Process? RemoveFirst()
    {
        if (_ready.First is { } process)
        {
            _ready.Remove(process);
            return process;
        }

        return null;
    }

    public void Ran(Process process, long fuel)
    {
        if (process == _current)
        {
            _fuelLeft -= fuel;
        }
    }

    public Turn? Take()
    {
        bool starves = _watchdog.Look(Prune(), scheduler.Clock);
        if (starves)
        {
            Failure = $"{_ready.First!.Id} was ready and got no turn"; // Somebody was looked at.
        }

        while (Failure is null && 0 < _ready.Count)
        {
            if (_current is { IsQueued: true, IsEnded: false } && 0 < _fuelLeft)
            {
                return Give(_current);
            }

            _current = null;
            if (IsAsked)
            {
                Hear();
            }
            else if (_picks.TryDequeue(out var pick))
            {
                Begin(pick);
            }
            else
            {
                Ask();
            }

            if (IsAsked && Failure is null)
            {
                return null; // I1
            }
        }

        return null;
    }

    private Turn Give(Process process)
    {
        _ready.Remove(process);
        Turns++;
        state.Trace.Picked(process.Id);
        return new Turn(process, EventsFor(process));
    }

    // What fits into the fuel that is left, if events go on as they were.
    private int EventsFor(Process process)
    {
        long events = 0;
        foreach (ref readonly var counts in process.Counts.AsSpan())
        {
            events += counts.Committed + counts.Traps;
        }

        long each = Math.Max(1, process.Fuel / Math.Max(1, events));
        return (int)Math.Clamp(_fuelLeft / each, 1, events == 0 ? 1 : int.MaxValue);
    }

    private void Begin(PolicyPick pick)
    {
        // Of several choices a later one may be for a process that has ended or has nothing to do any more.
        if (state.Find(pick.Process) is { IsQueued: true } process)
        {
            _watchdog.Begin(process, scheduler.Clock);
            process.Turn.LastTurn = scheduler.NextOrder();
            _current = process;
            _fuelLeft = Math.Min(pick.Fuel, Limits.TurnFuelMax);
        }
    }

    private void Ask()
    {
        WriteWindow();
        _askedAt = scheduler.Clock;
        IsAsked = true;
        long fuel = policy.Fuel;
        policy.Ask(state.Now, _window.Written);
        scheduler.Spend(policy.Fuel - fuel);
        Hear();
    }

    private void Hear()
    {
        if (!policy.TryAnswer(_picks, out string? failure))
        {
            Failure = failure ?? (watchdog < scheduler.Clock - _askedAt ? "it does not answer in time" : null);
            IsAsked = Failure is null;
            return;
        }

        IsAsked = false;
        Failure = _picks.Count == 0 ? "it answers that nobody is next" : WhyNot();
    }

    private string? WhyNot()
    {
        foreach (var pick in _picks)
        {
            if (!_offered.Contains(pick.Process))
            {
                return $"it answers with {pick.Process}, which it was not asked about";
            }

            if (pick.Fuel <= 0)
            {
                return $"it gives {pick.Process} no fuel";
            }
        }

        return null;
    }

    // Whoever stands first and could not run any more is out; it will be ready again by an event.
    private Process? Prune()
    {
        while (_ready.First is { IsReady: false } gone)
        {
            _ready.Remove(gone);
            gone.IsQueued = false;
        }

        return _ready.First;
    }

    private void WriteWindow()
    {
        _window.Clear();
        _offered.Clear();
        _window.U32(0);
        for (var one = _ready.First; one is not null && _offered.Count < Limits.PolicyWindowMax; one = one.Turn.Behind)
        {
            if (one.IsReady)
            {
                _offered.Add(one.Id);
                Write(one);
            }
        }

        _window.PatchU32(0, (uint)_offered.Count);
    }

    private void Write(Process process)
    {
        ref var turn = ref process.Turn;
        _window.I64(process.Id.Value);
        _window.I64(process.Agent.Spec.Schedule.Priority);
        _window.I64(scheduler.Clock - turn.Since);
        if (process.Agent.Spec.Schedule.Deadline is { } span)
        {
            Int128 due = (Int128)state.Now.Instant + span - (scheduler.Clock - turn.Released);
            _window.U8(1);
            _window.I64((long)Int128.Min(due, long.MaxValue));
        }
        else
        {
            _window.U8(0);
        }
    }
}
