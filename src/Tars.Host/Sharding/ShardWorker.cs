using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Tars.Devices.Host;
using Tars.Host.Journal;
using Tars.Host.Journal.Recent;
using Tars.Kernel.Ports;

namespace Tars.Host.Sharding;

/// <summary>One shard of a run: a kernel, the thread that alone steps it, and what has come for it.</summary>
internal sealed partial class ShardWorker : IDisposable
{
    private readonly ArrivalQueue _arrivals;
    private readonly Tide _tide;
    private readonly IClock _clock;
    private readonly ShardOutput _output;
    private readonly SystemOutside _outside;
    private readonly Kernel.Kernel _kernel;
    private readonly IRunJournal? _journal;
    private readonly Patience _patience;
    private readonly Thread _thread;
    private readonly Action _wakeRun;
    private readonly Standstill _still;
    private readonly Func<Arrival, int> _shardOf;
    private readonly Func<int, ShardWorker> _others;
    private readonly Queue<Arrival> _aside = new();
    private readonly int _number;
    private readonly long[] _fuel;
    private bool _isPaused;
    private long _pauses;
    private readonly KeptJournal? _kept;
    private readonly RecentRun? _recent;
    private readonly KernelEvent? _lastCommon;
    private readonly bool _hasBegun;
    private MoveAnswer? _moving;
    private volatile MoveAnswer? _moveAnswer;
    private readonly ReadySwap _ready = new();
    private long _busy;
    private StepResult _answer;
    private int _alive = 1;
    private volatile Phase _phase;
    private bool _wasStopped;
    private ExceptionDispatchInfo? _broken;

    public ShardWorker(ShardPlace place, RunParts parts, Func<int, ShardWorker> others)
    {
        var system = parts.Journals.SystemOf(place.Number);
        _arrivals = new ArrivalQueue(CancellationToken.None, new WakeBoost());
        _tide = parts.Tide;
        _clock = parts.Clock;
        _output = new ShardOutput(parts.Streams);
        _wakeRun = parts.WakeRun;
        _still = parts.Still;
        _shardOf = parts.ShardOf;
        _others = others;
        _number = place.Number;
        _fuel = new long[system.Modules.Length];
        _outside = new SystemOutside(
            system,
            _clock,
            _output.Streams,
            parts.Devices,
            parts.Options.JsonLines,
            parts.Options.Swaps)
        {
            Shard = place.Number,
            OnSwapReady = ready =>
            {
                _ready.Begin(ready);
                _wakeRun();
            },
            OnSwapSeen = refusals => SwapSeen = refusals,
            OnSwappedElsewhere = _ready.BeginAnew,
            OnSwapped = report =>
            {
                _ready.End(report);
                LastSwap = report;
                parts.Swapped(report);
            },
            OnMail = (shard, sequence, records) =>
            {
                _still.Left();
                others(shard).Take(Arrival.FromShard(new ShardMail(place.Number, sequence, records)));
            },
            OnMoving = (package, why) => _moving = new MoveAnswer(package, why),
        };
        (_kernel, _journal, _lastCommon, _hasBegun) = parts.Journals.Begin(place, _outside);
        _kept = _journal as KeptJournal;
        _recent = parts.Options.Recent is null ? null : parts.Journals.Recent(place, _journal);
        _journal = _recent ?? _journal;
        _patience = new Patience(_kernel, parts.Options.For, parts.Stop);
        _thread = new Thread(() => Run(parts.Options.Seed)) { IsBackground = true, Name = $"shard {place.Number}" };
    }

    private enum Phase
    {
        Running,
        Stopping,
        Ended,
    }

    /// <summary>Processes that live here.</summary>
    public int Alive => Volatile.Read(ref _alive);

    /// <summary>Whether even the stop handlers have had their time.</summary>
    public bool IsOverdue => _patience.IsOver;

    /// <summary>Octets of managed memory that its thread asked for.</summary>
    public long Allocated { get; private set; }

    /// <summary>What its kernel said to the newest step of a move; null until it has.</summary>
    public MoveAnswer? MoveAnswer => _moveAnswer;

    /// <summary>What it found in the way of a swap on another shard; to be asked once that was stepped.</summary>
    public ImmutableArray<string> SwapSeen { get; private set; } = [];

    /// <summary>What came of the newest swap of its own, if that was in the newest step; the same.
    /// </summary>
    public SwapReport? LastSwap { get; private set; }

    /// <summary>True while a swap of its own waits for all to stand still.</summary>
    public bool HasReady => _ready.IsWaiting;

