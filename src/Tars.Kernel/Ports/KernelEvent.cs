using System.Collections.Immutable;
using Tars.Bundle.Container;

namespace Tars.Kernel.Ports;

/// <summary>Everything that can happen to a kernel. What is not an event cannot make two runs differ.</summary>
public abstract record KernelEvent
{
    private KernelEvent(Moment at) => At = at;

    /// <summary>The reading of the clocks when the event came in.</summary>
    public Moment At { get; }

    /// <summary>Calls that the wall clock ended while this was handled; only a replay knows them beforehand.</summary>
    public ImmutableArray<AbortedCall> Aborted { get; init; } = [];

    /// <summary>First of a run, once: the agents that start with their modules are born.</summary>
    /// <param name="Seed">Of every random generator of the run.</param>
    public sealed record Boot(Moment At, ulong Seed) : KernelEvent(At);

    /// <summary>Time went on, or there is work left.</summary>
    public sealed record Turn(Moment At) : KernelEvent(At);

    /// <summary>Lines for a device. The batch belongs to the kernel until <see cref="IOutside.InputTaken"/>.</summary>
    public sealed record DeviceLines(Moment At, DeviceId Device, LineBatch Batch) : KernelEvent(At);

    /// <summary>
    /// Messages for a channel, from outside. The batch is the kernel's until <see cref="IOutside.InputTaken"/>.
    /// </summary>
    public sealed record ChannelLines(Moment At, string Channel, LineBatch Batch) : KernelEvent(At);

    /// <summary>A device has something: its payload in the value encoding.</summary>
    public sealed record DeviceInput(Moment At, DeviceId Device, ImmutableArray<byte> Value) : KernelEvent(At);

    /// <summary>One message for a channel, from outside, in the value encoding.</summary>
    public sealed record Message(Moment At, string Channel, ImmutableArray<byte> Value) : KernelEvent(At);

    /// <summary>The operator changes a parameter. A value outside its range is refused and changes nothing.</summary>
    public sealed record SetParam(Moment At, string Module, string Param, ImmutableArray<byte> Value) : KernelEvent(At)
    {
        /// <summary>The monotonic clock when it holds again what it held before; null when the value stays.</summary>
        public long? Until { get; init; }
    }

    /// <summary>The operator gives back what he took away.</summary>
    /// <param name="Process">The one that it is about; the outside for all of the module.</param>
    /// <param name="Module">Only looked at when no process is named.</param>
    public sealed record Grant(Moment At, ProcessId Process, string Module, Right Right) : KernelEvent(At);

    /// <summary>The operator takes a right away; what was derived from a module's right ends with it.</summary>
    /// <param name="Process">As of <see cref="Grant"/>.</param>
    /// <param name="Module">The same.</param>
    public sealed record Revoke(Moment At, ProcessId Process, string Module, Right Right) : KernelEvent(At);

    /// <summary>The operator has a dead letter delivered again: then it is no dead letter any more.</summary>
    /// <param name="Letter">Its number in the box.</param>
    public sealed record DeliverDead(Moment At, long Letter) : KernelEvent(At);

    /// <summary>The operator throws a dead letter away.</summary>
    public sealed record DropDead(Moment At, long Letter) : KernelEvent(At);

    /// <summary>The operator stops a process: its `stop` handler runs, and nobody begins it anew.</summary>
    public sealed record StopProcess(Moment At, ProcessId Process) : KernelEvent(At);

    /// <summary>
    /// A new version of a module is to take the place of the running one; <see cref="IOutside.Swapped"/> tells what
    /// came of it.
    /// </summary>
    /// <param name="Module">The module's name.</param>
    /// <param name="Hash">Names the bundle of the new version.</param>
    public sealed record Swap(Moment At, string Module, BundleHash Hash, SwapTerms Terms) : KernelEvent(At)
    {
        /// <summary>
        /// The new version, loaded: the kernel's until <see cref="IOutside.Released"/>. Null in an event that was read
        /// from a journal, until its host has found the bundle; without it the swap is refused.
        /// </summary>
        public ModuleImage? Image { get; init; }

        /// <summary>What was worked out beforehand; null when the kernel is to do that itself.</summary>
        public SwapPreparation? Prepared { get; init; }

        public static Swap Of(Moment at, ModuleImage image, SwapTerms terms) =>
            new(at, image.Manifest.Name, image.Hash, terms) { Image = image };

        public static Swap Of(Moment at, SwapPreparation prepared) =>
            Of(at, prepared.Image, prepared.Terms) with { Prepared = prepared };
    }

