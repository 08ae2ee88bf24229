using System.Collections.Immutable;
using Tars.Bundle.Beliefs;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Linking;

/// <summary>An agent with all that its processes share, worked out once when the system is linked.</summary>
/// <param name="Place">Index into the system's agents.</param>
/// <param name="ModuleIndex">Index into the system's modules.</param>
/// <param name="AgentIndex">Index into the agents of its module: what Birth tells the guest.</param>
/// <param name="Start">Index of the `start` handler, or -1; and so for the others.</param>
/// <param name="Beliefs">The module's graph, or null.</param>
/// <param name="OwnsBeliefs">True for the agent whose processes give evidence.</param>
internal sealed record AgentImage(
    int Place,
    int ModuleIndex,
    int AgentIndex,
    ModuleImage Module,
    AgentSpec Spec,
    int Start,
    int Stop,
    int Refused,
    ImmutableArray<MessageImage> Messages,
    ImmutableArray<HandlerImage> Handlers,
    BeliefGraph? Beliefs,
    bool OwnsBeliefs)
{
    private readonly int? _givenSize = ValueEncoding.PlainSizeOf(GivenOf(Spec));

    /// <summary>What its operator leaves it; null where that is all.</summary>
    public AgentNarrowing? Narrowing { get; } = AgentNarrowing.Of(Module, Spec.Name);

    /// <summary>Linked after all agents are known.</summary>
    public ImmutableArray<OperationImage> Operations { get; set; } = [];

    /// <summary>The static slots; linked after all agents are known.</summary>
    public ImmutableArray<SlotImage> Slots { get; set; } = [];

    /// <summary>
    /// What <c>spawn</c> names by index: the agents of its module, then those of its imports; linked after all agents
    /// are known.
    /// </summary>
    public ImmutableArray<AgentImage> Known { get; set; } = [];

    /// <summary>Set at linking for an agent that stands in the place of a device; null for all others.</summary>
    public Offer? Offer { get; set; }

    public SchemaType.Record State { get; } = new("", Spec.State);

    public bool StateHoldsSlots { get; } = SlotPlaces.AnyIn(new SchemaType.Record("", Spec.State));

    /// <summary>True when a process of it can name a blob from one event to the next.</summary>
    public bool KeepsBlobs { get; } = SlotPlaces.AnyBlobIn(new SchemaType.Record("", Spec.State))
        || Spec.Continuations.Any(wait => wait.Locals.Any(local => SlotPlaces.AnyBlobIn(local.Type)));

    /// <summary>The state fields that the spawner gives.</summary>
    public SchemaType.Record Given { get; } = GivenOf(Spec);

    public bool GivenHoldsSlots { get; } = SlotPlaces.AnyIn(GivenOf(Spec));

    public bool GivenHoldsBlobs { get; } = SlotPlaces.AnyBlobIn(GivenOf(Spec));

    /// <summary>For each continuation its handler, or -1 when none has that name.</summary>
    public ImmutableArray<int> Waits { get; } =
    [
        .. Spec.Continuations.Select(wait =>
            Spec.Handlers.ToList().FindIndex(one => KernelReports.NameOf(one) == wait.Handler)),
    ];

    /// <summary>True when the newest events of each process are kept in memory.</summary>
    public bool KeepsRecent { get; } = Spec.Journal != JournalLevel.Off;

    public long FuelMax => Spec.Limits.Fuel ?? Limits.FuelDefault;

    public int MailboxLength => Spec.Mailbox?.Length ?? Limits.MailboxLengthDefault;

    public WhenFull WhenFull => Spec.Mailbox?.WhenFull ?? WhenFull.Reject;

    public string Name => Spec.Name;

    /// <summary>True when the octets are the state fields that a spawner gives.</summary>
    public bool TakesGiven(ReadOnlySpan<byte> fields) =>
        _givenSize is { } size ? size == fields.Length : ValueEncoding.IsValid(Given, fields);

    /// <summary>As a module calls it: other modules put its own module's name before it.</summary>
    public string NameIn(AgentImage other) =>
        other.ModuleIndex == ModuleIndex ? Name : $"{Module.Manifest.Name}.{Name}";

    /// <summary>The handler that is told when a child of that agent ended, or -1.</summary>
    public int ExitOf(AgentImage child)
    {
        string agent = child.NameIn(this);
        for (int index = 0; index < Handlers.Length; index++)
        {
            if (Handlers[index].Spec is { Kind: HandlerKind.Exit, Subject: var subject } && subject == agent)
            {
                return index;
            }
        }

        return -1;
    }

    private static SchemaType.Record GivenOf(AgentSpec spec) =>
        new("", [.. spec.State.Where(field => !field.HasDefault)]);

    public GuestLimits GuestLimits { get; } =
        new(Spec.Limits.Memory ?? Limits.MemoryDefault, Limits.DepthSlotsMax, Limits.TableElementsMax);
}

/// <summary>A handler of messages: which channels it takes.</summary>
internal sealed record MessageImage(int Handler, ChannelPattern Pattern);

/// <summary>What delivering to a handler needs to know.</summary>
/// <param name="HoldsSlots">True when its payload has places for processes, which are translated at delivery.</param>
internal sealed record HandlerImage(HandlerSpec Spec, SchemaType.Record Payload, bool HoldsSlots);

/// <summary>A static slot: which agent, device or pattern its place stands for.</summary>
/// <param name="Index">Index into the system's agents, devices or channels, by kind.</param>
internal readonly record struct SlotImage(SlotKind Kind, int Index);

/// <summary>A row of an agent's operation table, linked.</summary>
/// <param name="TargetAgent">Index into the system's agents, for asks and tells between agents.</param>
/// <param name="Number">The handler of that agent, or the number among the asks or tells of a device.</param>
/// <param name="Arguments">The arguments as one record.</param>
/// <param name="HoldsSlots">True when the arguments have places for processes.</param>
internal sealed record OperationImage(
    OperationSpec Spec, int TargetAgent, int Number, SchemaType.Record Arguments, bool HoldsSlots)
{
    private readonly int? _plainSize = ValueEncoding.PlainSizeOf(Arguments);

    /// <summary>True when the octets are its arguments.</summary>
    public bool Takes(ReadOnlySpan<byte> arguments) => _plainSize is { } size
        ? size == arguments.Length
        : ValueEncoding.IsValid(Arguments, arguments);
}
