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
/// made up: where it asks something else the trial ends.
///
/// Invariants:
///   I1  The same code has no differences: it is given the same events in the same order, and no others.
///   I2  Nothing leaves, and nothing of the run that was recorded is touched.
///   I3  The same plan and events make the same report, unless it was interrupted.
/// </remarks>
public sealed class TrialRun
{
    private readonly TrialPlan _plan;
    private readonly CancellationToken _stop;
    private readonly TrialAnswers _answers = new();
    private readonly List<Rest> _rests = [];
    private readonly TrialOutside _old;
    private readonly TrialOutside _new;
    private readonly PriorityQueue<(long Number, DeviceAnswer Given), (long At, long Serial)> _late = new();
    private Kernel.Kernel? _kernel;
    private StepResult _last;
    private Moment _now;
    private long _event;
    private long _untried;
    private long _serial;
    private string? _inconclusive;

    private TrialRun(TrialPlan plan, CancellationToken stop)
    {
        _plan = plan;
        _stop = stop;
        _old = new TrialOutside(plan.Recorded);
        _new = new TrialOutside(plan.Other);
    }

    /// <summary>Tries a plan.</summary>
    /// <param name="recording">The events from the first on; called twice, since what a kernel was given is used up.
    /// </param>
    /// <returns>Null with reasons when there is nothing to be tried on.</returns>
    public static TrialReport? Run(
        TrialPlan plan,
        Func<IEnumerable<RecordedEvent>> recording,
        ICollection<string> reasons,
        CancellationToken stop)
    {
        var trial = new TrialRun(plan, stop);
        if (trial.Record(recording()) is { } why || (why = trial.Begin()) is not null)
        {
            reasons.Add(why);
            return null;
        }

        trial.Try(recording());
        return trial.Report();
    }

    // Runs the recorded code again. Null, or why that is not what was recorded.
    private string? Record(IEnumerable<RecordedEvent> recording)
    {
        if (Begin(_plan.Recorded, _old, out string unfit) is not { } kernel)
        {
            return unfit;
        }

        using var abort = _stop.Register(kernel.Abort);
        var admission = AdmissionTo(kernel);
        long now = kernel.Now.Monotonic;
        Note(now);
        foreach (var (happened, trace) in recording)
        {
            if (_stop.IsCancellationRequested)
            {
                return "it was interrupted";
            }

            if (kernel.Trace != trace)
            {
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"event {_rests.Count} does something else when it is repeated, so nothing can be compared");
            }

            var loaded = Loaded(happened);
            if (admission.WhyNot(loaded) is { } why)
            {
                return string.Create(
                    CultureInfo.InvariantCulture, $"event {_rests.Count + 1} cannot be repeated: {why}");
            }

            now = happened.At.Monotonic;
            _old.Event = _rests.Count + 1;
            if (happened is KernelEvent.Answer answer)
            {
                _answers.Given(answer.Number, _old.Event, answer.Given, now);
            }

            var result = kernel.Step(loaded);
            admission.System = kernel.System;
            Note(now);
            _rests.Add(new Rest(result.MoreToDo, result.NextDue));
        }

        return _rests.Count == 0 ? "no event has been recorded" : null;