    /// <summary>
    /// Somebody wants to see the state of a process. <see cref="IOutside.Looked"/> shows it, once its guest is idle.
    /// </summary>
    public sealed record Look(Moment At, ProcessId Process) : KernelEvent(At);

    /// <summary>A device answers an ask. When nobody waits for it any more it is dropped.</summary>
    /// <param name="Number">The one that <see cref="IOutside.Asked"/> gave.</param>
    public sealed record Answer(Moment At, long Number, DeviceAnswer Given) : KernelEvent(At);

    /// <summary>The outside asks an agent that starts with its module.</summary>
    /// <param name="Number">Above zero and not in use; it comes back with <see cref="IOutside.Answered"/>.</param>
    /// <param name="Name">Of the handler: <c>ask NAME</c>.</param>
    /// <param name="Arguments">In the value encoding, in order of the handler's parameters.</param>
    public sealed record Ask(
        Moment At, long Number, string Module, string Agent, string Name, ImmutableArray<byte> Arguments)
        : KernelEvent(At);

    /// <summary>A request of HTTP for what a module serves: a Request in the value encoding.</summary>
    /// <param name="Number">As of an <see cref="Ask"/>; the answer is a Response, whatever happens.</param>
    public sealed record Request(Moment At, long Number, string Module, ImmutableArray<byte> Value) : KernelEvent(At);

    /// <summary>A process of an agent is lost with its mail and begins anew; it counts as a trap.</summary>
    public sealed record Crash(Moment At, string Module, string Agent) : KernelEvent(At);

    /// <summary>Mail of the same system from another shard.</summary>
    /// <param name="Shard">Whose it is.</param>
    /// <param name="Sequence">Counts from one for each pair of shards; what comes twice or too early is dropped.
    /// </param>
    /// <param name="Records">As <see cref="IOutside.ToShard"/> gave them.</param>
    public sealed record FromShard(Moment At, int Shard, long Sequence, ImmutableArray<byte> Records)
        : KernelEvent(At);

    /// <summary>No process gets a turn from now on, or they do again; mail of other shards is taken meanwhile.
    /// </summary>
    public sealed record Pause(Moment At, bool Stands) : KernelEvent(At);

    /// <summary>
    /// A module is to live on another shard, with all that spawn each other; <see cref="IOutside.Packed"/> tells what
    /// goes there. Nothing changes before <see cref="MoveIn"/>.
    /// </summary>
    /// <param name="Module">Its index in the system.</param>
    public sealed record MoveOut(Moment At, int Module) : KernelEvent(At);

    /// <summary>
    /// A module lives on that shard from now on: an event for the shard that it goes to, and then for all others.
    /// <see cref="IOutside.Moved"/> tells what came of it.
    /// </summary>
    /// <param name="Package">As <see cref="IOutside.Packed"/> gave it.</param>
    public sealed record MoveIn(Moment At, int Module, int Shard, ImmutableArray<byte> Package) : KernelEvent(At);

    /// <summary>
    /// All shards stand still: the swap that <see cref="IOutside.SwapReady"/> told of is done, if nothing has changed
    /// since. <see cref="IOutside.Swapped"/> tells what came of it; nothing where it is not ready any more.
    /// </summary>
    /// <param name="Ticket">As it was told there; an older one is of nothing any more.</param>
    /// <param name="Refusals">What waits on other shards and would not be mail of the new version.</param>
    public sealed record SwapHere(Moment At, long Ticket, ImmutableArray<string> Refusals) : KernelEvent(At);

    /// <summary>
    /// While all stand still: a module of another shard is to be swapped, and <see cref="IOutside.SwapSeen"/> tells
    /// what waits here in its way; or it has been.
    /// </summary>
    /// <param name="Newcomers">Agents that are new and start with the module.</param>
    public sealed record SwapElsewhere(
        Moment At, string Module, BundleHash Hash, bool IsDone, ImmutableArray<Newcomer> Newcomers) : KernelEvent(At)
    {
        /// <summary>The new version; the shard's that it lives on. Null as of <see cref="Swap"/>.</summary>
        public ModuleImage? Image { get; init; }
    }

    /// <summary>A guest that was running elsewhere has come to the end of its call.</summary>
    public sealed record GuestDone(Moment At, ProcessId Process, GuestResult Result) : KernelEvent(At);

    /// <summary>The system ends: `stop` handlers run, one process after the other.</summary>
    public sealed record Stop(Moment At) : KernelEvent(At);
}
