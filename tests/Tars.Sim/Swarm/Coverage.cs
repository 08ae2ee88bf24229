using Tars.Bundle.Abi;
using Tars.Kernel.Ports;

namespace Tars.Sim.Swarm;

/// <summary>What a campaign has come through: arms of Step, faults, refusals. A mark at zero is a hole.</summary>
internal sealed class Coverage
{
    // What no seed of the smoke share may leave out.
    private static readonly string[] _wanted =
    [
        "audit crash: no process of it is alive",
        "audit drop_oldest: the mailbox is full",
        "audit input: it was not taken",
        "audit mail: the process ended before it",
        "audit outbox: the process ended before there was room",
        "audit process: it crashed and begins anew",
        "audit publish: the mailbox is full",
        "audit publish: the mailbox is full, and waiting would close a cycle",
        "audit send: the mailbox is full",
        "audit send: the mailbox is full, and waiting would close a cycle",
        "audit send: the process has ended",
        "audit set: there is no such parameter, or it may not hold the value",
        "audit spawn: as many are alive as `capabilities.spawn` allows",
        "ended Done",
        "ended Failed",
        "ended Stopped",
        "fault OutOfFuel",
        "fault StackExhausted",
        "fault Unreachable",
        "step Answer",
        "step Ask",
        "step Boot",
        "step ChannelLines",
        "step Crash",
        "step DeviceInput",
        "step DeviceLines",
        "step GuestDone",
        "step Look",
        "step Message",
        "step Request",
        "step SetParam",
        "step Stop",
        "step Swap",
        "step Turn",
        "swap busy",
        "swap done",
        "swap refused",
    ];

    private readonly SortedDictionary<string, long> _marks = new(StringComparer.Ordinal);

    /// <summary>The marks that no seed has come to.</summary>
    public IReadOnlyList<string> Missing() => [.. _wanted.Where(mark => !_marks.ContainsKey(mark))];

    public IReadOnlyDictionary<string, long> Marks => _marks;

    public void Add(string mark) => _marks[mark] = _marks.GetValueOrDefault(mark) + 1;

    public void Add(KernelEvent happened) => Add($"step {happened.GetType().Name}");

    public void Add(FaultKind fault) => Add($"fault {fault}");

    public void Add(GuestTrap trap) => Add($"trap {trap}");

    public void Add(Saying said) => Add($"said {said}");

    public void Audit(Audit entry) => Add($"audit {entry.Effect}: {entry.Reason}");

    public void Swap(SwapReport report)
    {
        Add(report.IsDone ? "swap done" : "swap refused");
        foreach (string refusal in report.Refusals)
        {
            string kind = refusal.StartsWith("busy", StringComparison.Ordinal) ? "busy" : "refused";
            Add($"swap {kind}");
        }
    }
}
