using Tars.Bundle.Abi;
using Tars.Kernel.Ports;
using Tars.Sim.Disks;

namespace Tars.Sim.Swarm;

/// <summary>What a campaign has come through: arms of Step, faults, refusals. A mark at zero is a hole.</summary>
internal sealed class Coverage
{
    private static readonly Type[] _ofShards =
    [
        typeof(KernelEvent.FromShard), typeof(KernelEvent.Pause), typeof(KernelEvent.MoveOut),
        typeof(KernelEvent.MoveIn), typeof(KernelEvent.SwapHere), typeof(KernelEvent.SwapElsewhere),
    ];

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
        "audit publish: waiting would close a cycle",
        "audit send: the mailbox is full",
        "audit send: waiting would close a cycle",
        "audit send: the process has ended",
        "audit set: there is no such parameter, or it may not hold the value",
        "audit spawn: as many are alive as `capabilities.spawn` allows",
        "audit deliver: its receiver has ended",
        "audit deliver: the mailbox is full",
        "audit deliver: there is no such dead letter",
        "audit drop: there is no such dead letter",
        "audit grant: it is not revoked",
        "audit message: a fault: it comes twice",
        "audit message: a fault: it is lost",
        "audit message: the mailbox is full",
        "audit publish: an operator has revoked it",
        "audit revoke: it is revoked already",
        "audit revoke: its agent has no such right",
        "audit revoke: there is no such process",
        "audit stop: it has been told already",
        "audit stop: there is no such process",
        "checkpoint gone on from",
        "checkpoint not now",
        "done deliver",
        "done drop",
        "done grant",
        "done return",
        "done revoke",
        "done set",
        "done stop",
        "ended Done",
        "ended Failed",
        "ended Stopped",
        "fault OutOfFuel",
        "fault StackExhausted",
        "fault Unreachable",
        "swap busy",
        "swap done",
        "swap no way back",
        "swap refused",
        "swap returned",
        "shards: a device was used that a swap brought",
        "shards: a module decided",
        "shards: a module moved",
        "shards: a module that decided was replaced",
        "shards: a module was swapped",
        "shards: what runs was tried on its newest events",
        "shards: what was lent was used and revoked",
        "kept shards: a checkpoint behind swaps of devices was gone on from",
        "kept shards: a checkpoint was gone on from",
        "kept shards: a cut while all stood still",
        "kept shards: a shard learnt after a cut what others had done",
        "kept shards: cut while completing",
        "kept shards: cut while moving",
        "kept shards: cut while opening",
        "kept shards: cut while running",
        "kept shards: cut while swapping",
        .. Enum.GetNames<CutDisk.Cut>().Select(one => $"kept shards: what was not synced is {one}"),
        // Every arm of Step, but a swarm is one shard, and those of shards are in the two marks before.
        .. typeof(KernelEvent).GetNestedTypes().Except(_ofShards).Select(one => $"step {one.Name}"),
        .. Enum.GetNames<PolicyKind>().Select(one => $"policy {one}"),
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

    public void Audit(Audit entry) => Add($"audit {entry.Effect}: {Kind(entry.Reason)}");

    // Who waits for whom is another story each time.
    private static string Kind(string reason) =>
        reason.StartsWith(KernelModel.Cycle, StringComparison.Ordinal) ? KernelModel.Cycle : reason;

    public void Operated(OperatorAct act)
    {
        if (act.IsDone)
        {
            Add($"done {act.Act}");
        }
    }

    public void Swap(SwapReport report)
    {
        Add(!report.IsDone ? "swap refused" : report.IsReturn ? "swap returned" : "swap done");
        foreach (string refusal in report.Refusals)
        {
            string kind = refusal.StartsWith("busy", StringComparison.Ordinal) ? "busy"
                : refusal.StartsWith("no way back", StringComparison.Ordinal) ? "no way back"
                : "refused";
            Add($"swap {kind}");
        }
    }
}
