using System.Collections.Immutable;
using Tars.Bundle.Container;
using Tars.Bundle.Schema;

namespace Tars.Bundle.Manifest;

/// <summary>
/// What a bundle says of itself: all that a kernel needs to run it and an operator to grant it. Inert data.
/// </summary>
/// <param name="Language">The version of the metascript language, 1.</param>
/// <param name="Implements">The interface that the module offers, or "".</param>
public sealed record BundleManifest(
    int Language,
    string Name,
    string Version,
    string Summary,
    string Implements,
    ImmutableArray<ParamSpec> Params,
    ImmutableArray<AgentSpec> Agents,
    SupervisionSpec? Supervision,
    ImmutableArray<ChannelSpec> Subscribes,
    ImmutableArray<ChannelSpec> Publishes,
    long? ShortestTimer,
    ImmutableArray<SpawnSpec> Spawns,
    ImmutableArray<DeviceSpec> Devices,
    ImmutableArray<string> Serves,
    BeliefGraphSpec? Beliefs,
    ImmutableArray<MetricSpec> Metrics,
    ImmutableArray<string> Tests,
    ImmutableArray<string> NotYetInForce)
{
    /// <summary>The modules of which this one knows agents, in order of their imports.</summary>
    public ImmutableArray<ImportSpec> Imports { get; init; } = [];
}

/// <summary>A module that has to be there too, and its agents that this one spawns or refers to.</summary>
/// <param name="Module">The name that the module gives itself.</param>
/// <param name="Hash">Names the bundle that this one was made with.</param>
public sealed record ImportSpec(string Module, BundleHash Hash, ImmutableArray<ImportedAgentSpec> Agents);

/// <summary>An agent of another module, as this one knows it.</summary>
/// <param name="Given">The state fields that a spawner gives.</param>
public sealed record ImportedAgentSpec(string Name, ImmutableArray<SchemaField> Given);

/// <summary>A parameter: a value that an operator may change between two events, within its range.</summary>
/// <param name="Value">The initial value, in the value encoding.</param>
/// <param name="Low">Lower end of the closed range, encoded; null without a range.</param>
public sealed record ParamSpec(
    string Name,
    SchemaType Type,
    ImmutableArray<byte> Value,
    ImmutableArray<byte>? Low,
    ImmutableArray<byte>? High,
    string About);

/// <summary>One agent: its handlers in order (the index is what events and timers name) and its static slots.</summary>
/// <param name="State">The state fields in order; those without HasDefault are given by the spawner.</param>
/// <param name="Continuations">One record for each place where a handler waits for an answer.</param>
public sealed record AgentSpec(
    string Name,
    string Role,
    string Goal,
    AgentStart Starts,
    TrapPolicy OnTrap,
    ScheduleSpec Schedule,
    MailboxSpec? Mailbox,
    LimitSpec Limits,
    JournalLevel Journal,
    IsolationFloor Isolation,
    long RejectAfter,
    ImmutableArray<SchemaField> State,
    ImmutableArray<ContinuationSpec> Continuations,
    ImmutableArray<HandlerSpec> Handlers,
    ImmutableArray<SlotSpec> Slots,
    ImmutableArray<OperationSpec> Operations);

public enum AgentStart
{
    WithModule,
    BySpawn,
    PerRequest,
}

public enum TrapPolicy
{
    Continue,
    Restart,
    Stop,
}

public enum JournalLevel
{
    Off,
    Recent,
    Durable,
}

public enum IsolationFloor
{
    Any,
    MicroVm,
}

/// <param name="Deadline">Nanoseconds, or null.</param>
public sealed record ScheduleSpec(int Priority, long? Deadline, int Weight);

public sealed record MailboxSpec(int Length, WhenFull WhenFull);

public enum WhenFull
{
    Block,
    DropOldest,
    Reject,
}

/// <summary>What an author asks for; null leaves it to the kernel's default.</summary>
/// <param name="Fuel">For one transaction.</param>
/// <param name="Memory">Bytes.</param>
public sealed record LimitSpec(long? Fuel, long? Memory, long? FuelPerSecond, int? Sends);

