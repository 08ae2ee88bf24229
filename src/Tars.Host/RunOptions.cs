using System.Collections.Immutable;
using Tars.Host.Control;
using Tars.Host.Granting;
using Tars.Host.Journal.Durable;
using Tars.Host.Journal.Recent;
using Tars.Host.Moving;
using Tars.Host.Swapping;
using Tars.Kernel.Ports;

namespace Tars.Host;

/// <summary>How a system is run.</summary>
public sealed record RunOptions
{
    public ImmutableArray<InputSpec> Inputs { get; init; } = [];

    /// <summary>Ends the run after so many nanoseconds of its clock; null lets it end by itself.</summary>
    public long? For { get; init; }

    /// <summary>Of every random generator of the run.</summary>
    public ulong Seed { get; init; }

    /// <summary>Parameters that differ from their declared value: `NAME` or `MODULE.NAME`, and the value as
    /// text.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Params { get; init; } = [];

    /// <summary>What each device is given that reaches something outside.</summary>
    public ImmutableArray<DeviceBinding> Bindings { get; init; } = [];

    /// <summary>The same as the policy says it; worked out. What the command line says goes before.</summary>
    internal ImmutableArray<DeviceBinding> PolicyBindings { get; init; } = [];

    /// <summary>Modules in the place of devices: `NAME` or `MODULE.NAME`, and the module that implements its kind.
    /// </summary>
    public ImmutableArray<KeyValuePair<string, string>> StandIns { get; init; } = [];

    /// <summary>What devices of kind `fetch` may reach of what their modules declare.</summary>
    public ImmutableArray<string> Origins { get; init; } = [];

    /// <summary>What an operator grants in a file; null without one.</summary>
    public PolicyFile? Grants { get; init; }

    /// <summary>Where the operator leaves a module less than it declares; worked out from the policy.</summary>
    internal ImmutableArray<Narrowing> Narrowings { get; init; } = [];

    /// <summary>What single devices of kind `fetch` may reach, by `MODULE.NAME`; worked out.</summary>
    internal ImmutableArray<KeyValuePair<string, string>> DeviceOrigins { get; init; } = [];

    /// <summary>Devices that the operator withholds, by `MODULE.NAME`; worked out.</summary>
    internal ImmutableArray<string> Withheld { get; init; } = [];

    /// <summary>Modules that the operator lets run in a machine of their own alone; worked out.</summary>
    internal ImmutableArray<string> Isolated { get; init; } = [];

    /// <summary>Addresses for what the modules serve, such as `8080` or `127.0.0.1:8080`.</summary>
    public ImmutableArray<string> Listen { get; init; } = [];

    /// <summary>Paths that the operator leaves of what modules serve, where it is less; worked out.</summary>
    internal ImmutableArray<ServeLimit> ServeLimits { get; init; } = [];

    /// <summary>One of <see cref="Compose.Names"/>.</summary>
    public string Engine { get; init; } = "cil";

    /// <summary>Where the modules can be made to go over to another engine; null where nobody can ask for it.</summary>
    internal EngineDesk? Engines { get; init; }

    /// <summary>Output is one JSON object a line, traps included, instead of text for people.</summary>
    public bool JsonLines { get; init; }

    /// <summary>A file that is made for the journal of the run; null for none.</summary>
    public string? Record { get; init; }

    /// <summary>A folder in which the run is kept, and from which it goes on; null for none.</summary>
    public string? Journal { get; init; }

    /// <summary>Octets of a segment after which a checkpoint is taken; null for what is usual.</summary>
    internal long? JournalSegmentOctets { get; init; }

    /// <summary>For a test: octets of a segment above which it is not written on; null for what is usual.</summary>
    internal long? JournalSegmentOctetsMax { get; init; }

    /// <summary>The same of a checkpoint.</summary>
    internal long? JournalCheckpointOctetsMax { get; init; }

    /// <summary>Octets of old segments that are kept to be looked at; null for what is usual.</summary>
    public long? JournalOctetsKept { get; init; }

    /// <summary>How old they may become; null for any age.</summary>
    public TimeSpan? JournalAgeKept { get; init; }

    /// <summary>A disk in place of the folder, for who cuts its power.</summary>
    internal IJournalDisk? JournalDisk { get; init; }

    /// <summary>Time begins at 1970-01-01T00:00:00Z and jumps to the next timer instead of waiting for it.</summary>
    public bool VirtualTime { get; init; }

    /// <summary>How the run can be operated from outside; null when it cannot.</summary>
    public ControlOptions? Control { get; init; }

    /// <summary>Who decides which process runs next; where a module does, who takes over from it.</summary>
    public PolicyKind Policy { get; init; }

    /// <summary>True where it was said, so that a run that is kept is not to go on with another.</summary>
    public bool NamesPolicy { get; init; }

    internal bool IsDefaultPolicy => Policy == PolicyKind.RoundRobin && PolicyModule is null;

    /// <summary>The bundle of a module that decides which process runs next; null for none.</summary>
    public ReadOnlyMemory<byte>? PolicyModule { get; init; }

    /// <summary>Where the newest events of the run are asked for; null where none are kept.</summary>
    internal RecentDesk? Recent { get; init; }

    /// <summary>True where versions will be handed in, so that they can be tried before they take over.</summary>
    internal bool KeepsRecent => Swaps is not null || Control is { Path: not null };

    /// <summary>Kernels that share the work, each on a thread of its own.</summary>
    public int Shards { get; init; } = 1;

    /// <summary>For a test: which module goes to which shard next, in the place of what their load says.</summary>
    internal Func<ShardPlan, (int Module, int Shard)?>? Placement { get; init; }

    /// <summary>For a test: nanoseconds between two looks at that; null for the usual.</summary>
    internal long? PlacementEvery { get; init; }

    /// <summary>Where new versions of the modules are handed in while they run; null when none will be.</summary>
    public SwapDesk? Swaps { get; init; }

    /// <summary>Where nobody hands them in: on what terms a version that is given at the start takes the place of the
    /// one that was kept.</summary>
    public SwapTerms Terms { get; init; } = new();
}
