using Tars.Evolution.Scenarios;
using Tars.Kernel.Ports;

namespace Tars.Evolution.Loads;

/// <summary>Runs a recorded load again on one core in virtual time, under a scheduling policy of choice.</summary>
/// <remarks>
/// What came from outside comes at its recorded instants. What handlers take is fuel × nanoseconds, one after the
/// other, a policy's own answers included; timers, messages and answers follow from that. So two policies are compared
/// under one model, and not with a clock.
///
/// Invariants:
///   I1  The same events, modules and policy make the same report.
///   I2  One guest runs at a time, and what comes at the instant at which it ends is there when the next is chosen.
/// </remarks>
public sealed class LoadRun
{
    private readonly VirtualCore _core;
    private readonly LoadOutside _outside;
    private readonly Kernel.Kernel _kernel;
    private readonly long _nanosecondsPerFuel;
    private readonly CancellationToken _stop;
    private readonly Queue<VirtualCore.CallEnd> _ends = new();
    private StepResult _last;
    private long _now;
    private long _wallOffset;
    private bool _hasBegun;
    private long _began;
    private long _stepsHere;
    private long _stepsLeft = Limits.LoadStepsMin;
    private string? _inconclusive;

    private LoadRun(
        SystemImage system,
        PolicyChoice policy,
        RecordedAnswers answers,
        VirtualCore core,
        long nanosecondsPerFuel,
        CancellationToken stop)
    {
        _stop = stop;
        _core = core;
        _outside = new LoadOutside(system, answers);
        _nanosecondsPerFuel = nanosecondsPerFuel;
        _kernel = new Kernel.Kernel(system, _outside) { Policy = policy with { RunningMax = 1 } }; // I2
    }

    /// <summary>Runs a load to its end, or as far as it can be compared.</summary>
    /// <param name="system">As it was linked in the recorded run.</param>
    /// <param name="kind">The policy; beside a module, the one that takes over from it.</param>
    /// <param name="module">A module that decides, or null.</param>
    /// <param name="events">Of the recorded run, in order.</param>
    /// <returns>Null with reasons when the modules are no system or the policy is none.</returns>
    public static LoadReport? Run(
        SystemImage system,
        PolicyKind kind,
        ModuleImage? module,
        IEnumerable<KernelEvent> events,
        RecordedAnswers answers,
        long nanosecondsPerFuel,
        ICollection<string> reasons,
        CancellationToken stop)
    {
        var core = new VirtualCore(nanosecondsPerFuel, answersLater: true);
        var modules = system.Modules.Select(one => ScenarioSystem.On(core, one));
        if (SystemImage.Link([.. modules], system.StandIns) is not LinkResult.Linked linked)
        {
            reasons.Add("its modules do not fit together");
            return null;
        }

        var policy = new PolicyChoice(kind);
        if (module is not null)
        {
            policy = policy with { Module = PolicyModule.Of(ScenarioSystem.On(core, module), reasons) };
            if (policy.Module is null)
            {
                return null;
            }
        }

        return new LoadRun(linked.System, policy, answers, core, nanosecondsPerFuel, stop).Run(events);
    }

    private LoadReport Run(IEnumerable<KernelEvent> events)
    {
        using var aborts = _stop.Register(_kernel.Abort);
        foreach (var happened in events)
        {
            if (!_hasBegun)
            {
                _hasBegun = true;
                _began = _now = happened.At.Monotonic;
            }

            _stepsLeft += Limits.LoadStepsPerEvent;
            RunUntil(happened.At.Monotonic, isDraining: false);
            _now = Math.Max(_now, happened.At.Monotonic);
            _wallOffset = happened.At.Instant - happened.At.Monotonic;
            if (_inconclusive is not null || happened is KernelEvent.Stop)
            {
                break;
            }

            if (Comes(happened))
            {
                Step(happened);
            }
        }

        // What had come in by the end is carried through, for as long again as the recorded run took.
        long span = Math.Max(_now - _began, Limits.LoadRestMin);
        RunUntil(long.MaxValue - span < _now ? long.MaxValue : _now + span, isDraining: true);
        return Report();
    }