/// <summary>
/// One handler. Its index in <see cref="AgentSpec.Handlers"/> is the handler number of events, timers and operations.
/// </summary>
/// <param name="Subject">
/// By kind: "" for start and stop; the timer, ask, agent or device; the channel pattern with `+`; "METHOD
/// /path/{seg}"; the version prefix.
/// </param>
/// <param name="Payload">What the event carries, in order: the value bound by `as`, captured segments as text, then
/// `with`.</param>
/// <param name="Returns">What an ask answers; Unit for all others.</param>
/// <param name="Line">Where the handler stands in the source, counted from one.</param>
public sealed record HandlerSpec(
    HandlerKind Kind, string Subject, ImmutableArray<SchemaField> Payload, SchemaType Returns, int Line, bool Asks)
{
    /// <summary>Of `migrate`: the state fields that it assigns on every way through it.</summary>
    public ImmutableArray<string> Assigns { get; init; } = [];
}

public enum HandlerKind
{
    Start,
    Stop,
    Timer,
    Message,
    Ask,
    Exit,
    Http,
    Device,
    Migrate,
    Refused,
}

/// <summary>
/// A place where a handler waits: what must survive until the answer, as part of state and checkpoint.
/// </summary>
/// <param name="Locals">The locals that live across the wait, in order of declaration.</param>
/// <param name="Answer">The type of the answer.</param>
public sealed record ContinuationSpec(string Handler, int Line, ImmutableArray<SchemaField> Locals, SchemaType Answer);

/// <summary>
/// A capability that an agent's own code names. Its index is the place of the slot; its generation at birth is 0.
/// </summary>
public sealed record SlotSpec(SlotKind Kind, string Subject);

public enum SlotKind
{
    /// <summary>An agent of this module that starts with the module.</summary>
    Agent,

    /// <summary>A device of <see cref="BundleManifest.Devices"/>.</summary>
    Device,

    /// <summary>A publish pattern of <see cref="BundleManifest.Publishes"/>.</summary>
    Channel,
}

/// <summary>
/// An ask or tell that an agent's own code makes. Its index is the `operation` of a host call; the kernel links it by
/// name.
/// </summary>
/// <param name="Target">
/// The agent for <see cref="SlotKind.Agent"/> (also of a ref; `module.agent` where it is another module's), the device
/// kind for <see cref="SlotKind.Device"/>.
/// </param>
/// <param name="IsAsk">False for a tell, which drops the answer.</param>
public sealed record OperationSpec(
    SlotKind TargetKind,
    string Target,
    string Name,
    bool IsAsk,
    ImmutableArray<SchemaField> Arguments,
    SchemaType Answer);

public sealed record SupervisionSpec(SupervisionStrategy Strategy, int Restarts, long Within);

public enum SupervisionStrategy
{
    OneForOne,
    OneForAll,
    RestForOne,
}

/// <param name="Pattern">Segments joined by `/`; `+` stands for one segment.</param>
public sealed record ChannelSpec(string Pattern, SchemaType Type);

/// <param name="Agent">`module.agent` where it is another module's.</param>
public sealed record SpawnSpec(string Agent, int AliveMax);

/// <param name="Options">The other keys of the declaration, as written, in order of the text.</param>
public sealed record DeviceSpec(
    string Name, string Kind, SchemaType? Value, ImmutableArray<KeyValuePair<string, string>> Options);

public sealed record BeliefGraphSpec(
    string Of, ImmutableArray<BeliefSpec> Beliefs, ImmutableArray<RelationSpec> Relations);

public sealed record BeliefSpec(string Name, string Claim, double Prior);

/// <summary>An edge by index into the beliefs.</summary>
public sealed record RelationSpec(int From, int To, bool Supports, double Weight);

public sealed record MetricSpec(
    string Name, MetricKind Kind, bool Maximize, string Unit, string About, MetricSource From);

public enum MetricKind
{
    Last,
    Sum,
    Mean,
    Max,
    Once,
}

public enum MetricSource
{
    Module,
    Environment,
    Channels,
}
