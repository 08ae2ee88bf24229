using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.ExceptionServices;
using Tars.Devices.Host;
using Tars.Host.Control;
using Tars.Host.Journal.Recent;
using Tars.Host.Swapping;
using Tars.Kernel.Ports;
using Introspect = Tars.Devices.Introspect;

namespace Tars.Host.Sharding;

/// <summary>Runs bundles as one system on several kernels, each with a thread of its own.</summary>
/// <remarks>
/// The calling thread steps no kernel: it takes what comes from inputs and devices and hands each to its shard. The run
/// ends as one on a single kernel does: when nothing is left to come, when its time is over, or at a signal.
/// </remarks>
internal sealed partial class ShardedRun : IDisposable
{
    private const long AwaitNanoseconds = 1_000_000;

    private SystemImage _system;
    private readonly Standstill _still;
    private ShardPlan _plan;
    private readonly RunOptions _options;
    private readonly RunStreams _streams;
    private readonly ShardJournals _journals;
    private readonly ArrivalQueue _filled;
    private readonly AskedDevices _devices;
    private readonly ImmutableArray<InputReader> _readers;
    private readonly SystemClock _clock = new();
    private readonly Tide _tide;
    private readonly ImmutableArray<ShardWorker> _workers;
    private readonly ControlServer? _control;
    private readonly ControlWork? _operated;

    // An operator may press a button at any time.
    private readonly bool _mayBePressed;
    private readonly CancellationToken _stop;
    private readonly ConcurrentQueue<SwapReport> _swaps = new();
    private bool _journalErrorTold;

    // Versions that were given at the start in the place of what was kept, and the module that was handed in last.
    private Queue<SwapOffer> _newer = [];
    private string? _offered;
    private int _open;
    private long _deadline = long.MaxValue;

    private ShardedRun(
        SystemImage system,
        RunOptions options,
        RunStreams streams,
        ShardJournals journals,
        ArrivalQueue filled,
        AskedDevices devices,
        ImmutableArray<InputReader> readers,
        ControlServer? control,
        CancellationToken stop)
    {
        _system = system;
        _journals = journals;
        _control = control;
        _stop = stop;
        _options = options;
        _streams = streams;
        _filled = filled;
        _devices = devices;
        _readers = readers;
        _open = readers.Length;
        _plan = ShardPlan.Of(system, options.Shards);
        _tide = new Tide(() => _filled.Add(default));
        _still = new Standstill(options.Shards);
        var parts = new ShardWorker.RunParts(
            options,
            streams,
            journals,
            _clock,
            devices,
            _tide,
            _still,
            ShardOf,
            () => _filled.Add(default),
            Swapped,
            stop);
        _workers =
        [
            .. Enumerable.Range(0, options.Shards).Select(shard =>
                new ShardWorker(new ShardPlace(_plan, shard), parts, WorkerOf)),
        ];
        var shards = new OperatedShards(
            _workers, () => _system, () => _plan, journals, AwaitWhileOn, WhyNot, Swap);
        _operated = control is null ? null : new ControlWork(shards, _clock, options.Engines);
        _mayBePressed = control is not null
            && system.Devices.Any(one => one.Kind.Name == Devices.Button.Device.Kind && one.IsHeard);
    }

    /// <summary>Loads, links and runs; or every reason why not.</summary>
    /// <param name="options">With what is granted applied.</param>
    public static RunOutcome Run(
        IEngine engine,
        IReadOnlyList<ReadOnlyMemory<byte>> bundles,
        RunOptions options,
        RunStreams streams,
        CancellationToken stop)
    {
        ImmutableArray<string> unfit = [.. WhyNot(options)];
        if (!unfit.IsEmpty)
        {
            return new RunOutcome.Refused(unfit);
        }

        using var journals = ShardJournals.Open(engine, bundles, options);
        if (journals.System is not { } system)
        {
            return new RunOutcome.Refused([.. journals.Reasons]);
        }

        options = journals.Options;

        using var filled = new ArrivalQueue(stop);
        options = options with
        {
            Recent = options.KeepsRecent ? new RecentDesk(() => filled.Add(default), options.Engines) : null,
        };
        var inputs = new InputOpener(system, options, streams.Input, filled, journals.Inputs);
        var readers = inputs.Open();
        using var devices = new AskedDevices(system, options, filled, journals.Inputs);
        try
        {
            devices.Open(streams.Log);
            var plan = ShardPlan.Of(system, options.Shards);
            ImmutableArray<string> reasons =
                [.. inputs.Reasons, .. devices.Reasons, .. WhyNot(system, readers, plan)];
            if (!reasons.IsEmpty)
            {
                return new RunOutcome.Refused(reasons);
            }

            inputs.TellUnfed(readers, streams.Log);
            inputs.TellUnread(streams.Log);
            using var control = ControlServer.Open(options, system, () => filled.Add(default), out string unheard);
            string? unfitted = unheard.Length == 0 ? journals.Create() : $"--control: {unheard}";
            if (unfitted is not null)
            {
                return new RunOutcome.Refused([unfitted]);
            }

            // An arrival of nothing only wakes the run.
            options.Swaps?.Attach(system, () => filled.Add(default), options);
            using var run = new ShardedRun(
                system, options, streams, journals, filled, devices, readers, control, stop);
            return run.GoOn() ? new RunOutcome.Ended(run.Loop()) : new RunOutcome.Refused([.. journals.Reasons]);
        }
        finally
        {
            options.Recent?.Close();
            foreach (var reader in readers)
            {
                reader.Dispose();
            }
        }
    }

