using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Container;
using Tars.Kernel.Checkpoints;
using Tars.Kernel.Ipc;
using Tars.Kernel.Journal;
using Tars.Kernel.Ports;
using Tars.Kernel.Sharding;

namespace Tars.Kernel;

/// <summary>
/// The deterministic heart: processes, messages, time and authority, moved by <see cref="Step"/> alone.
/// </summary>
/// <remarks>
/// Use:
/// Link modules to a <see cref="SystemImage"/>, make a kernel of it, Step(Boot) once, then Step whatever happens.
/// While the
///   answer says that there is more to do, Step(Turn).
///
/// Invariants:
///   I1  State changes only in Step, and Step is a function of state and event.
///   I2  Nothing that a guest does makes Step throw; it ends its own process at most.
///   I3  One Step runs a bounded number of batches.
/// </remarks>
public sealed class Kernel
{
    private readonly KernelState _state;
    private int _stopBatches;
    private bool _booted;

    public Kernel(SystemImage system, IOutside outside) => _state = new KernelState(system, outside);

    /// <summary>A kernel with a mistake in it.</summary>
    internal Kernel(SystemImage system, IOutside outside, Planted planted) =>
        _state = new KernelState(system, outside, planted);

    /// <summary>What goes wrong with messages; a simulation's, and part of where it begins.</summary>
    public MessageFaults? Faults
    {
        get => _state.Link.Faults;
        init => _state.Link.Faults = value;
    }

    /// <summary>Who decides which process runs next.</summary>
    public PolicyChoice Policy
    {
        get => _state.Turns.Choice;
        init => _state.Turns.Choice = value;
    }

    /// <summary>How many processes may keep their rings while they wait; a test's, which has fewer processes.</summary>
    internal int WarmMax
    {
        get => _state.Warm.Max;
        set => _state.Warm.Max = value;
    }

    /// <summary>Which one it is of several that run one system; null for the only one.</summary>
    public ShardPlace? Shard
    {
        init => _state.Shards = value is { Plan.Count: > 1 } ? new Shards(_state, value) : null;
    }

    /// <summary>Agents that are not run; a simulation's, and part of where it begins.</summary>
    public ImmutableArray<AgentStub> Stubs
    {
        init => _state.Stubs = new Stubs(_state, value);
    }

    /// <summary>What it knows of itself as one of several shards; null for the only one.</summary>
    public ShardView? ShardView => _state.Shards?.View;

    /// <summary>The newest events that were rolled back and not delivered again, oldest first.</summary>
    public IEnumerable<KeptLetter> DeadLetters => _state.DeadLetters.Letters;

    /// <summary>Ends what a guest does just now; its event is rolled back.</summary>
    /// <remarks>The one call that any thread may make.</remarks>
    public void Abort() => _state.RunningGuest?.Abort();

    /// <summary>What was done so far as one number: it differs as soon as two runs do.</summary>
    public ulong Trace => _state.Trace.Digest;

    /// <summary>Events that processes have handled, committed or rolled back.</summary>
    public long Transactions => _state.Trace.Transactions;

    /// <summary>The newest of them.</summary>
    public Transaction? LastTransaction => _state.Trace.Last;

    /// <summary>The state of all processes as one number. Asking changes nothing.</summary>
    public StateDigest StateDigest() => StateDigests.Of(_state);

    /// <summary>What the scheduling policy did.</summary>
    public PolicyReport PolicyReport => _state.Turns.Report;

    /// <summary>What guests have burnt so far.</summary>
    internal long Fuel => _state.Trace.Fuel;

    /// <summary>Whether the newest event was the answer of a device and a process took its value.</summary>
    public bool TookAnswer => _state.TookAnswer;

    /// <summary>Whether a process lives here.</summary>
    public bool Has(ProcessId process) => _state.Find(process) is not null;

    /// <summary>Numbers of which a table says on which shard they live; zero in a run on one.</summary>
    internal int MovedNumbers => _state.Shards?.MovedNumbers ?? 0;

    /// <summary>Octets that one Step sends to other shards.</summary>
    internal long ShardOutgoingBytesMax
    {
        set => _state.Shards?.OutgoingBytesMax = value;
    }

    /// <summary>How many blobs somebody holds.</summary>
    internal int BlobCount => _state.Blobs.Count;

    /// <summary>Narrowed capabilities that stand, as far as this kernel knows.</summary>
    internal int DerivationCount => _state.Derivations.Count;

    /// <summary>Which those are, and whether each lives here.</summary>
    internal IEnumerable<(long Id, bool IsHere)> Lent =>
        _state.Derivations.InOrder.Select(one => (one.Id, _state.Shards?.IsElsewhere(one.By) != true));

    /// <summary>The first process has the id behind this one.</summary>
    internal long IdsFrom
    {
        init => (_state.LastId, _state.Processes.Below) = (value, new ProcessId(value));
    }

