using System.Collections.Immutable;
using Tars.Evolution.Scenarios;
using Tars.Kernel.Ports;

namespace Tars.Evolution.Loads;

/// <summary>Runs a recorded load again in virtual time on one core, or on one for each of its shards, under a policy of
/// choice.</summary>
/// <remarks>
/// What came from outside comes at its recorded instants. What handlers take is fuel × nanoseconds, one after the
/// other on their core, a policy's own answers included; timers, messages and answers follow from that, and mail
/// between shards takes no time. So two policies are compared under one model, and not with a clock.
///
/// Invariants:
///   I1  The same events, modules and policy make the same report.
///   I2  One guest of a kernel runs at a time, and what comes at the instant at which it ends is there when the next is
///       chosen.
///   I3  Mail comes in the order in which it was sent, before anything that happens at a later instant.
/// </remarks>
public sealed class LoadRun
{
    private readonly ImmutableArray<LoadLane> _lanes;
    private readonly Queue<(int From, LoadMail Mail)> _mail = new();
    private readonly long _nanosecondsPerFuel;
    private readonly CancellationToken _stop;
    private long _now;
    private long _wallOffset;
    private bool _hasBegun;
    private long _began;
    private long _stepsHere;
    private long _stepsLeft = Limits.LoadStepsMin;
    private string? _inconclusive;

    private LoadRun(ImmutableArray<LoadLane> lanes, long nanosecondsPerFuel, CancellationToken stop)
    {
        _lanes = lanes;
        _nanosecondsPerFuel = nanosecondsPerFuel;
        _stop = stop;
    }

    /// <summary>Runs a load to its end, or as far as it can be compared.</summary>
    /// <param name="system">As it was linked in the recorded run.</param>
    /// <param name="shards">Where its modules lived from the start on; null for one kernel.</param>
    /// <param name="kind">The policy; beside a module, the one that takes over from it.</param>
    /// <param name="module">A module that decides, or null; on each shard by itself.</param>
    /// <param name="events">Of the recorded run, in the order of its clock.</param>
    /// <param name="answers">What devices answered each shard, or the only kernel.</param>
    /// <returns>Null with reasons when the modules are no system or the policy is none.</returns>
    public static LoadReport? Run(
        SystemImage system,
        ShardPlan? shards,
        PolicyKind kind,
        ModuleImage? module,
        IEnumerable<LoadEvent> events,
        IReadOnlyList<RecordedAnswers> answers,
        long nanosecondsPerFuel,
        ICollection<string> reasons,
        CancellationToken stop)
    {
        var lanes = new List<LoadLane>();
        for (int shard = 0; shard < answers.Count; shard++)
        {
            (ShardPlan, int)? place = shards is null ? null : (shards, shard);
            var lane = LoadLane.Of(system, kind, module, answers[shard], nanosecondsPerFuel, place, reasons);
            if (lane is null)
            {
                return null;
            }

            lanes.Add(lane);
        }

        return new LoadRun([.. lanes], nanosecondsPerFuel, stop).Run(events);
    }

    private LoadReport Run(IEnumerable<LoadEvent> events)
    {
        using var aborts = _stop.Register(() =>
        {
            foreach (var lane in _lanes)
            {
                lane.Kernel.Abort();
            }
        });
        foreach (var (shard, happened) in events)
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
                Step(shard, happened);
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
            case KernelEvent.Turn or KernelEvent.GuestDone or KernelEvent.Answer or KernelEvent.Look
                or KernelEvent.FromShard:
                return false;
            case KernelEvent.Swap or KernelEvent.SwapHere or KernelEvent.SwapElsewhere:
                _inconclusive = "a module was swapped, and what runs from there on is not in the recording";
                return false;
            case KernelEvent.Pause or KernelEvent.MoveOut or KernelEvent.MoveIn:
                // Shards stand still for a swap too, or for a move that came to nothing; that cannot be seen yet.
                _inconclusive = "the shards stood still to move or swap a module, and when they would have done that "
                    + "under this policy is not in the recording";
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
        while (_inconclusive is null && Next(isDraining) is var (shard, next) && next < instant) // I2
        {
            Advance(shard, next);
            _inconclusive ??= _stop.IsCancellationRequested ? "it was interrupted" : null;
        }
    }