    public void Dispose()
    {
        foreach (var worker in _workers)
        {
            worker.Dispose();
        }
    }

    // What needs one kernel that sees all. Each is told, so that nobody believes that it is in force.
    private static IEnumerable<string> WhyNot(RunOptions options)
    {
        (bool IsAsked, string What)[] rows =
        [
            (!options.Listen.IsEmpty, "--listen: its server"),
            (options.VirtualTime, "--virtual-time: its clock"),
        ];
        return from row in rows where row.IsAsked select $"{row.What} knows one shard only; leave --shards out";
    }

    private static IEnumerable<string> WhyNot(SystemImage system, ImmutableArray<InputReader> readers, ShardPlan plan)
    {
        foreach (var device in system.Devices.Where(one => one.IsDeclared && one.Kind.Name == Introspect.Device.Kind))
        {
            yield return $"--shards: {device.FullName} looks at the run, and would see one shard only";
        }

        foreach (var reader in readers.Where(one => one.Device is null))
        {
            if (1 < plan.TakersOf(system, reader.Name).Count())
            {
                yield return $"--input {reader.Name}: modules on several shards take it, and its lines go to one";
            }
        }
    }

    private ShardWorker WorkerOf(int shard) => _workers[shard];

    // False with reasons. What is kept goes on as one run: what some shards have yet to learn of they learn now.
    private bool GoOn()
    {
        if (!_journals.IsKept || 0 < _journals.Reasons.Count)
        {
            return _journals.Reasons.Count == 0;
        }

        _clock.GoOnFrom(_journals.Monotonic);
        if (!_journals.Complete([.. _workers.Select(one => one.Recovered)], _clock.Now))
        {
            return false;
        }

        foreach (var worker in _workers)
        {
            worker.Settle();
        }

        _swaps.Clear(); // What was swapped before is done again and no news.
        _journals.IsActing = false;
        _plan = _workers[0].Plan;
        _system = _workers[0].Image;
        _newer = new Queue<SwapOffer>(_journals.Newer(_system));
        _journals.LeftOut(_system).ToList().ForEach(_streams.Log.WriteLine);
        return _journals.Reasons.Count == 0;
    }

    // Whatever breaks, no thread is left that would use what is disposed of next; what broke first is thrown.
    private RunReport Loop()
    {
        int collections = GC.CollectionCount(2);
        long begin = _clock.Now.Monotonic;
        ExceptionDispatchInfo? broken = null;
        try
        {
            Serve(begin);
        }
        catch (Exception first)
        {
            broken = ExceptionDispatchInfo.Capture(first);
        }

        _control?.Desk.Close();
        _operated?.End();
        foreach (var worker in _workers)
        {
            try
            {
                worker.End();
            }
            catch (Exception first)
            {
                broken ??= ExceptionDispatchInfo.Capture(first);
            }
        }

        broken?.Throw();
        TellJournalError();
        foreach (var reader in _readers)
        {
            InputText.Tell(reader, _streams.Log);
        }

        return ShardedReport.Of(
            _system,
            _plan,
            _workers,
            [.. _readers.Select(reader => reader.Report)],
            _clock.Now.Monotonic - begin,
            GC.CollectionCount(2) - collections) with
        {
            Engines = _options.Engines?.Rows ?? [],
            ShardPolicies = _options.IsDefaultPolicy && _workers.All(one => one.Policy.Module is null)
                ? []
                : [.. _workers.Select(one => one.Policy)],
            WasStopped = _operated is { IsOver: true },
        };
    }

    private void Serve(long begin)
    {
        int used = _system.Modules.Select((_, module) => _plan.ShardOf(module)).Distinct().Count();
        if (used < _options.Shards)
        {
            _streams.Log.WriteLine(
                $"--shards {_options.Shards}: the modules stand for {used} alone, so the others have nothing to do");
        }

        _deadline = _options.For is { } span && span < long.MaxValue - begin ? begin + span : long.MaxValue;
        _devices.Begin(_journals.Events);
        foreach (var worker in _workers)
        {
            worker.AskAgain(); // What a lost run still waited for.
        }

        foreach (var worker in _workers)
        {
            worker.Start();
        }

        foreach (var reader in _readers)
        {
            reader.Start();
        }

        _control?.Desk.Begin();
        var placing = new Placing(_system, _options, _workers, begin);
        while (IsOn && HasLife && !IsAtRest)
        {
            long wait = Math.Min(_deadline, placing.NextLook) - _clock.Now.Monotonic;
            if (_control?.Desk.Take() is { } task)
            {
                _operated!.Do(task); // There is one with the other.
            }
            else if (TakeOffer() is { } offer)
            {
                Offer(offer, _options.Swaps?.Terms ?? _options.Terms); // One after the other.
            }
            else if (_filled.TryTake(out var arrival) || _filled.TryTake(out arrival, Math.Max(0, wait)))
            {
                Route(arrival);
            }

            if (placing.Choose(_plan, _clock.Now.Monotonic) is var (module, shard))
            {
                Move(module, shard);
            }

            GoOnWithSwaps();
            ServeRecent();
            TellNotice();
            TellJournalError();
        }

        if (!_journals.IsKept)
        {
            Stop(); // A run that is kept is left.
        }
    }

