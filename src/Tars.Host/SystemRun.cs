using System.Collections.Immutable;
using System.Diagnostics;
using Tars.Devices.Host;
using Tars.Host.Control;
using Tars.Host.Journal;
using Tars.Host.Journal.Recent;
using Tars.Host.Swapping;
using Tars.Kernel.Ports;

namespace Tars.Host;

/// <summary>Runs bundles as one system: feeds inputs and time to a kernel until nothing is left to come.</summary>
/// <remarks>The kernel lives on the calling thread; each input has a thread that only reads.</remarks>
public sealed partial class SystemRun : IDisposable
{
    private readonly Kernel.Kernel _kernel;
    private readonly SystemOutside _outside;
    private readonly IClock _clock;
    private readonly RunOptions _options;
    private readonly ImmutableArray<InputReader> _readers;
    private readonly ArrivalQueue _filled;
    private readonly AskedDevices _devices;
    private readonly Serving _serving;
    private readonly RunStreams _streams;
    private readonly ControlServer? _control;

    // An operator may press a button at any time.
    private readonly bool _mayBePressed;
    private readonly OperatedKernel _sole;
    private readonly ControlWork? _operated;
    private readonly IRunJournal? _journal;
    private readonly Queue<SwapOffer> _offers;

    // The module of the version that was handed in last, until it is known what became of it.
    private string? _offered;
    private readonly long _events;
    private bool _journalErrorTold;
    private int _open;
    private long _flushed;

    private SystemRun(
        RunOptions options,
        RunStreams streams,
        ImmutableArray<InputReader> readers,
        ArrivalQueue filled,
        AskedDevices devices,
        ControlServer? control,
        Serving serving,
        RunStart start)
    {
        _serving = serving;
        _serving.GoOnFrom(start.Events);
        _options = options;
        _streams = streams;
        _clock = start.Clock;
        _devices = devices;
        _outside = start.Outside;
        _kernel = start.Kernel;
        _journal = start.Journal;
        _offers = new Queue<SwapOffer>(start.Offers);
        _events = start.Events;
        _outside.Introspection = new Devices.Introspect.Host(_kernel.Status);
        _outside.OnSwapped = report => _offered = report.Module == _offered ? null : _offered;
        _readers = readers;
        _filled = filled;
        _open = readers.Length;
        _control = control;
        _mayBePressed = control is not null && !options.VirtualTime && _kernel.System.Devices.Any(one =>
            one.Kind.Name == Devices.Button.Device.Kind && one.IsHeard);
        _sole = new OperatedKernel(_kernel, _outside, _clock, Operate, WhyLost, Note);
        _operated = control is null ? null : new ControlWork(_sole, _clock, options.Engines);
        if (control is not null)
        {
            control.Desk.Running = _kernel.System;
            _outside.OnSwapped += control.Desk.Swapped;
            _outside.OnSwapped += _operated!.Swapped; // There is one with the other.
        }
    }

    public void Dispose()
    {
        _journal?.Dispose();
        _outside.Dispose();
    }

    private RunReport Loop(CancellationToken stop)
    {
        StartInput();
        _control?.Desk.Begin();
        long begin = _clock.Now.Monotonic;
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        int collections = GC.CollectionCount(2);
        long? deadline = _options.For is { } span && span < long.MaxValue - begin ? begin + span : null;
        using var patience = new Patience(_kernel, _options.VirtualTime ? null : _options.For, stop);
        var answer = Step(
            0 < _events ? new KernelEvent.Turn(_clock.Now) : new KernelEvent.Boot(_clock.Now, _options.Seed));
        while ((0 < answer.Alive || _serving.Endures) && !IsLost && !stop.IsCancellationRequested
            && _operated?.IsOver != true
            && (deadline is not { } end || _clock.Now.Monotonic < end))
        {
            Attend();
            if (TakeOffer() is { } offer)
            {
                _offered = offer.Image.Manifest.Name;
                _journal?.Note(offer.Bundle);
                answer = Step(offer.EventAt(_clock.Now, _options.Swaps?.Terms ?? _options.Terms));
            }
            else if (_control?.Desk.Take() is { } task)
            {
                _sole.Last = answer;
                _operated!.Do(task); // There is one with the other.
                answer = _sole.Last;
            }
            else if (TakeInput(answer, deadline) is { } input)
            {
                answer = Step(input);
            }
            else if (_control?.Desk.HasWork == true)
            {
                // It woke the run; time goes on when it is answered.
            }
            else if (answer.MoreToDo || answer.NextDue is not null || Expects || HasOffer)
            {
                answer = Turn();
            }
            else
            {
                break;
            }
        }

        _filled.Leave();
        answer = AnswerWaiting(answer);
        if (!_options.VirtualTime)
        {
            // In virtual time only a signal cuts what runs, or the answer would depend on the machine.
            patience.Begin();
        }

        _control?.Desk.Close();
        if (_journal is not { IsLeft: true })
        {
            Stop(answer, patience);
        }

        TellEnd();
        return ReportOf(
            _clock.Now.Monotonic - begin,
            GC.GetAllocatedBytesForCurrentThread() - allocated,
            GC.CollectionCount(2) - collections);
    }

