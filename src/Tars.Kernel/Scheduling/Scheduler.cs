using Tars.Base;
using Tars.Kernel.Ports;
using Tars.Kernel.Processes;

namespace Tars.Kernel.Scheduling;

/// <summary>Keeps those who are ready and has a policy say who is next.</summary>
/// <remarks>
/// Invariants:
///   I1  A process stands in the queue at most once, and nobody who is ready is outside of it.
///   I2  The scheduler's clock follows the monotonic one, never goes back, and goes on with what guests burn where they
///       answer at once: inside a Step, where the monotonic clock stands, waiting counts all the same.
///   I3  When a module that decides does so badly, a built-in policy goes on with all who are ready.
/// </remarks>
internal sealed class Scheduler(KernelState state)
{
    // In a checkpoint: beside the kind of policy, that a module decides.
    private const byte ModuleDecides = 0x80;

    private PolicyChoice _choice = new();
    private IReadyQueue _queue = new RoundRobinQueue();
    private PolicyProcess? _policy;
    private ModuleQueue? _module;
    private long _order;
    private long _turns;

    public PolicyChoice Choice
    {
        get => _choice;
        set
        {
            _choice = value;
            _policy = value.Module is null ? null : new PolicyProcess(value.Module);
            _module = _policy is null ? null : new ModuleQueue(state, this, _policy, value.Watchdog);
            _queue = (IReadyQueue?)_module ?? QueueOf(value.Kind, Ages);
        }
    }

    /// <summary>What the scheduler takes for the time, in nanoseconds.</summary>
    public long Clock { get; private set; }

    /// <summary>True when a process would run now.</summary>
    public bool HasReady => 0 < _queue.Count && state.Running < _choice.RunningMax && !IsAsked;

    /// <summary>Guests of a policy that run elsewhere.</summary>
    public int Running => _policy?.Running ?? 0;

    /// <summary>When a policy must have answered; null when none is asked.</summary>
    public long? DueAt => IsAsked ? _module!.DueAt - (Clock - state.Now.Monotonic) : null;

    public PolicyReport Report => new(
        _policy?.Name ?? PolicyNames.Of(_choice.Kind),
        _turns,
        _policy is null || _module is null
            ? null
            : new PolicyModuleReport(
                _module.Turns, _policy.Calls, _policy.Fuel, _module.Failure, _choice.Kind, _policy.Metrics));

    /// <summary>True while the answer of a module is awaited, or a guest of it still runs.</summary>
    public bool IsAsking => 0 < Running || IsAsked;

    private bool IsAsked => Decides && _module is { IsAsked: true };

    private bool Decides => _module is not null && _queue == _module;

    /// <summary>The run begins.</summary>
    public void Boot(ulong seed) => _policy?.Boot(state.Now, seed);

    /// <summary>A Step begins.</summary>
    public void Begin()
    {
        Clock = Math.Max(Clock, state.Now.Monotonic);
        if (IsAsked && _module!.DueAt < Clock)
        {
            FallBack("it does not answer in time");
        }
    }

    /// <summary>All shards stood still, or will: that is nobody's time.</summary>
    public void GoOn() => _module?.GoOn();

    /// <summary>The system ends; from here on nobody is weighed against anybody.</summary>
    public void Stop()
    {
        if (_queue == _module && _module is not null)
        {
            Replace(_module);
        }
    }

    /// <summary>A guest has come to the end of its call; true when it was that of the policy.</summary>
    public bool TakesDone(KernelEvent.GuestDone done)
    {
        // Ids below zero are those of a policy; in its own kernel they are those of any process.
        bool isPolicy = _policy is not null && done.Process < ProcessId.Outside;
        if (isPolicy)
        {
            _policy!.Done(done);
        }

        return isPolicy;
    }

    /// <summary>Puts a process into the queue if a batch can be composed for it.</summary>
    public void Wake(Process process)
    {
        if (!process.IsQueued && process.IsReady)
        {
            process.IsQueued = true; // I1
            process.Turn.Since = Clock;
            process.Turn.Released = Clock - (state.Now.Monotonic - Arrived(process));
            process.Turn.Order = NextOrder();
            _queue.Add(process);
        }
    }

    /// <summary>Whose turn it is, or null.</summary>
    public Turn? Take()
    {
        bool isFree = 0 < _queue.Count && state.Running < _choice.RunningMax;
        if (!isFree || Next() is not { } turn)
        {
            return null;
        }

        turn.Process.IsQueued = false;
        _turns++;
        Clock++; // Whatever burns nothing takes time as well. // I2
        return turn;
    }

    /// <summary>A guest has come to the end of a call.</summary>
    public void Ran(Process process, long fuel) => _queue.Ran(process, fuel);

    /// <summary>Fuel was burnt while the monotonic clock stood.</summary>
    public void Spend(long fuel) => Clock += Math.Min(fuel, long.MaxValue - Clock); // I2

    /// <summary>Numbers who became ready and who got a turn.</summary>
    public long NextOrder() => ++_order;