    /// <summary>Writes all that the kernel is, so that another can go on from here. Asking changes nothing.</summary>
    /// <returns>Null, or why that cannot be done just now.</returns>
    public string? TryCheckpoint(ByteWriter output)
    {
        int start = output.Length;
        string? why = _booted ? CheckpointCodec.WhyNot(_state) : "it has not begun";
        why ??= CheckpointCodec.Save(_state, output);
        if (why is not null)
        {
            output.Truncate(start);
        }

        return why;
    }

    /// <summary>A kernel that goes on from a checkpoint, whose octets may say anything.</summary>
    /// <param name="system">Linked of the modules that ran, in their order.</param>
    /// <param name="load">Loads a version that may come back; the outside is told when it is let go of. Null where
    /// there is none: then a swap on probation stands for good.</param>
    /// <param name="why">Empty, or why there is none.</param>
    /// <param name="shard">Of one of several: as it began.</param>
    /// <param name="policy">With the module that decides, if one did then. Null where none did.</param>
    public static Kernel? From(
        SystemImage system,
        IOutside outside,
        ReadOnlySpan<byte> checkpoint,
        Func<BundleHash, ModuleImage?>? load,
        out string why,
        ShardPlace? shard = null,
        PolicyChoice? policy = null)
    {
        var kernel = new Kernel(system, outside) { Shard = shard, Policy = policy ?? new PolicyChoice() };
        return kernel.GoOn(checkpoint, load, out why) ? kernel : null;
    }

    /// <summary>The same for a kernel that has not begun. Where it says why not, that is of no use any more.</summary>
    internal bool GoOn(ReadOnlySpan<byte> checkpoint, Func<BundleHash, ModuleImage?>? load, out string why)
    {
        _booted = true;
        why = CheckpointCodec.Load(_state, checkpoint, load ?? (_ => null)) ?? "";
        if (why.Length == 0)
        {
            return true;
        }

        LetGoOfGuests();
        _state.Swaps.LetGo();
        return false;
    }

    /// <summary>Gives back what its guests hold, of a kernel that is never stepped again; else that waits for the
    /// garbage collector.</summary>
    internal void LetGoOfGuests()
    {
        foreach (var process in _state.Processes.Values)
        {
            process.Guest?.Dispose();
        }
    }

    /// <summary>
    /// Tells an outside once more what devices were asked and have not answered: for a host that began anew.
    /// </summary>
    public void AskAgain(IOutside outside)
    {
        // In the order in which they were asked: what a device did of them before, it does again in that order.
        foreach (var process in _state.Processes.Values.OrderBy(one => one.Waiting?.Number ?? 0))
        {
            if (process.Waiting is { Payload: null, Call: { } call } ask)
            {
                outside.Asked(process.Id, call.Device, ask.Number, call.Asked);
            }
        }
    }

    /// <summary>What runs: another one after a swap.</summary>
    public SystemImage System => _state.System;

    /// <summary>Versions that do not run and that a trap may bring back.</summary>
    public IEnumerable<BundleHash> OnProbation => _state.Swaps.Kept;

    /// <summary>The moment of the newest event.</summary>
    public Moment Now => _state.Now;

    public KernelReport Report() => KernelReports.Of(_state);

    /// <summary>What the living processes do just now, in order of birth. Asking changes nothing.</summary>
    /// <param name="after">Those that were born after this one.</param>
    public IEnumerable<ProcessStatus> Status(ProcessId after = default) => KernelReports.StatusOf(_state, after);

    /// <summary>What the living processes may use from birth on. Asking changes nothing.</summary>
    public IEnumerable<HeldRight> Rights() => _state.Denials.Held();

    public StepResult Step(KernelEvent happened)
    {
        Invariant.Holds(_booted != happened is KernelEvent.Boot);
        return GoOn(happened.At, happened);
    }

    /// <summary>As Step of a <see cref="KernelEvent.Turn"/>, and nothing is allocated for it.</summary>
    public StepResult Turn(Moment at)
    {
        Invariant.Holds(_booted);
        return GoOn(at, happened: null);
    }

    private StepResult GoOn(Moment at, KernelEvent? happened)
    {
        // The monotonic clock is the host's promise; a step back would be our own mistake.
        Invariant.Holds(_state.Now.Monotonic <= at.Monotonic);
        _state.Now = at;
        _state.TookAnswer = false;
        _state.Trace.Begin(happened);
        _state.Turns.Begin();
        _state.Clock.Fire();
        _state.Link.Fire();
        _state.Swaps.Fire();
        _state.Returns.Fire();
        _state.Shards?.Departures.GoOn();
        if (happened is not null)
        {
            Apply(happened);
        }

        Work();
        _state.Shards?.Ship();
        return new StepResult(
            HasMore(),
            NextDue(),
            _state.Processes.Count,
            _state.Running + _state.Turns.Running,
            _state.Trace.Aborted);
    }

