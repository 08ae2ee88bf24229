using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Interfaces;
using Tars.Bundle.Manifest;
using Tars.Lang.Binding;
using Tars.Lang.Types;

namespace Tars.Lang.Symbols;

/// <summary>
/// A module after checking: what the emitter and the manifest are made from. All lists are in order of declaration.
/// </summary>
public sealed class ModuleSymbol(string name)
{
    public string Name { get; } = name;

    public string Version { get; internal set; } = "";

    public string Summary { get; internal set; } = "";

    /// <summary>The kind that the module implements, or null.</summary>
    public InterfaceKind? Implements { get; internal set; }

    /// <summary>
    /// Alias to module. Their functions, constants and types are compiled into this bundle when used.
    /// </summary>
    public ImmutableArray<KeyValuePair<string, ModuleSymbol>> Imports { get; internal set; } = [];

    public ImmutableArray<RecordSymbol> Records { get; internal set; } = [];

    public ImmutableArray<VariantSymbol> Variants { get; internal set; } = [];

    public ImmutableArray<ConstantSymbol> Constants { get; internal set; } = [];

    /// <summary>The constants, each after those that it needs, also through functions.</summary>
    public ImmutableArray<ConstantSymbol> ConstantsByNeed { get; internal set; } = [];

    public ImmutableArray<ParamSymbol> Params { get; internal set; } = [];

    public ImmutableArray<FunctionSymbol> Functions { get; internal set; } = [];

    public ImmutableArray<AgentSymbol> Agents { get; internal set; } = [];

    /// <summary>A module whose agents stand at the top has one, with the module's own name.</summary>
    public bool IsOneAgent { get; internal set; }

    /// <summary>It is an interface: the code of its handlers stands in a file of WebAssembly.</summary>
    public bool IsForeign { get; internal set; }

    /// <summary>Where it says whether it is an interface.</summary>
    public TextSpan CodePlace { get; internal set; }

    /// <summary>
    /// Agents of other modules that its code names, by module and order of declaration. What code spawns by index are
    /// its own agents and then these.
    /// </summary>
    public ImmutableArray<AgentSymbol> ImportedAgents { get; internal set; } = [];

    public SupervisionSpec? Supervision { get; internal set; }

    public ImmutableArray<ChannelSymbol> Subscribes { get; internal set; } = [];

    public ImmutableArray<ChannelSymbol> Publishes { get; internal set; } = [];

    /// <summary>capabilities.timers.shortest in nanoseconds, or null when timers are not declared.</summary>
    public long? ShortestTimer { get; internal set; }

    public ImmutableArray<SpawnSpec> Spawns { get; internal set; } = [];

    public ImmutableArray<DeviceSymbol> Devices { get; internal set; } = [];

    public ImmutableArray<string> Serves { get; internal set; } = [];

    public BeliefGraphSpec? Beliefs { get; internal set; }

    public ImmutableArray<MetricSpec> Metrics { get; internal set; } = [];

    public ImmutableArray<TestSymbol> Tests { get; internal set; } = [];

    /// <summary>Code of its agents draws by chance: `random` or `random_int`.</summary>
    public bool DrawsByChance { get; internal set; }

    /// <summary>Code of its agents asks what time it is: `now`.</summary>
    public bool AsksForTime { get; internal set; }

    /// <summary>Declared things whose run-time part this version lacks, as a person reads them.</summary>
    public ImmutableArray<string> NotYetInForce { get; internal set; } = [];
}

/// <summary>A channel pattern with its type, as declared under subscribe or publish.</summary>
public sealed record ChannelSymbol(string Pattern, LangType Type, TextSpan Span);

/// <summary>A device by the name that code uses.</summary>
/// <param name="Value">The type of `value:`, or null.</param>
public sealed record DeviceSymbol(
    string Name,
    InterfaceKind Kind,
    LangType? Value,
    ImmutableArray<KeyValuePair<string, string>> Options,
    TextSpan Span);

/// <summary>One of the module's own tests.</summary>
public sealed record TestSymbol(string Name, BoundBlock Body, TextSpan Span);

/// <summary>An agent: its state, code and settings.</summary>
public sealed class AgentSymbol(string name, ModuleSymbol module, TextSpan span)
{
    public string Name { get; } = name;

    public ModuleSymbol Module { get; } = module;

    public TextSpan Span { get; } = span;

    public string Role { get; internal set; } = "";

    public string Goal { get; internal set; } = "";

    public AgentStart Starts { get; internal set; }

    public TrapPolicy OnTrap { get; internal set; }

    public ScheduleSpec Schedule { get; internal set; } = new(Priority: 5, Deadline: null, Weight: 1);

    public MailboxSpec? Mailbox { get; internal set; }

    public LimitSpec Limits { get; internal set; } = new(null, null, null, null);

    public JournalLevel Journal { get; internal set; } = JournalLevel.Recent;

    public IsolationFloor Isolation { get; internal set; }

    public long RejectAfter { get; internal set; }

    public ImmutableArray<StateSymbol> State { get; internal set; } = [];

    public ImmutableArray<ProcedureSymbol> Procedures { get; internal set; } = [];

    public ImmutableArray<HandlerSymbol> Handlers { get; internal set; } = [];

    public ImmutableArray<InvariantSymbol> Invariants { get; internal set; } = [];

    /// <summary>The static slots that its code names, in order of first use; the index is the place.</summary>
    public ImmutableArray<SlotSpec> Slots { get; internal set; } = [];

    /// <summary>
    /// The asks and tells that its code makes, each once, in order of first use; the index is the Operation of a bound
    /// node.
    /// </summary>
    public ImmutableArray<OperationSpec> Operations { get; internal set; } = [];
}

/// <summary>One line under `invariants`, with its text for messages.</summary>
public sealed record InvariantSymbol(BoundExpr Condition, string Text, TextSpan Span);

/// <summary>A handler of an agent.</summary>
public sealed class HandlerSymbol(HandlerKind kind, string subject, int index, TextSpan span)
{
    public HandlerKind Kind { get; } = kind;

    /// <summary>As in <see cref="HandlerSpec.Subject"/>.</summary>
    public string Subject { get; } = subject;

    public int Index { get; } = index;

    public TextSpan Span { get; } = span;

    /// <summary>
    /// What the payload holds, in order: the value under `as`, captured segments, then `with`. A migrate binds one
    /// record.
    /// </summary>
    public ImmutableArray<LocalSymbol> Parameters { get; internal set; } = [];

    /// <summary>
    /// What `returns` says; for an ask the handler may also return a Failure. Unit when there is none.
    /// </summary>
    public LangType Returns { get; internal set; } = new LangType.Unit();

    public BoundBlock? Body { get; internal set; }

    public bool Asks { get; internal set; }
}