    /// <summary>Nanoseconds in which it stepped its kernel so far.</summary>
    public long Busy => Volatile.Read(ref _busy);

    /// <summary>To be asked when it has ended.</summary>
    public KernelReport Report => _kernel.Report();

    /// <summary>The same.</summary>
    public IEnumerable<HandlerLatency> Latencies => _outside.Latencies;

    /// <summary>The same.</summary>
    public long Refused => _outside.Refused;

    /// <summary>The same.</summary>
    public PolicyReport Policy => _kernel.PolicyReport;

    /// <summary>As it came from its journal, before it starts.</summary>
    public RecoveredShard Recovered => new(_kernel, _lastCommon, _ready.Newest, (happened, bundle) =>
    {
        if (bundle is { } octets)
        {
            _journal?.Note(octets);
        }

        Step(happened);
    });

    /// <summary>What it has done is on the disk, and what it has to say to the others leaves. Before it starts.
    /// </summary>
    public void Settle()
    {
        _journal?.Flush();
        Ship();
    }

    /// <summary>Asks again what devices have not answered. Before it starts.</summary>
    public void AskAgain() => _kernel.AskAgain(_outside);

    public void Start()
    {
        _tide.Rise(); // It is awake.
        _thread.Start();
    }

    /// <summary>Something for its kernel. Any thread may bring it.</summary>
    public void Take(Arrival arrival)
    {
        _tide.Rise();
        _arrivals.Add(arrival);
    }

    /// <summary>What the processes of a module have burnt here, as of the newest look.</summary>
    public long FuelOf(int module) => Volatile.Read(ref _fuel[module]);

    /// <summary>Its processes are told to stop.</summary>
    public void Stop()
    {
        _patience.Begin();
        _phase = Phase.Stopping;
        Take(default);
    }

    /// <summary>Its thread ends, whatever is left to do. What broke on it is thrown here.</summary>
    public void End()
    {
        if (_thread.ThreadState.HasFlag(System.Threading.ThreadState.Unstarted))
        {
            return; // Another broke before it began.
        }

        _phase = Phase.Ended;
        Take(default);
        _thread.Join();
        if (_broken is null)
        {
            _journal?.End(_kernel);
        }

        _outside.TellRefusals();
        _outside.HandOn();
        _broken?.Throw();
    }

    public void Dispose()
    {
        _patience.Dispose();
        _journal?.Dispose();
        _outside.Dispose();
        _arrivals.Dispose();
        _output.Dispose();
    }

    private void Run(ulong seed)
    {
        try
        {
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            Step(_hasBegun ? new KernelEvent.Turn(_clock.Now) : new KernelEvent.Boot(_clock.Now, seed));
            while (_phase != Phase.Ended && !IsLost)
            {
                Go();
            }

            Allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            if (IsLost)
            {
                EndRun(); // The disk may have failed behind the newest step.
            }
        }
        catch (Exception broken)
        {
            // A mistake of our own ends the run, on the thread of whoever runs it.
            _broken = ExceptionDispatchInfo.Capture(broken);
            EndRun();
        }
    }

    private void EndRun()
    {
        Volatile.Write(ref _alive, -1);
        _wakeRun();
    }

    private void Go()
    {
        _arrivals.GoOn();
        if (_phase == Phase.Stopping && !_wasStopped)
        {
            _wasStopped = true;
            Step(new KernelEvent.Stop(_clock.Now));
        }
        else if (_outside.TakeAnswer() is { } answered)
        {
            Step(answered);
        }
        else if (_arrivals.TryTake(out var arrival))
        {
            Handle(arrival);
        }
        else if (_answer.MoreToDo)
        {
            Turn();
        }
        else
        {
            Wait();
        }
    }

    private void Wait()
    {
        Settle();
        if (IsLost)
        {
            return; // Nothing may come any more that would wake it.
        }

        _outside.HandOn();
        if (_isPaused)
        {
            _still.Say(_number, _pauses);
            _wakeRun();
        }

        if (_answer.NextDue is { } due && !_wasStopped)
        {
            if (_arrivals.TryTake(out var early, Math.Max(0, due - _clock.Now.Monotonic)))
            {
                Handle(early);
            }
            else
            {
                Turn();
            }

            return;
        }

        _tide.Fall();
        Arrival arrival;
        while (!_arrivals.TryTake(out arrival, nanoseconds: -1))
        {
            // A signal ends the sleep of a thread too.
        }

        _still.Say(_number, time: 0);
        _tide.Rise();
        Handle(arrival);
    }