    internal static IReadyQueue QueueOf(PolicyKind kind, bool ages = true) => kind switch
    {
        PolicyKind.RoundRobin => new RoundRobinQueue(),
        PolicyKind.Priority => new AgeingQueue(ages),
        PolicyKind.Deadline => new DeadlineQueue(),
        PolicyKind.Fair => new FairQueue(),
    };

    private bool Ages => state.Planted != Planted.WaitingDoesNotAge;

    /// <summary>A module was swapped: what its agents are to the policy may be something else.</summary>
    public void Relist()
    {
        var queue = Decides ? _queue : QueueOf(_choice.Kind, Ages);
        if (queue != _queue)
        {
            (queue as FairQueue)?.GoOnFrom(((FairQueue)_queue).Now);
            _queue = queue;
            Enlist();
        }
    }

    /// <summary>What of all processes the policy looks at, and a module that decides.</summary>
    /// <returns>Null, or why that cannot be written.</returns>
    public string? Save(ByteWriter output)
    {
        output.U8((byte)((byte)_choice.Kind | (Decides ? ModuleDecides : 0)));
        output.I64(_turns);
        output.I64(_order);
        output.I64(Clock);
        Save(output, (_queue as FairQueue)?.Now ?? 0);
        foreach (var process in state.Processes.Values)
        {
            ref var turn = ref process.Turn;
            output.U8(process.IsQueued ? (byte)1 : (byte)0);
            output.I64(turn.Since);
            output.I64(turn.Released);
            output.I64(turn.Order);
            output.I64(turn.LastTurn);
            Save(output, turn.VirtualTime);
        }

        if (!Decides)
        {
            return null;
        }

        _module!.Save(output);
        return _policy!.Save(output); // A module decides by its process.
    }

    /// <summary>The same, once all processes are there; false when the octets keep to no invariant.</summary>
    public bool Load(ref ByteReader input)
    {
        byte form = input.U8();
        bool decides = (form & ModuleDecides) != 0;
        var kind = (PolicyKind)(form & ~ModuleDecides);
        if (!Enum.IsDefined(kind) || (decides && _module is null))
        {
            return false;
        }

        Choice = decides ? _choice with { Kind = kind } : new PolicyChoice(kind);
        _turns = input.I64();
        _order = input.I64();
        Clock = input.I64();
        var now = LoadTime(ref input);
        (_queue as FairQueue)?.GoOnFrom(now);
        foreach (var process in state.Processes.Values)
        {
            ref var turn = ref process.Turn;
            process.IsQueued = input.U8() != 0;
            turn.Since = input.I64();
            turn.Released = input.I64();
            turn.Order = input.I64();
            turn.LastTurn = input.I64();
            turn.VirtualTime = LoadTime(ref input);
        }

        if (input.Failed || _order < 0 || Clock < 0)
        {
            return false;
        }

        Enlist();
        if (!decides)
        {
            return true;
        }

        _module!.Load(ref input); // There is one, which was looked at before.
        return _policy!.Load(ref input) && !input.Failed;
    }

    // They became ready in the order of their numbers. I1
    private void Enlist()
    {
        foreach (var process in state.Processes.Values.Where(one => one.IsQueued).OrderBy(one => one.Turn.Order))
        {
            _queue.Add(process);
        }
    }

    private static void Save(ByteWriter output, Int128 time)
    {
        output.U64((ulong)(time >> 64));
        output.U64((ulong)time);
    }

    private static Int128 LoadTime(ref ByteReader input) => ((Int128)input.U64() << 64) | input.U64();

    private Turn? Next()
    {
        Turn? turn;
        do
        {
            turn = _queue.Take();
        }
        while (turn is { Process.IsEnded: true } && 0 < _queue.Count);

        if (turn is { Process.IsEnded: true })
        {
            return null; // Who has ended is not ready any more, and counts as no turn.
        }

        if (turn is null && _module is { Failure: { } failure } && _queue == _module)
        {
            FallBack(failure);
            return 0 < _queue.Count ? _queue.Take() : null;
        }

        return turn;
    }

    private void FallBack(string failure) // I3
    {
        var module = _module!; // It is the one that failed.
        module.Fail(failure);
        Replace(module);
        string name = _policy!.Name;
        state.Audit(ProcessId.Outside, "policy", name, failure);
        state.Outside.PolicyFailed(name, failure, _choice.Kind);
    }

    private void Replace(ModuleQueue module)
    {
        _queue = QueueOf(_choice.Kind, Ages);
        while (module.RemoveFirst() is { } process)
        {
            if (state.Planted != Planted.ReadyLostWithPolicy)
            {
                _queue.Add(process);
            }
        }

        _policy!.Stop(state.Now); // A module decides by its process.
    }

    // What came in first of all that waits for it.
    private long Arrived(Process process) =>
        process.Waiting is { Payload: not null } answer ? answer.Arrived
        : !process.HasMail ? state.Now.Monotonic
        : Math.Min(state.Now.Monotonic, process.Mail.At(0).Arrived);
}