    private RunReport ReportOf(long elapsed, long allocated, int collections) => new(
        _kernel.Report(),
        [.. _outside.Latencies],
        [.. _readers.Select(reader => reader.Report)],
        elapsed,
        Process.GetCurrentProcess().PeakWorkingSet64,
        allocated,
        collections,
        _outside.Refused,
        _journal?.Error)
    {
        Policy = _options.IsDefaultPolicy && _kernel.PolicyReport.Module is null ? null : _kernel.PolicyReport,
        Engines = _options.Engines?.Rows ?? [],
        WasStopped = _operated is { IsOver: true },
    };

    private void TellEnd()
    {
        _operated?.End();
        _journal?.End(_kernel);
        TellJournalError();
        _outside.TellRefusals();
        _streams.Output.Flush();
        foreach (var reader in _readers)
        {
            InputText.Tell(reader, _streams.Log);
        }
    }

    private void StartInput()
    {
        _journal?.Flush(); // What a lost run had not let out leaves before anything is asked again.
        foreach (var reader in _readers)
        {
            reader.Start();
        }

        _devices.Begin(_events);
        _kernel.AskAgain(_outside); // What a lost run still waited for.
    }

    // The server takes no more; whoever was let in is answered before the processes are told to stop.
    private StepResult AnswerWaiting(StepResult answer)
    {
        _serving.Close();
        long until = Environment.TickCount64 + Limits.ServeGraceMilliseconds;
        while (!IsLost && 0 < _serving.Waiting && Environment.TickCount64 < until)
        {
            var happened = _outside.TakeAnswer() ?? (_filled.TryTake(out var item) ? EventOf(item) : null);
            if (happened is null && !answer.MoreToDo)
            {
                _journal?.Flush(); // An answer may wait for the disk.
                Thread.Sleep(Limits.ServeLookMilliseconds); // The queue does not wait any more once the run is to end.
            }

            answer = Step(happened ?? new KernelEvent.Turn(_clock.Now));
        }

        return answer;
    }

    private StepResult Step(KernelEvent happened)
    {
        _outside.StepBegan = Stopwatch.GetTimestamp();
        var answer = _journal is null ? _kernel.Step(happened) : _journal.Step(_kernel, happened);
        _outside.Stepped(happened, _kernel.TookAnswer);
        return answer;
    }

    private StepResult Turn()
    {
        _outside.StepBegan = Stopwatch.GetTimestamp();
        return _journal?.Turn(_kernel, _clock.Now) ?? _kernel.Turn(_clock.Now);
    }

    // An operator is answered when what he did is kept.
    private StepResult Operate(KernelEvent happened)
    {
        var answer = Step(happened);
        _journal?.Flush();
        return answer;
    }

    private string? WhyLost() => IsLost && _journal is { KeepsAll: false }
        ? $"it cannot be kept, so the run ends without it: {_journal.Error}"
        : null;

    private void Note(ReadOnlyMemory<byte> bundle) => _journal?.Note(bundle);

    /// <summary>True once the run cannot be kept any more: then nothing that waits for the disk may leave.</summary>
    private bool IsLost => _journal is { IsLeft: true, Error: not null };

    // One after the other: a kernel refuses a swap while another is under way.
    private SwapOffer? TakeOffer() =>
        _offered is not null ? null : _offers.TryDequeue(out var offer) ? offer : _options.Swaps?.Take();

    private bool HasOffer => 0 < _offers.Count || _options.Swaps is { HasOffer: true };

    /// <summary>True while something may still come from outside: lines, answers of devices, requests.</summary>
    private bool Expects => 0 < _open || _devices.Expects || _serving.IsOn || _mayBePressed;

