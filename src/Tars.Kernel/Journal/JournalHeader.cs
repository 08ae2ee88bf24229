using System.Collections.Immutable;
using Tars.Bundle.Container;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Journal;

/// <summary>What a journal begins with: all that a replay needs besides the events and the bundles.</summary>
/// <param name="Modules">The bundles in the order in which they were linked; each follows as a record.</param>
/// <param name="Params">Parameters that were set before the start, as the operator wrote them.</param>
/// <param name="Inputs">Names of the inputs that the run had, for a person.</param>
public sealed record JournalHeader(
    ImmutableArray<BundleHash> Modules,
    ImmutableArray<KeyValuePair<string, string>> Params,
    ImmutableArray<string> Inputs)
{
    /// <summary>Who decided which process ran next.</summary>
    public JournalPolicy Policy { get; init; }

    /// <summary>Where the operator left a module less than it declares.</summary>
    public ImmutableArray<Narrowing> Narrowings { get; init; } = [];

    /// <summary>Devices in whose place a module stood, as the operator wrote them.</summary>
    public ImmutableArray<KeyValuePair<string, string>> StandIns { get; init; } = [];

    /// <summary>Modules that the operator let run in a machine of their own alone: who runs their code again keeps
    /// that.</summary>
    public ImmutableArray<string> Isolated { get; init; } = [];

    /// <summary>
    /// Where a checkpoint follows: for each bundle whether it is there because another imports it. Else empty, and
    /// bundles bring their imports with them.
    /// </summary>
    public ImmutableArray<bool> Imported { get; init; } = [];

    /// <summary>Where a checkpoint follows and swaps have left devices under other numbers than a start would give:
    /// all of them, in the order of their numbers. Else empty.</summary>
    public ImmutableArray<NumberedDevice> Numbered { get; init; } = [];

    /// <summary>The bundles that follow as records, in their order.</summary>
    public IEnumerable<BundleHash> Bundles => Policy.Module is { } policy ? [.. Modules, policy] : Modules;

    /// <summary>Which of several kernels this is the journal of; null for the only one.</summary>
    public JournalShard? Shard { get; init; }
}

/// <summary>One of several shards, of which each has a journal of its own.</summary>
/// <param name="Number">Counts from zero.</param>
/// <param name="Count">How many there are: two or more.</param>
public readonly record struct JournalShard(int Number, int Count)
{
    /// <summary>What a kernel of that shard is told.</summary>
    public ShardPlace PlaceIn(SystemImage system) => new(ShardPlan.Of(system, Count), Number);
}

/// <summary>The scheduling policy of a recorded run.</summary>
/// <param name="Module">The module that decided; its bundle follows those of the run. Null for none.</param>
public readonly record struct JournalPolicy(PolicyKind Kind, BundleHash? Module);
