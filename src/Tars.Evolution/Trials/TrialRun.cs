using System.Collections.Immutable;
using System.Globalization;
using Tars.Kernel.Journal;
using Tars.Kernel.Ports;

namespace Tars.Evolution.Trials;

/// <summary>Gives recorded events to other code and holds what it sends outside against what the recorded code sent.
/// </summary>
/// <remarks>
/// The recorded code runs first, exactly as it ran, and shows what it sent and what devices answered it. The other code
/// is then stepped with the same events at the same instants; time between two of them passes where it has set a timer
/// that the recorded code had not. It is answered where it asks what the recorded code asked, in order, and nothing is
/// made up: where it asks something else the trial ends. Of several shards each is a lane; their events have one order,
/// by the clock and no mail before it was sent, and the other code's shards send each other mail of their own.
///
/// Invariants:
///   I1  The same code has no differences: it is given the same events in the same order, and no others. Where it comes
///       through a swap, and who is next is decided by fuel, of two that are ready the other may come first: a state
///       that was moved costs its handlers a little more or less.
///   I2  Nothing leaves, and nothing of the run that was recorded is touched.
///   I3  The same plan and events make the same report, unless it was interrupted.
/// </remarks>
public sealed partial class TrialRun
{
    private readonly TrialPlan _plan;
    private readonly CancellationToken _stop;
    private readonly TrialTraps _traps = new();
    private readonly TrialOutputs _old;
    private readonly TrialOutputs _new;
    private readonly ImmutableArray<TrialLane> _lanes;
    private readonly TrialLinks _links;
    private readonly TrialMoves _moves = new();
    private readonly List<byte> _order = []; // Whose event each is.
    private readonly List<TrialRest> _rests = [];
    private Moment _now;
    private long _event;
    private int _stepped; // The shard on which the other code was stepped last.
    private long _untried;
    private long _beyond; // Events that the recorded code could not be given again.
    private string? _whyBeyond;
    private long _serial;
    private string? _inconclusive;

    private TrialRun(TrialPlan plan, CancellationToken stop)
    {
        _plan = plan;
        _stop = stop;
        int count = plan.Shards?.Count ?? 1;
        _old = new TrialOutputs((happened, who, _) => _traps.Recorded(happened, who));
        _new = new TrialOutputs((happened, who, reason) =>
            _traps.Tried(_stepped, happened, who, $"{who}: {reason}"));
        var old = new ProcessBook(plan.Recorded);
        var now = new ProcessBook(plan.Other);
        _lanes = [.. Enumerable.Range(0, count).Select(_ =>
            new TrialLane(new TrialOutside(old, _old), new TrialOutside(now, _new)))];
        _links = new TrialLinks(count);
    }

    /// <summary>Tries a plan.</summary>
    /// <param name="recording">The events of each shard from the first on, of the only kernel one; called twice, since
    /// what a kernel was given is used up.</param>
    /// <returns>Null with reasons when there is nothing to be tried on.</returns>
    public static TrialReport? Run(
        TrialPlan plan,
        Func<int, IEnumerable<RecordedEvent>> recording,
        ICollection<string> reasons,
        CancellationToken stop)
    {
        var trial = new TrialRun(plan, stop);
        using var first = new TrialRecording(trial._lanes.Length, recording);
        if (trial.Record(first) is { } why || (why = trial.Begin()) is not null)
        {
            reasons.Add(why);
            return null;
        }

        using var second = new TrialRecording(trial._lanes.Length, recording);
        trial.Try(second);
        return trial.Report();
    }

    // Runs the recorded code again. Null, or why that is not what was recorded.
    private string? Record(TrialRecording recording)
    {
        var kernels = new List<Kernel.Kernel>();
        for (int shard = 0; shard < _lanes.Length; shard++)
        {
            if (Begin(_plan.Recorded, _lanes[shard].Old, shard, out string unfit) is not { } kernel)
            {
                return unfit;
            }

            kernels.Add(kernel);
            Note(shard, kernel.Now.Monotonic);
            if (kernel.ShardView is { } view)
            {
                _links.GoOnFrom(shard, view);
            }
        }

        using var abort = _stop.Register(() => kernels.ForEach(one => one.Abort()));
        var admissions = kernels.Select(AdmissionTo).ToArray();
        while (recording.Earliest(_links.IsSent) is { } shard)
        {
            if (_stop.IsCancellationRequested)
            {
                return "it was interrupted";
            }

            var next = recording.Take(shard);
            _whyBeyond = _lanes.Length == 1 ? null : WhyBeyond(next.Event, shard);
            if (_whyBeyond is not null)
            {
                _beyond = 1 + recording.Rest();
                break;
            }

            if (Repeat(next, shard, kernels[shard], admissions[shard]) is { } why)
            {
                return why;
            }
        }

        _links.Close();
        _traps.Close(_order, _rests);
        return _rests.Count == 0 ? "no event has been recorded" : null;
    }

