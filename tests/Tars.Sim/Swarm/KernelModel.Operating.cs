using Tars.Kernel.Ports;

namespace Tars.Sim.Swarm;

/// <summary>What an operator does and what has to come of it; versions on probation, dead letters.</summary>
internal sealed partial class KernelModel
{
    private readonly SortedDictionary<long, ModelMail> _letters = [];
    private readonly HashSet<(ProcessId Process, string Right)> _denied = [];
    private readonly List<long> _knobs = [0];
    private (long Due, long Value)? _knobReturn;
    private long _lettersTotal;
    private bool _actDue;
    private bool? _refusalDue;
    private readonly List<long> _swapsWanted = []; // Their probations.
    private long? _probation;
    private bool _isReturning;

    /// <summary>What was taken away, in order.</summary>
    public IReadOnlyList<(ProcessId Process, string Right)> Denied =>
        [.. _denied.OrderBy(one => one.Process).ThenBy(one => one.Right, StringComparer.Ordinal)];

    /// <summary>How many dead letters there ever were.</summary>
    public long Letters => _lettersTotal;

    /// <summary>The operator sets the parameter, for a time or for good.</summary>
    public void Set(long knob, long? until, bool isAllowed)
    {
        Expect(refused: !isAllowed);
        if (!isAllowed)
        {
            return;
        }

        _knobReturn = until is { } due ? (due, _knobReturn?.Value ?? _knobs[^1]) : null;
        _knobs.Add(knob);
    }

    /// <summary>The operator takes a right away, or gives it back.</summary>
    /// <param name="process">The outside for all of the module.</param>
    public void Deny(ProcessId process, string right, bool denies)
    {
        bool isKnown = process == ProcessId.Outside || Find(process) is { IsEnded: false, IsWorker: false };
        bool changes = isKnown && (denies ? _denied.Add((process, right)) : _denied.Remove((process, right)));
        Expect(refused: !changes);
    }

    /// <summary>The operator stops a process.</summary>
    public void StopProcess(ProcessId id)
    {
        var process = Find(id) is { IsEnded: false } found ? found : null;

        // A parent that is to begin anew while its guest is running tells its children only then.
        bool isOpen = process is { StopDue: true, Parent.StartDue: true };
        Expect(isOpen ? null : process is null || process.StopDue || process.WantsExit);
        if (process is not null)
        {
            process.StopDue = true;
            process.Ask?.IsOver = true;
        }
    }

    /// <summary>The operator has a dead letter delivered again.</summary>
    public void DeliverDead(long letter)
    {
        bool isTaken = _letters.TryGetValue(letter, out var mail)
            && Find(mail.Target) is { IsEnded: false } target && Send(null, target, mail);
        Expect(!isTaken);
        if (isTaken)
        {
            _letters.Remove(letter);
        }
    }

    /// <summary>The operator throws a dead letter away.</summary>
    public void DropDead(long letter) => Expect(!_letters.Remove(letter));

    /// <summary>An act of the operator was carried out, or refused.</summary>
    public void Operated(OperatorAct act)
    {
        if (act.Act == OperatorActs.Return)
        {
            return;
        }

        Wrong(!_actDue, $"nobody wanted this: {act}");
        Wrong(
            _refusalDue == act.IsDone,
            $"{act.Act} of {act.Target} was {(act.IsDone ? "done, and should be refused" : act.Refusal)}");
        _actDue = false;
    }

    /// <summary>A swap is wanted.</summary>
    public void Swap(long probation) => _swapsWanted.Add(probation);

    /// <summary>A swap, or a return from one, came to its end.</summary>
    public void Swapped(SwapReport report)
    {
        if (report.IsReturn)
        {
            _probation = null; // It is over, or there is no way back after all.
            _isReturning = false;
            return;
        }

        if (_swapsWanted.Count == 0)
        {
            Fail($"nobody wanted to swap to {report.To}");
            return;
        }

        // Whoever comes while another is under way is refused before it.
        int which = report.Refusals.Contains("another swap is under way") ? _swapsWanted.Count - 1 : 0;
        if (report.IsDone)
        {
            _probation = _swapsWanted[which] == 0 ? null : _now.Monotonic + _swapsWanted[which];
        }

        _swapsWanted.RemoveAt(which);
    }

    // Null where either may be.
    private void Expect(bool? refused)
    {
        _actDue = true;
        _refusalDue = refused;
    }

    private bool IsDenied(ModelProcess process, string right) =>
        _denied.Contains((ProcessId.Outside, right)) || _denied.Contains((process.Id, right));

    // On probation a trap brings the old version back, and the event waits for it, if no process waits for this one.
    private bool Returns(ModelProcess process)
    {
        if (_probation is null || 0 < _swapsWanted.Count || _isReturning || _isStopping)
        {
            return false;
        }

        _probation = null;
        _isReturning = true;
        return !Alive.Any(one => WaitsForAnswerOf(one, process));
    }

    // Itself, or by those that it waits for. None is met twice: who would wait for itself is refused.
    private static bool WaitsForAnswerOf(ModelProcess asker, ModelProcess process) =>
        asker is { IsRunning: false, Ask: { IsOver: false }, Asked: { } asked }
        && (asked == process || WaitsForAnswerOf(asked, process));

    private void BeginOperating()
    {
        if (_probation <= _now.Monotonic)
        {
            _probation = null;
        }

        if (_knobReturn is { } over && over.Due <= _now.Monotonic && !_isStopping)
        {
            _knobs.Add(over.Value);
            _knobReturn = null;
        }
    }

    private void EndOperating()
    {
        Wrong(_actDue, $"what the operator did came to nothing");
        _actDue = false;
    }

    // What it was may not become older, and where guests answer at once it is the newest.
    private void SeeKnob(ModelProcess process, long seen)
    {
        int at = _knobs.FindIndex(process.KnobAt, knob => knob == seen);
        Wrong(at < 0, $"{process} saw the parameter {seen} after {_knobs[process.KnobAt]}");
        Wrong(!plan.IsRunning && seen != _knobs[^1], $"{process} saw the parameter {seen}, and it is {_knobs[^1]}");
        process.KnobAt = Math.Max(process.KnobAt, at);
    }
}