    private SwapOffer? TakeOffer() =>
        _offered is not null ? null : _newer.TryDequeue(out var given) ? given : _options.Swaps?.Take();

    private void TellNotice()
    {
        if (_control?.TakeNotice() is { } notice)
        {
            lock (_streams.Log)
            {
                _streams.Log.WriteLine(notice);
            }
        }
    }

    // A full disk ends the recording of a shard, not the run; but a run that is to be kept.
    private void TellJournalError()
    {
        if (!_journalErrorTold
            && _workers.Where(one => one.JournalTold is not null).MinBy(one => one.KeepsAll)?.JournalTold is { } told)
        {
            _journalErrorTold = true;
            lock (_streams.Log)
            {
                _streams.Log.WriteLine(told);
            }
        }
    }

    private void Move(int module, int shard)
    {
        string name = _system.Modules[module].Manifest.Name;
        bool isLeftUndone = _journals.IsActing; // What an operator did as the run ends.
        _journals.IsActing = true;
        string? why = WhyNot(_system, _readers, _plan.Moved(module, shard)).FirstOrDefault()
            ?? new ModuleMove(_workers, _still, AwaitWhileOn, Await, Moved)
                .Run(module, _plan.ShardOf(module), shard);
        _journals.IsActing = isLeftUndone || IsBroken;
        lock (_streams.Log)
        {
            _streams.Log.WriteLine(why is null
                ? $"{name} lives on shard {shard} from now on"
                : $"{name} stays on shard {_plan.ShardOf(module)}: {why}");
        }
    }

    private void Moved(int module, int shard) => Volatile.Write(ref _plan, _plan.Moved(module, shard));

    // False when a shard broke before.
    private bool Await(Func<bool> isDone)
    {
        while (!isDone())
        {
            if (IsBroken)
            {
                return false;
            }

            if (_filled.TryTake(out var arrival) || _filled.TryTake(out arrival, AwaitNanoseconds))
            {
                Route(arrival);
            }
        }

        return true;
    }

    // The same for what is not worth that the run goes on for it. True where it is done at the last moment.
    private bool AwaitWhileOn(Func<bool> isDone) => Await(() => isDone() || !IsOn) && isDone();

    private bool IsOn => !_stop.IsCancellationRequested && _clock.Now.Monotonic < _deadline
        && _operated?.IsOver != true;

    private bool IsBroken => _workers.Any(one => one.Alive < 0);

    private bool HasLife => _workers.All(one => 0 <= one.Alive) && _workers.Any(one => 0 < one.Alive);

    // In this order: who was awake may have asked a device before it came to rest.
    private bool IsAtRest => _tide.IsAtRest && _open == 0 && !_devices.Expects && !_mayBePressed
        && _newer.Count == 0 && _options.Swaps is not { HasOffer: true } && _offered is null && _swaps.IsEmpty
        && !_workers.Any(one => one.HasReady);

    private void Route(Arrival arrival)
    {
        if (arrival == default)
        {
            return; // It only wakes the run.
        }

        bool isLast = arrival.Batch is { IsLast: true }; // Once it is taken the batch may be another's at any time.
        WorkerOf(ShardOf(arrival)).Take(arrival);
        if (arrival.Reader is not null)
        {
            _open -= isLast ? 1 : 0;
        }
        else if (arrival.Feed is null)
        {
            _devices.Taken();
        }
    }

    // Asked by the workers too: what came before a move is handed on after it.
    private int ShardOf(Arrival arrival)
    {
        var plan = Volatile.Read(ref _plan);
        var system = Volatile.Read(ref _system);
        if ((arrival.Feed?.Device ?? arrival.Reader?.Device) is { } device)
        {
            string module = system.Devices[device.Value].Module;
            return plan.ShardOf(system.Modules.Index().First(one => one.Item.Manifest.Name == module).Index);
        }

        return arrival.Reader is { } reader
            ? plan.TakersOf(system, reader.Name).FirstOrDefault() // A new version may take it no more.
            : plan.ShardOfNumber(arrival.Ask);
    }

    // All at the same time: what they still say to each other arrives.
    private void Stop()
    {
        foreach (var worker in _workers)
        {
            worker.Stop();
        }

        while (!_tide.IsAtRest && _workers.All(one => 0 <= one.Alive && !one.IsOverdue))
        {
            if (_filled.TryTake(out var arrival))
            {
                Route(arrival);
            }
            else
            {
                // The queue does not wait any more once the run is to end.
                Thread.Sleep(Limits.ServeLookMilliseconds);
            }
        }
    }
}