    // What no other code could be given either ends the recording: nothing behind it depends on this code alone.
    private string? WhyBeyond(KernelEvent happened, int shard) => happened switch
    {
        KernelEvent.Swap or KernelEvent.SwapHere or KernelEvent.SwapElsewhere => WhyNot(happened),
        KernelEvent.FromShard mail when !_links.IsSent(mail, shard) => string.Create(
            CultureInfo.InvariantCulture,
            $"the recording of shard {mail.Shard} ends before it sends what shard {shard} takes there"),
        KernelEvent.MoveIn move when !_moves.IsPacked(move) => string.Create(
            CultureInfo.InvariantCulture,
            $"the recording of another shard ends before it packs the module that shard {shard} learns of there"),
        _ => null,
    };

    // Null, or why it is not what was recorded.
    private string? Repeat(RecordedEvent next, int shard, Kernel.Kernel kernel, EventAdmission admission)
    {
        if (kernel.Trace != next.Trace)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"event {_rests.Count} does something else when it is repeated, so nothing can be compared");
        }

        var loaded = Loaded(next.Event);
        if (admission.WhyNot(loaded) is { } why)
        {
            return string.Create(
                CultureInfo.InvariantCulture, $"event {_rests.Count + 1} cannot be repeated: {why}");
        }

        var lane = _lanes[shard];
        _old.Event = _rests.Count + 1;
        if (loaded is KernelEvent.Answer answer)
        {
            lane.Answers.Given(answer.Number, _old.Event, answer.Given, answer.At.Monotonic);
        }
        else if (loaded is KernelEvent.FromShard mail && !_links.Arrive(mail, shard, _old.Event))
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"event {_old.Event} is mail that shard {mail.Shard} does not send so: a shard is of another run");
        }

        var result = kernel.Step(loaded);
        admission.System = kernel.System;
        Note(shard, loaded.At.Monotonic);
        _moves.Recorded(loaded, _old.Event, lane.Old);
        _order.Add((byte)shard);
        _rests.Add(new TrialRest(result.MoreToDo, result.NextDue));
        return null;
    }

    private void Note(int shard, long at)
    {
        var lane = _lanes[shard];
        while (lane.Old.Asks.TryDequeue(out var ask))
        {
            lane.Answers.Asked(ask.Key, ask.Number, at);
        }

        while (lane.Old.Mail.TryDequeue(out var mail))
        {
            _links.Record(shard, mail, _old.Event);
        }
    }

    private EventAdmission AdmissionTo(Kernel.Kernel kernel)
    {
        var admission = new EventAdmission(kernel.System);
        if (!_plan.Checkpoints.IsEmpty)
        {
            admission.GoOn(kernel.Now.Monotonic);
        }

        return admission;
    }

    private KernelEvent Loaded(KernelEvent happened) =>
        happened is KernelEvent.Swap swap ? swap with { Image = _plan.Load(swap.Hash) } : happened;

    private Kernel.Kernel? Begin(SystemImage system, TrialOutside outside, int shard, out string why)
    {
        why = "";
        var place = _plan.Shards is { } plan ? new ShardPlace(plan, shard) : null;
        if (_plan.Checkpoints.IsEmpty)
        {
            return new Kernel.Kernel(system, outside) { Policy = _plan.Policy, Shard = place };
        }

        var kernel = Kernel.Kernel.From(
            system, outside, _plan.Checkpoints[shard].Span, _plan.Load, out why, place, _plan.Policy);
        foreach (var process in kernel?.Status() ?? [])
        {
            outside.Started(process.Process, process.Module, process.Agent);
        }

        kernel?.AskAgain(outside);
        (outside == _lanes[shard].Old ? _old : _new).Forget(); // Those asks were made before.
        return kernel;
    }

    // The other code at the moment at which the recording begins.
    private string? Begin()
    {
        for (int shard = 0; shard < _lanes.Length; shard++)
        {
            var lane = _lanes[shard];
            if (Begin(_plan.Other, lane.New, shard, out string why) is not { } kernel)
            {
                return why;
            }

            (lane.Kernel, lane.Admission) = (kernel, AdmissionTo(kernel));
            lane.HasBegun = !_plan.Checkpoints.IsEmpty;
            Hear(shard, happened: null);
        }

        // Until it has taken over each shard stands at its own newest event: its timers are due with the next.
        string? unfit = _plan.Version is { } version ? Swap(version) : null;
        _now = _lanes.MaxBy(one => one.Kernel!.Now.Monotonic)!.Kernel!.Now; // There is one, and it was begun.
        return unfit;
    }

    private void Try(TrialRecording recording)
    {
        using var abort = _stop.Register(() =>
        {
            foreach (var lane in _lanes)
            {
                lane.Kernel!.Abort(); // It was begun before.
            }
        });
        foreach (byte shard in _order)
        {
            if (!recording.Has(shard))
            {
                _inconclusive = "the recording is not any more what it was";
                return;
            }

            Try(recording.Take(shard).Event with { Aborted = [] }, shard);
            if (_inconclusive is not null)
            {
                return;
            }
        }

        _inconclusive = _whyBeyond;
    }

    private void Try(KernelEvent happened, int shard)
    {
        var lane = _lanes[shard];
        PassUntil(happened.At);
        _inconclusive ??= WhyNot(happened) ?? lane.Admission!.WhyNot(happened)
            ?? (happened.At.Monotonic < lane.Kernel!.Now.Monotonic ? "its clock goes back" : null);
        if (_inconclusive is not null)
        {
            return;
        }

        _new.Event = ++_event;
        _now = happened.At;
        _untried += _plan.Version is not null && Home.New.Swap is null ? 1 : 0;
        lane.HasBegun = true;
        if (Given(happened, shard) is { } given)
        {
            Step(shard, given, _event);
            _inconclusive ??= _moves.WhyNot(given, _event, lane.New);
        }

        lane.Admission!.System = lane.Kernel!.System;
        lane.Rest = _rests[(int)_event - 1];
        for (int turns = 0; _inconclusive is null && GoOn(); turns++)
        {
            CheckRest(turns);
        }

        if (_inconclusive is not null)
        {
            _event--;
        }
    }

    // Something that the recorded code did not have to do; false when there is nothing.
    private bool GoOn()
    {
        if (_links.TakeAny(one => _lanes[one].HasBegun) is var (from, mail))
        {
            Step(mail.Shard, new KernelEvent.FromShard(At(mail.Shard), from, mail.Sequence, mail.Records));
            return true;
        }

        for (int shard = 0; shard < _lanes.Length; shard++)
        {
            if (_lanes[shard].IsBusy)
            {
                Step(shard, new KernelEvent.Turn(At(shard)));
                return true;
            }
        }

        return false;
    }

    private Moment At(int shard) =>
        _lanes[shard].Kernel!.Now is var own && _now.Monotonic < own.Monotonic ? own : _now;

    // What cannot be given to other code; what is only for a person to see is passed over.
    private static string? WhyNot(KernelEvent happened) => happened switch
    {
        KernelEvent.Swap or KernelEvent.SwapHere or KernelEvent.SwapElsewhere =>
            "a module was swapped there, and what ran from there on is another version",
        KernelEvent.StopProcess or KernelEvent.DeliverDead or KernelEvent.DropDead
            or KernelEvent.Grant { Process.Value: not 0 } or KernelEvent.Revoke { Process.Value: not 0 } =>
            "an operator named a process or a letter there, which may have another number",
        _ => null,
    };

    // Answers belong to asks of the other code, and mail is its own; all that is left of the others is that time goes
    // on. Null where the trial ends.
    private KernelEvent? Given(KernelEvent happened, int shard)
    {
        switch (happened)
        {
            case KernelEvent.Answer:
                return _lanes[shard].Answers.At(_event) is { Waits: { } number, Given: { } given }
                    ? new KernelEvent.Answer(happened.At, number, given)
                    : new KernelEvent.Turn(happened.At);
            case KernelEvent.FromShard taken:
                return _links.Take(taken.Shard, shard, _event) is { } mail
                    ? new KernelEvent.FromShard(happened.At, taken.Shard, mail.Sequence, mail.Records)
                    : new KernelEvent.Turn(happened.At);
            case KernelEvent.MoveIn move:
                var own = _moves.OfOther(move, out string? why);
                _inconclusive ??= why;
                return own;
            case KernelEvent.Look:
                return new KernelEvent.Turn(happened.At);
            default:
                return happened;
        }
    }

    // Timers that the recorded code had set as well are due with its next event. I1
    private void PassUntil(Moment until)
    {
        for (int turns = 0; _inconclusive is null; turns++)
        {
            int shard = Enumerable.Range(0, _lanes.Length).MinBy(one => _lanes[one].Due);
            var lane = _lanes[shard];
            long due = lane.Due;
            if (until.Monotonic <= due)
            {
                return;
            }

            CheckRest(turns);
            long at = Math.Max(_now.Monotonic, due);
            _now = new Moment(_now.Instant + (at - _now.Monotonic), at);
            bool isAnswer = lane.Late.TryPeek(out _, out var when) && when.At <= at;
            Step(shard, isAnswer && lane.Late.TryDequeue(out var late, out _)
                ? new KernelEvent.Answer(At(shard), late.Number, late.Given)
                : new KernelEvent.Turn(At(shard)));
            for (int more = turns; 1 < _lanes.Length && _inconclusive is null && GoOn(); more++)
            {
                CheckRest(more);
            }
        }
    }

    private void CheckRest(int turns)
    {
        _inconclusive ??= Limits.TrialTurnsMax < turns ? "it does not come to rest"
            : _stop.IsCancellationRequested ? "it was interrupted"
            : null;
    }

    /// <param name="happened">The recorded event that it is in the place of; null for none.</param>
    private void Step(int shard, KernelEvent given, long? happened = null)
    {
        var lane = _lanes[shard];
        _stepped = shard;
        lane.Last = lane.Kernel!.Step(given);
        Hear(shard, happened);
        _inconclusive ??= _stop.IsCancellationRequested ? "it was interrupted"
            : lane.New.Swap is { IsDone: false } refused
                ? $"the swap is refused: {string.Join("; ", refused.Refusals)}"
            : lane.New.IsReady && Home.New.Swap is not null
                ? "it traps there, and all shards would have to stand still for the version before to come back"
            : null;
    }

    private void Hear(int shard, long? happened)
    {
        var lane = _lanes[shard];
        while (lane.New.Mail.TryDequeue(out var mail))
        {
            _links.Send(shard, mail, happened);
        }

        while (lane.New.Asks.TryDequeue(out var ask))
        {
            if (lane.Answers.Take(ask.Key) is not { } recorded)
            {
                _inconclusive ??= $"{ask.What}, which the recorded run did not ask, or not so often";
                return;
            }

            if (recorded is { Place: { } place, Given: { } given } && place <= _event)
            {
                lane.Late.Enqueue((ask.Number, given), (_now.Monotonic + recorded.Delay, ++_serial));
            }
            else
            {
                recorded.Waits = ask.Number;
            }
        }
    }

    private TrialReport Report()
    {
        if (_inconclusive is null && _plan.Version is not null && Home.New.Swap is null)
        {
            _inconclusive = "the swap waits for a handler that waits itself";
            _event = 0;
            _untried = 0;
        }

        var old = _old.First.Where(one => one.Event <= _event).ToArray();
        var now = _new.First.Where(one => one.Event <= _event).ToArray();
        bool isWhole = _old.Count <= Limits.TrialOutputsMax && _new.Count <= Limits.TrialOutputsMax;
        if (!isWhole)
        {
            // Of both the same part is compared.
            long last = Math.Min(Last(old, _old.Count), Last(now, _new.Count));
            old = [.. old.Where(one => one.Event < last)];
            now = [.. now.Where(one => one.Event < last)];
        }

        var differences = OutputDiff.Of(old, now);
        return new TrialReport(
            _rests.Count + _beyond,
            _event - _untried,
            _inconclusive,
            old.Length,
            differences.Count,
            [.. differences.Take(Limits.TrialDifferencesShown)],
            isWhole)
        {
            Traps = _traps.Count,
            ShownTraps = _traps.First,
        };
    }

    private static long Last(TrialOutput[] outputs, long count) =>
        Limits.TrialOutputsMax < count && outputs is [.., var last] ? last.Event : long.MaxValue;
}