    // What comes from outside; the rest follows from it under this policy as it does under this one.
    private bool Comes(KernelEvent happened)
    {
        switch (happened)
        {
            case KernelEvent.Turn or KernelEvent.GuestDone or KernelEvent.Answer or KernelEvent.Look:
                return false;
            case KernelEvent.Swap:
                _inconclusive = "a module was swapped, and what runs from there on is not in the recording";
                return false;
            case KernelEvent.StopProcess or KernelEvent.DeliverDead or KernelEvent.DropDead
                or KernelEvent.Grant { Process.Value: not 0 } or KernelEvent.Revoke { Process.Value: not 0 }:
                _inconclusive = "an operator named a process or a letter, which has another number under this policy";
                return false;
            default:
                return true;
        }
    }

    private void RunUntil(long instant, bool isDraining)
    {
        while (_inconclusive is null && Next(isDraining) is { } next && next < instant) // I2
        {
            Advance(next);
            _inconclusive ??= _stop.IsCancellationRequested ? "it was interrupted" : null;
        }
    }

    private long? Next(bool isDraining)
    {
        if (_last.MoreToDo)
        {
            return _now;
        }

        long next = Math.Min(
            _ends.TryPeek(out var end) ? end.Due : long.MaxValue,
            _outside.Answers.TryPeek(out _, out var answer) ? answer.At : long.MaxValue);

        // Once nothing more comes in, timers alone do not keep a load going.
        bool isBusy = next != long.MaxValue;
        next = isDraining && !isBusy ? next : Math.Min(next, _last.NextDue ?? long.MaxValue);
        return next == long.MaxValue ? null : Math.Max(_now, next);
    }

    private void Advance(long next)
    {
        if (_now < next)
        {
            _now = next;
            _stepsHere = 0;
        }
        else if (Limits.StepsPerInstantMax < ++_stepsHere)
        {
            _inconclusive = $"the system does not come to rest at {ValueText.Instant(_now - _began)}s";
            return;
        }

        // A clock that jumps over years would make a timer's turn of each of its periods.
        _stepsLeft--;
        if (_stepsLeft < 0)
        {
            _inconclusive = $"far more would happen than was recorded, at {ValueText.Instant(_now - _began)}s: the "
                + "recorded clock jumps, or the system works for itself";
            return;
        }

        // Timers that are due fire in any Step, before what it is stepped with.
        if (_outside.Answers.TryPeek(out var answer, out var when) && when.At <= _now)
        {
            _outside.Answers.Dequeue();
            Step(new KernelEvent.Answer(At, answer.Number, answer.Given));
        }
        else if (_ends.TryPeek(out var end) && end.Due <= _now)
        {
            _ends.Dequeue();
            Step(new KernelEvent.GuestDone(At, end.Process, end.Result));
        }
        else
        {
            Step(new KernelEvent.Turn(At));
        }
    }

    private Moment At => new(_now + _wallOffset, _now);

    private void Step(KernelEvent happened)
    {
        _core.Now = _now;
        _outside.Now = _now;
        _last = _kernel.Step(happened);
        while (_core.TryTake(out var end))
        {
            _ends.Enqueue(end);
        }

        if (_outside.Unknown is { } unknown)
        {
            _inconclusive ??= unknown;
        }
    }

    private LoadReport Report()
    {
        var report = _kernel.Report();
        var policy = _kernel.PolicyReport;
        long handled = _kernel.Transactions;
        long waiting = report.Processes.Where(one => !one.IsEnded).Sum(one => (long)one.Waiting);
        var agents = _outside.Report(report, _nanosecondsPerFuel);
        Int128 busy = Int128.Min((Int128)_core.Fuel * _nanosecondsPerFuel, long.MaxValue);
        var done = new LoadReport(
            policy, agents, Math.Max(0, _outside.LastCommit - _began), (long)busy, handled, waiting, _inconclusive)
        {
            Fuel = _core.Fuel,
        };
        if (_hasBegun)
        {
            End();
        }

        return done;
    }

    // Whoever is still alive gives its memory back; that is no part of the load.
    private void End()
    {
        Step(new KernelEvent.Stop(At));
        for (int turns = 0; turns < Limits.StepsPerInstantMax && 0 < _last.Alive; turns++)
        {
            if (_ends.TryDequeue(out var end))
            {
                Step(new KernelEvent.GuestDone(At, end.Process, end.Result));
            }
            else
            {
                Step(new KernelEvent.Turn(At));
            }
        }
    }
}
