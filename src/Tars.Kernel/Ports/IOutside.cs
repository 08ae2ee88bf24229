using System.Collections.Immutable;
using Tars.Bundle.Schema;

namespace Tars.Kernel.Ports;

/// <summary>
/// Where a kernel's effects go. Called from inside Step; must not call the kernel, and keeps no span.
/// </summary>
/// <remarks>What the outside answers comes back as a later event.</remarks>
public interface IOutside
{
    void Started(ProcessId process, string module, string agent);

    void Ended(ProcessId process, EndReason reason, string detail);

    /// <summary>A value was published.</summary>
    /// <param name="taken">True when a process of the system subscribes to the channel.</param>
    void Published(
        ProcessId from, ReadOnlySpan<byte> channel, SchemaType type, ReadOnlySpan<byte> value, bool taken);

    /// <summary>A tell to a device; the arguments are valid values of the operation's arguments.</summary>
    void Told(ProcessId from, DeviceId device, int operation, ReadOnlySpan<byte> arguments);

    /// <summary>
    /// A process waits for a device; the answer is a later <see cref="KernelEvent.Answer"/> with the ask's number.
    /// </summary>
    void Asked(ProcessId from, DeviceId device, long ask, DeviceAsk asked);

    /// <summary>What the outside asked is answered, or a request of it.</summary>
    /// <param name="failed">True when <paramref name="answer"/> is a Failure.</param>
    void Answered(long number, bool failed, SchemaType type, ReadOnlySpan<byte> answer);

    /// <summary>A metric was reported; the number is its place in the manifest of the process's module.</summary>
    void Measured(ProcessId from, int metric, double value);

    /// <summary>A log entry: text, count, then name and rendered value of each; it decodes.</summary>
    void Logged(ProcessId from, ReadOnlySpan<byte> entry);

    /// <summary>Something was refused, dropped or ignored.</summary>
    void Audited(Audit entry);

    /// <summary>An event was rolled back.</summary>
    void Trapped(DeadLetter letter);

    /// <summary>Every receiver has taken the batch; it is its maker's again.</summary>
    void InputTaken(LineBatch batch);

    /// <summary>Events of one handler were committed, all of which came in at the same moment.</summary>
    /// <param name="handler">Index into the handlers of the process's agent.</param>
    /// <param name="arrived">The monotonic clock when they came in.</param>
    void Committed(ProcessId process, int handler, int count, long arrived);

    /// <summary>Mail for another shard: there it is the event <see cref="KernelEvent.FromShard"/>.</summary>
    /// <param name="sequence">Counts from one for each shard; the order in which it is to arrive.</param>
    void ToShard(int shard, long sequence, ReadOnlySpan<byte> records)
    {
    }

    /// <summary>What the event <see cref="KernelEvent.MoveOut"/> asked for.</summary>
    /// <param name="package">Empty when the module cannot be moved just now.</param>
    /// <param name="why">Why not; else empty.</param>
    void Packed(int module, ImmutableArray<byte> package, string why)
    {
    }

    /// <summary>A module lives on another shard from now on, or does not.</summary>
    /// <param name="why">Why not; else empty.</param>
    void Moved(int module, int shard, string why)
    {
    }

    /// <summary>A process lives on another shard from now on.</summary>
    void Departed(ProcessId process)
    {
    }

    /// <summary>What the event <see cref="KernelEvent.Look"/> asked for.</summary>
    /// <param name="state">Null when it cannot be shown.</param>
    /// <param name="failure">Why not; else empty.</param>
    void Looked(ProcessId process, SavedState? state, string failure)
    {
    }

    /// <summary>A swap is done or refused.</summary>
    void Swapped(SwapReport report)
    {
    }

    /// <summary>An operator's event was carried out or refused, or what he set for a time is over.</summary>
    void Operated(OperatorAct act)
    {
    }

    /// <summary>Whether <see cref="Capability"/> is heard; asked once.</summary>
    bool HearsCapabilities => false;

    /// <summary>Something became of a capability that was narrowed. No digest counts it.</summary>
    void Capability(CapabilityAct act)
    {
    }

    /// <summary>A module that decided which process runs next did so badly, and decides no more.</summary>
    /// <param name="next">The policy that goes on.</param>
    void PolicyFailed(string module, string failure, PolicyKind next)
    {
    }

    /// <summary>
    /// A swap on one of several shards has come as far as it can while the others run: all are to stand still, each
    /// other one is asked by <see cref="KernelEvent.SwapElsewhere"/>, and this one goes on by
    /// <see cref="KernelEvent.SwapHere"/>.
    /// </summary>
    /// <param name="ticket">Another one each time; one that is told later is in the place of the one before.</param>
    void SwapReady(long ticket, ModuleImage now, ImmutableArray<Newcomer> newcomers)
    {
    }

    /// <summary>What a shard has in the way of a swap on another.</summary>
    void SwapSeen(string module, ImmutableArray<string> refusals)
    {
    }

    /// <summary>A module of another shard is swapped.</summary>
    void SwappedElsewhere(SwapReport report)
    {
    }

    /// <summary>The kernel will not use this version of a module any more: it was swapped out, or never in.</summary>
    void Released(ModuleImage module)
    {
    }
}

/// <summary>How a process ended.</summary>
public enum EndReason
{
    /// <summary>It called `exit()`.</summary>
    Done,

    /// <summary>A trap with `on_trap: stop`, a broken guest, or more restarts than its supervision allows.</summary>
    Failed,

    /// <summary>The system, its parent or its supervisor stopped it.</summary>
    Stopped,
}