        void Note(long at)
        {
            while (_old.Asks.TryDequeue(out var ask))
            {
                _answers.Asked(ask.Key, ask.Number, at);
            }
        }
    }

    private EventAdmission AdmissionTo(Kernel.Kernel kernel)
    {
        var admission = new EventAdmission(kernel.System);
        if (_plan.Checkpoint is not null)
        {
            admission.GoOn(kernel.Now.Monotonic);
        }

        return admission;
    }

    private KernelEvent Loaded(KernelEvent happened) =>
        happened is KernelEvent.Swap swap ? swap with { Image = _plan.Load(swap.Hash) } : happened;

    private Kernel.Kernel? Begin(SystemImage system, TrialOutside outside, out string why)
    {
        why = "";
        if (_plan.Checkpoint is not { } checkpoint)
        {
            return new Kernel.Kernel(system, outside) { Policy = _plan.Policy };
        }

        var kernel = Kernel.Kernel.From(system, outside, checkpoint.Span, _plan.Load, out why);
        foreach (var process in kernel?.Status() ?? [])
        {
            outside.Started(process.Process, process.Module, process.Agent);
        }

        kernel?.AskAgain(outside);
        outside.ForgetOutputs(); // Those asks were made before.
        return kernel;
    }

    // The other code at the moment at which the recording begins.
    private string? Begin()
    {
        _kernel = Begin(_plan.Other, _new, out string why);
        if (_kernel is null)
        {
            return why;
        }

        _now = _kernel.Now;
        Hear();
        if (_plan.Version is { } version)
        {
            var terms = new SwapTerms { NoReturn = true, GrantsAll = true };
            Step(KernelEvent.Swap.Of(_now, version, terms));
            for (int turns = 0; _new.Swap is null && _last.MoreToDo && turns < Limits.TrialTurnsMax; turns++)
            {
                Step(new KernelEvent.Turn(_now));
            }
        }

        return _new.Swap is { IsDone: false } refused ? $"the swap is refused: {string.Join("; ", refused.Refusals)}"
            : null;
    }

    private void Try(IEnumerable<RecordedEvent> recording)
    {
        using var abort = _stop.Register(_kernel!.Abort); // It was begun before.
        var admission = AdmissionTo(_kernel);
        foreach (var (recorded, _) in recording)
        {
            var happened = recorded with { Aborted = [] };
            PassUntil(happened.At);
            _inconclusive ??= WhyNot(happened) ?? admission.WhyNot(happened);
            if (_inconclusive is not null)
            {
                return;
            }

            _new.Event = ++_event;
            _now = happened.At;
            _untried += _plan.Version is not null && _new.Swap is null ? 1 : 0;
            Step(Renumbered(happened));
            admission.System = _kernel.System;
            var rest = _rests[(int)_event - 1];
            for (int turns = 0; _last.MoreToDo && !rest.MoreToDo && _inconclusive is null; turns++)
            {
                CheckRest(turns);
                Step(new KernelEvent.Turn(_now));
            }

            if (_inconclusive is not null)
            {
                _event--;
                return;
            }
        }
    }

    // What cannot be given to other code; what is only for a person to see is passed over.
    private static string? WhyNot(KernelEvent happened) => happened switch
    {
        KernelEvent.Swap => "a module was swapped there, and what ran from there on is another version",
        KernelEvent.StopProcess or KernelEvent.DeliverDead or KernelEvent.DropDead
            or KernelEvent.Grant { Process.Value: not 0 } or KernelEvent.Revoke { Process.Value: not 0 } =>
            "an operator named a process or a letter there, which may have another number",
        _ => null,
    };

    // Answers belong to asks of the other code; all that is left of the others is that time goes on.
    private KernelEvent Renumbered(KernelEvent happened) => happened switch
    {
        KernelEvent.Answer => _answers.At(_event) is { Waits: { } number, Given: { } given }
            ? new KernelEvent.Answer(happened.At, number, given)
            : new KernelEvent.Turn(happened.At),
        KernelEvent.Look => new KernelEvent.Turn(happened.At),
        _ => happened,
    };

    // Timers that the recorded code had set as well are due with its next event. I1
    private void PassUntil(Moment until)
    {
        long known = _event == 0 ? 0 : _rests[(int)_event - 1].NextDue ?? long.MaxValue;
        for (int turns = 0; _inconclusive is null; turns++)
        {
            long answer = _late.TryPeek(out _, out var when) ? when.At : long.MaxValue;
            long due = Math.Min(answer, _last.NextDue is { } timer && timer < known ? timer : long.MaxValue);
            if (until.Monotonic <= due)
            {
                return;
            }

            CheckRest(turns);
            long at = Math.Max(_now.Monotonic, due);
            _now = new Moment(_now.Instant + (at - _now.Monotonic), at);
            bool isAnswer = answer <= at;
            Step(isAnswer && _late.TryDequeue(out var late, out _)
                ? new KernelEvent.Answer(_now, late.Number, late.Given)
                : new KernelEvent.Turn(_now));
        }
    }

    private void CheckRest(int turns)
    {
        _inconclusive ??= Limits.TrialTurnsMax < turns ? "it does not come to rest"
            : _stop.IsCancellationRequested ? "it was interrupted"
            : null;
    }

    private void Step(KernelEvent happened)
    {
        _last = _kernel!.Step(happened);
        Hear();
        _inconclusive ??= _stop.IsCancellationRequested ? "it was interrupted"
            : _new.Swap is { IsDone: false } refused
                ? $"the swap is refused: {string.Join("; ", refused.Refusals)}"
            : null;
    }

    private void Hear()
    {
        while (_new.Asks.TryDequeue(out var ask))
        {
            if (_answers.Take(ask.Key) is not { } recorded)
            {
                _inconclusive ??= $"{ask.What}, which the recorded run did not ask, or not so often";
                return;
            }

            if (recorded is { Place: { } place, Given: { } given } && place <= _event)
            {
                _late.Enqueue((ask.Number, given), (_now.Monotonic + recorded.Delay, ++_serial));
            }
            else
            {
                recorded.Waits = ask.Number;
            }
        }
    }

    private TrialReport Report()
    {
        if (_inconclusive is null && _plan.Version is not null && _new.Swap is null)
        {
            _inconclusive = "the swap waits for a handler that waits itself";
            _event = 0;
            _untried = 0;
        }

        var old = _old.Outputs.Where(one => one.Event <= _event).ToArray();
        var now = _new.Outputs.Where(one => one.Event <= _event).ToArray();
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
            _rests.Count,
            _event - _untried,
            _inconclusive,
            old.Length,
            differences.Count,
            [.. differences.Take(Limits.TrialDifferencesShown)],
            isWhole);
    }

    private static long Last(TrialOutput[] outputs, long count) =>
        Limits.TrialOutputsMax < count && outputs is [.., var last] ? last.Event : long.MaxValue;

    /// <summary>What the recorded code had left to do after an event.</summary>
    private readonly record struct Rest(bool MoreToDo, long? NextDue);
}