    private void Handle(Arrival arrival)
    {
        if (arrival == default || arrival.Mail is not null || arrival.Command is not null)
        {
            Carry(arrival);
        }
        else if (_isPaused)
        {
            _aside.Enqueue(arrival);
        }
        else if (_shardOf(arrival) is var shard && shard != _number)
        {
            _others(shard).Take(arrival); // Whoever takes it has moved.
            _tide.Fall();
        }
        else
        {
            Carry(arrival);
        }
    }

    private void Carry(Arrival arrival)
    {
        if (EventOf(arrival) is { } happened)
        {
            Step(happened);
            if (happened is KernelEvent.Pause pause)
            {
                Stand(pause.Stands);
            }
        }

        if (arrival.Command is { } command)
        {
            Settle(); // What comes of it counts when it is kept.
            command.Done?.Invoke();
        }

        if (arrival.Mail is not null)
        {
            _still.Taken();
        }

        _tide.Fall();
    }

    /// <summary>True once it cannot be kept any more: then nothing that waits for the disk may leave.</summary>
    public bool IsLost => _kept is { Error: not null };

    /// <summary>Where the modules live; before it starts.</summary>
    public ShardPlan Plan => _kernel.ShardView!.Plan; // It is one of several.

    /// <summary>What runs; before it starts.</summary>
    public SystemImage Image => _kernel.System;

    // Mail counts from its event on, also while it waits for the disk.
    private void Ship()
    {
        if (_kept is null)
        {
            return;
        }

        for (int added = _kept.Mail.TakeAdded(); 0 < added; added--)
        {
            _still.Left();
            _tide.Rise();
        }

        int known = _kept.Leave(
            shard => _others(shard)._kept!.KeptFrom(_number), // Where one is kept, all are.
            (shard, sequence, records) =>
            {
                _others(shard).Take(Arrival.FromShard(new ShardMail(_number, sequence, records)));
                _tide.Fall();
            });
        for (; 0 < known; known--)
        {
            _still.Taken();
            _tide.Fall();
        }
    }

    private void Stand(bool stands)
    {
        _isPaused = stands;
        _outside.StandsSince = stands ? Stopwatch.GetTimestamp() : 0;
        _pauses += stands ? 1 : 0;
        _still.Say(_number, time: 0);
        while (!stands && _aside.TryDequeue(out var arrival))
        {
            Handle(arrival);
        }
    }

    private KernelEvent? EventOf(Arrival arrival)
    {
        if (arrival.Command is { } command)
        {
            if (command.Bundle is { } bundle)
            {
                _journal?.Note(bundle);
            }

            return command.EventOf(_clock.Now);
        }

        if (arrival.Mail is { } mail)
        {
            return new KernelEvent.FromShard(_clock.Now, mail.From, mail.Sequence, [.. mail.Records.Span]);
        }

        if (arrival is { Feed: { } feed, Batch: { } happened })
        {
            _outside.Lend(happened, feed);
            return new KernelEvent.DeviceLines(_clock.Now, feed.Device, happened);
        }

        if (arrival is { Reader: { } reader, Batch: { } batch })
        {
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

        _journal?.Note(arrival.Place);
        return arrival.Answer is { } given ? new KernelEvent.Answer(_clock.Now, arrival.Ask, given) : null;
    }

    private void Step(KernelEvent happened)
    {
        _outside.StepBegan = Stopwatch.GetTimestamp();
        _answer = _journal is null ? _kernel.Step(happened) : _journal.Step(_kernel, happened);
        _outside.Stepped(happened, _kernel.TookAnswer);
        After();
    }

    private void Turn()
    {
        _outside.StepBegan = Stopwatch.GetTimestamp();
        _answer = _journal?.Turn(_kernel, _clock.Now) ?? _kernel.Turn(_clock.Now);
        After();
    }

    private void After()
    {
        Volatile.Write(ref _busy, _busy + Stopwatch.GetElapsedTime(_outside.StepBegan).Ticks * 100);
        Ship();
        int alive = IsLost ? -1 : _answer.Alive;
        if (Interlocked.Exchange(ref _alive, alive) > 0 && alive <= 0)
        {
            _wakeRun();
        }

        if (Limits.OutputHeldMax < _output.Length)
        {
            _outside.HandOn();
        }
    }

    /// <summary>What the workers of a run share.</summary>
    internal sealed record RunParts(
        RunOptions Options,
        RunStreams Streams,
        ShardJournals Journals,
        IClock Clock,
        AskedDevices Devices,
        Tide Tide,
        Standstill Still,
        Func<Arrival, int> ShardOf,
        Action WakeRun,
        Action<SwapReport> Swapped,
        CancellationToken Stop);
}