    /// <summary>The next input, waited for only when there is nothing else to do; null when time should go on
    /// instead.</summary>
    private KernelEvent? TakeInput(StepResult answer, long? deadline)
    {
        if (_outside.TakeAnswer() is { } answered)
        {
            return answered;
        }

        if (_filled.TryTake(out var item))
        {
            return EventOf(item);
        }

        if (answer.MoreToDo)
        {
            return null;
        }

        // What was printed must be seen before the run waits; what waited for the disk may be answered at once.
        Flush();
        if (_outside.TakeAnswer() is { } late)
        {
            return late;
        }

        if (IsLost || (_offered is null && HasOffer))
        {
            return null; // What is waited for was held for the disk, and will not come; or a version is to be taken.
        }

        if (_clock.IsVirtual && !Expects)
        {
            if (Earlier(answer.NextDue, deadline) is { } next)
            {
                _clock.AdvanceTo(next);
            }

            return null;
        }

        if (!Expects && answer.NextDue is null)
        {
            return null;
        }

        return Wait(answer.NextDue, deadline, out item) ? EventOf(item) : null;
    }

    private static long? Earlier(long? one, long? other) =>
        one is { } first && other is { } second ? Math.Min(first, second) : one ?? other;

    private bool Wait(long? due, long? deadline, out Arrival item)
    {
        long until = _clock.IsVirtual ? long.MaxValue : Math.Min(due ?? long.MaxValue, deadline ?? long.MaxValue);
        return _filled.TryTake(out item, until == long.MaxValue ? -1 : Math.Max(0, until - _clock.Now.Monotonic));
    }

    private KernelEvent? EventOf(Arrival arrival)
    {
        if (arrival == default)
        {
            return null;
        }

        if (arrival.Request is { } request)
        {
            return _serving.EventOf(request, _clock.Now);
        }

        if (arrival is { Feed: { } feed, Batch: { } happened })
        {
            _outside.Lend(happened, feed);
            return new KernelEvent.DeviceLines(_clock.Now, feed.Device, happened);
        }

        if (arrival is not { Reader: { } reader, Batch: { } batch })
        {
            _devices.Taken();
            _journal?.Note(arrival.Place);
            return arrival.Answer is { } given ? new KernelEvent.Answer(_clock.Now, arrival.Ask, given) : null;
        }

        _open -= batch.IsLast ? 1 : 0;
        if (reader.TakesBack(batch, _kernel.System))
        {
            return null;
        }

        _journal?.Note(arrival.Place);
        _outside.Lend(batch, reader);
        return reader.Device is { } device
            ? new KernelEvent.DeviceLines(_clock.Now, device, batch)
            : new KernelEvent.ChannelLines(_clock.Now, reader.Name, batch);
    }

    // Between two events: who waits for what the run has is served.
    private void Attend()
    {
        _filled.GoOn();
        FlushSometimes();
        if (_journal is RecentRun recent && _options.Recent is { IsAsked: true } desk)
        {
            Serve(desk, recent, _clock.Now.Monotonic);
        }
    }

    private static void Serve(RecentDesk desk, RecentRun recent, long now) => desk.Serve(() =>
        recent.Copy(now, out string whyNot) is { } copy ? new RecentCopy([copy], "") : new RecentCopy([], whyNot));

    // A run that never waits shows what it does all the same.
    private void FlushSometimes()
    {
        long now = Environment.TickCount64;
        if (Limits.FlushEveryMilliseconds <= now - _flushed)
        {
            _flushed = now;
            Flush();
        }
    }

    private void Flush()
    {
        TellJournalError();
        if (_control?.TakeNotice() is { } notice)
        {
            _streams.Log.WriteLine(notice);
        }

        _journal?.Flush();
        _outside.HandOn();
    }

    // A full disk ends the recording, not the run; but a run that is to be kept. The exit status says so too.
    private void TellJournalError()
    {
        if (_journal?.Told is { } told && !_journalErrorTold)
        {
            _journalErrorTold = true;
            _streams.Log.WriteLine(told);
        }
    }

    /// <summary>Every process runs its stop handler; what a guest still does elsewhere has been waited for
    /// before.</summary>
    private void Stop(StepResult answer, Patience patience)
    {
        answer = Step(new KernelEvent.Stop(_clock.Now));
        while (answer.MoreToDo && !patience.IsOver)
        {
            answer = Step(new KernelEvent.Turn(_clock.Now));
        }
    }
}