    // Whose turn it is, and when; null when nothing is left to happen.
    private (int Shard, long At)? Next(bool isDraining)
    {
        if (_mail.TryPeek(out var mail) && _lanes[mail.Mail.Shard].HasBegun)
        {
            return (mail.Mail.Shard, _now); // I3
        }

        // Once nothing more comes in, timers alone do not keep a load going.
        bool isBusy = _lanes.Any(one => one.Last.MoreToDo || one.WorkDue != long.MaxValue);
        (int Shard, long At)? first = null;
        for (int shard = 0; shard < _lanes.Length; shard++)
        {
            var lane = _lanes[shard];
            long timer = isDraining && !isBusy ? long.MaxValue : lane.Last.NextDue ?? long.MaxValue;
            long next = lane.Last.MoreToDo ? _now : Math.Min(lane.WorkDue, timer);
            if (next != long.MaxValue && (first is not { } found || next < found.At))
            {
                first = (shard, next);
            }
        }

        return first is { } one ? one with { At = Math.Max(_now, one.At) } : null;
    }

    private void Advance(int shard, long next)
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

        if (_mail.TryPeek(out var mail) && mail.Mail.Shard == shard)
        {
            _mail.Dequeue();
            Step(shard, new KernelEvent.FromShard(At, mail.From, mail.Mail.Sequence, mail.Mail.Records));
            return;
        }

        _lanes[shard].Advance(At);
        Hear(shard);
    }

    private Moment At => new(_now + _wallOffset, _now);

    private void Step(int shard, KernelEvent happened)
    {
        _lanes[shard].Step(happened);
        Hear(shard);
    }

    private void Hear(int shard)
    {
        var lane = _lanes[shard];
        while (lane.Mail.TryDequeue(out var mail))
        {
            _mail.Enqueue((shard, mail));
        }

        if (lane.Unknown is { } unknown)
        {
            _inconclusive ??= unknown;
        }
    }

    private LoadReport Report()
    {
        long fuel = _lanes.Sum(one => one.Fuel);
        Int128 busy = Int128.Min((Int128)fuel * _nanosecondsPerFuel, long.MaxValue);
        var done = new LoadReport(
            PolicyOf([.. _lanes.Select(one => one.Kernel.PolicyReport)]),
            [
                .. _lanes.SelectMany(one => one.Agents(_nanosecondsPerFuel))
                    .OrderBy(one => one.Name, StringComparer.Ordinal),
            ],
            Math.Max(0, _lanes.Max(one => one.LastCommit) - _began),
            (long)busy,
            _lanes.Sum(one => one.Kernel.Transactions),
            _lanes.Sum(one => one.Kernel.Report().Processes.Where(each => !each.IsEnded)
                .Sum(each => (long)each.Waiting)),
            _inconclusive)
        {
            Fuel = fuel,
            Cores = _lanes.Length,
        };
        foreach (var lane in _lanes.Where(one => one.HasBegun))
        {
            End(lane);
        }

        return done;
    }

    // What all shards gave and paid; a module is told to have failed when it has on any.
    private static PolicyReport PolicyOf(PolicyReport[] all)
    {
        PolicyModuleReport[] modules = [.. all.Select(one => one.Module).OfType<PolicyModuleReport>()];
        var first = modules.FirstOrDefault(one => one.Failure is not null) ?? modules.FirstOrDefault();
        return all[0] with
        {
            Turns = all.Sum(one => one.Turns),
            Module = first is null ? null : first with
            {
                Turns = modules.Sum(one => one.Turns),
                Calls = modules.Sum(one => one.Calls),
                Fuel = modules.Sum(one => one.Fuel),
            },
        };
    }

    // Whoever is still alive gives its memory back; that is no part of the load.
    private void End(LoadLane lane)
    {
        lane.Step(new KernelEvent.Stop(At));
        for (int turns = 0; turns < Limits.StepsPerInstantMax && 0 < lane.Last.Alive; turns++)
        {
            if (!lane.EndNext(At))
            {
                lane.Step(new KernelEvent.Turn(At));
            }
        }
    }
}
