using System.Collections.Immutable;
using Tars.Evolution.Scenarios;
using Tars.Kernel.Ports;

namespace Tars.Evolution.Loads;

/// <summary>One kernel of a load and the core that it has for itself: one shard, or the only kernel.</summary>
internal sealed class LoadLane
{
    private readonly VirtualCore _core;
    private readonly LoadOutside _outside;
    private readonly Queue<VirtualCore.CallEnd> _ends = new();

    private LoadLane(
        SystemImage system, PolicyChoice policy, RecordedAnswers answers, VirtualCore core, ShardPlace? place)
    {
        _core = core;
        _outside = new LoadOutside(system, answers);
        Kernel = new Kernel.Kernel(system, _outside)
        {
            Policy = policy with { RunningMax = 1 }, // One guest runs at a time.
            Shard = place,
        };
    }

    public Kernel.Kernel Kernel { get; }

    /// <summary>True once it was given its first event.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>What its newest Step answered.</summary>
    public StepResult Last { get; private set; }

    /// <summary>What all guests have burnt, the policy's own included.</summary>
    public long Fuel => _core.Fuel;

    /// <summary>When its last event was committed.</summary>
    public long LastCommit => _outside.LastCommit;

    /// <summary>The first ask to which the recording has no answer, for a person; null while there is none.</summary>
    public string? Unknown => _outside.Unknown;

    /// <summary>Mail for other shards that nobody has taken yet.</summary>
    public Queue<LoadMail> Mail => _outside.Mail;

    /// <summary>When the next call ends or the next answer comes; the largest number when nothing does.</summary>
    public long WorkDue => Math.Min(
        _ends.TryPeek(out var end) ? end.Due : long.MaxValue,
        _outside.Answers.TryPeek(out _, out var answer) ? answer.At : long.MaxValue);

    /// <summary>A kernel with the modules of a recorded run, on a core of its own.</summary>
    /// <returns>Null with reasons when the modules are no system or the policy is none.</returns>
    public static LoadLane? Of(
        SystemImage system,
        PolicyKind kind,
        ModuleImage? module,
        RecordedAnswers answers,
        long nanosecondsPerFuel,
        (ShardPlan Plan, int Number)? shard,
        ICollection<string> reasons)
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

        var place = shard is { } one ? new ShardPlace(one.Plan, one.Number) : null;
        return new LoadLane(linked.System, policy, answers, core, place);
    }

    public ImmutableArray<AgentLoad> Agents(long nanosecondsPerFuel) =>
        _outside.Report(Kernel.Report(), nanosecondsPerFuel);

    /// <summary>What is due happens: an answer, the end of a call, or time went on.</summary>
    public void Advance(Moment at)
    {
        // Timers that are due fire in any Step, before what it is stepped with.
        if (_outside.Answers.TryPeek(out var answer, out var when) && when.At <= at.Monotonic)
        {
            _outside.Answers.Dequeue();
            Step(new KernelEvent.Answer(at, answer.Number, answer.Given));
        }
        else if (_ends.TryPeek(out var end) && end.Due <= at.Monotonic)
        {
            _ends.Dequeue();
            Step(new KernelEvent.GuestDone(at, end.Process, end.Result));
        }
        else
        {
            Step(new KernelEvent.Turn(at));
        }
    }

    public void Step(KernelEvent happened)
    {
        HasBegun = true;
        _core.Now = happened.At.Monotonic;
        _outside.Now = happened.At.Monotonic;
        Last = Kernel.Step(happened);
        while (_core.TryTake(out var end))
        {
            _ends.Enqueue(end);
        }
    }

    /// <summary>What still runs is over, whenever it was due.</summary>
    /// <returns>False when nothing runs.</returns>
    public bool EndNext(Moment at)
    {
        bool any = _ends.TryDequeue(out var end);
        if (any)
        {
            Step(new KernelEvent.GuestDone(at, end.Process, end.Result));
        }

        return any;
    }
}

/// <summary>An event of a recorded run, on one of its shards.</summary>
/// <param name="Shard">Zero for the only kernel.</param>
public readonly record struct LoadEvent(int Shard, KernelEvent Happened);

/// <summary>Mail leaves for another shard; it counts from one for each.</summary>
internal readonly record struct LoadMail(int Shard, long Sequence, ImmutableArray<byte> Records);