    /// <summary>
    /// The same, but it stands still once so many transactions are over: to be looked at, and not moved any more.
    /// </summary>
    public void StepUntil(KernelEvent happened, long transactionsMax)
    {
        _state.Trace.TransactionsMax = transactionsMax;
        Step(happened);
    }

    private void Apply(KernelEvent happened)
    {
        switch (happened)
        {
            case KernelEvent.Boot boot:
                _booted = true;
                _state.Seed = boot.Seed;
                _state.Turns.Boot(boot.Seed);
                _state.Births.Boot();
                break;
            case KernelEvent.Turn:
                break;
            case KernelEvent.DeviceLines lines:
                _state.Inputs.Receive(lines);
                break;
            case KernelEvent.ChannelLines lines:
                _state.Inputs.Receive(lines);
                break;
            case KernelEvent.DeviceInput input:
                _state.Inputs.Receive(input);
                break;
            case KernelEvent.Message message:
                _state.Inputs.Receive(message);
                break;
            case KernelEvent.Swap swap:
                _state.Swaps.Request(swap);
                break;
            case KernelEvent.Look look:
                _state.Saving.Look(look.Process);
                break;
            case KernelEvent.Answer answer:
                _state.Asks.Answer(answer.Number, answer.Given);
                break;
            case KernelEvent.Ask asked:
                _state.OutsideAsks.Ask(asked);
                break;
            case KernelEvent.Request asked:
                _state.OutsideAsks.Request(asked);
                break;
            case KernelEvent.Crash crash:
                _state.Supervisor.Crash(crash);
                break;
            case KernelEvent.Pause pause:
                _state.IsPaused = pause.Stands;
                _state.Shards?.Paused(pause.Stands);
                _state.Turns.GoOn();
                break;
            case KernelEvent.SwapHere go:
                _state.Swaps.Go(go);
                break;
            case KernelEvent.FromShard or KernelEvent.MoveOut or KernelEvent.MoveIn or KernelEvent.SwapElsewhere:
                OfShards(happened);
                break;
            case KernelEvent.GuestDone done:
                Done(done);
                break;
            case KernelEvent.Stop:
                Stop();
                break;
            default:
                _state.Operator.Apply(happened);
                break;
        }
    }

    private void Work() // I3
    {
        int most = _state.Stands ? 0 : Limits.BatchesPerStepMax;
        for (int batches = 0; batches < most && !_state.Trace.IsFull; batches++)
        {
            if (_state.Swaps.Advance())
            {
                if (_state.Stands)
                {
                    return; // The swap goes on when all shards stand still.
                }

                continue;
            }

            if (_state.Turns.Take() is { } turn)
            {
                _state.Runner.Run(turn.Process, turn.EventsMax);
                _state.Wake(turn.Process);
            }
            else if (!_state.IsStopping || 0 < _state.Running)
            {
                return;
            }
            else if (!_state.Supervisor.StopNext())
            {
                if (_state.Shards?.Awaits() == true)
                {
                    return;
                }

                // All were told, nothing runs and nothing is left to run: who is still there waits for ever.
                EndAll("it waits for something that will not come");
                return;
            }

            if (_state.IsStopping && Limits.StopBatchesMax < ++_stopBatches)
            {
                EndAll("it did not come to rest");
                return;
            }
        }
    }

    private long? NextDue() => _state.Stands ? null : Earlier(
        Earlier(Earlier(_state.Clock.NextDue, _state.Returns.NextDue), _state.Turns.DueAt),
        Earlier(_state.Link.NextDue, _state.Swaps.DueAt));

    private static long? Earlier(long? one, long? other) =>
        one is { } first && other is { } second ? Math.Min(first, second) : one ?? other;

    private bool HasMore() =>
        _state.Shards?.Departures.HasMore == true
        || (!_state.Stands && (_state.Turns.HasReady || _state.Swaps.HasMore || HasToEnd()));

    private bool HasToEnd() => _state is { IsStopping: true, Running: 0 } && 0 < _state.Processes.Count
        && _state.Shards?.Awaits() != true;

    private void Stop()
    {
        if (!_state.IsStopping)
        {
            _state.Swaps.Stop();
            _state.Turns.Stop();
            _state.Inputs.Cut();
            _state.Supervisor.StopAll();
        }
    }

    private void EndAll(string why)
    {
        foreach (var process in _state.Processes.Values.ToArray())
        {
            _state.Supervisor.End(process, EndReason.Stopped, why);
        }
    }

    private void OfShards(KernelEvent happened)
    {
        if (_state.Shards is { } shards)
        {
            shards.Apply(happened);
        }
        else
        {
            _state.Audit(ProcessId.Outside, "shard", "", "there is no other shard");
        }
    }

    private void Done(KernelEvent.GuestDone done)
    {
        if (_state.Turns.TakesDone(done))
        {
            return;
        }

        var process = _state.Find(done.Process);
        Invariant.Holds(process is not null && process.Phase != Processes.GuestPhase.Idle);
        _state.Running--;
        _state.Runner.Complete(process, done.Result);
    }
}
