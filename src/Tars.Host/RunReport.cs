using System.Collections.Immutable;
using Tars.Kernel.Ports;

namespace Tars.Host;

/// <summary>What a run did, for `--stats` and the exit status.</summary>
/// <param name="Elapsed">Nanoseconds of the run's clock.</param>
/// <param name="RecordError">Why the recording ended early; null when it did not, or there was none.</param>
/// <param name="Allocated">Octets of managed memory that the kernel's thread asked for while it stepped.</param>
/// <param name="Collections">Garbage collections of generation 2 while it stepped.</param>
/// <param name="PeakMemory">The most bytes that the operating system process had resident.</param>
public sealed record RunReport(
    KernelReport Kernel,
    ImmutableArray<HandlerLatency> Latencies,
    ImmutableArray<InputReport> Inputs,
    long Elapsed,
    long PeakMemory,
    long Allocated,
    long Collections,
    long Refused,
    string? RecordError)
{
    /// <summary>What the scheduling policy did; null for the one that a run has where none is chosen.</summary>
    public PolicyReport? Policy { get; init; }

    /// <summary>The same of each shard, in their order; empty in a run on one.</summary>
    public ImmutableArray<PolicyReport> ShardPolicies { get; init; } = [];

    /// <summary>Which engine ran which module at the end.</summary>
    public ImmutableArray<ModuleEngine> Engines { get; init; } = [];

    /// <summary>True when an operator has stopped the run.</summary>
    public bool WasStopped { get; init; }

    public long Events => Kernel.Events;

    public long Committed => Kernel.Committed;
}

/// <summary>Nanoseconds from the arrival of an event to its commit, over all events of an agent's handler.</summary>
public sealed record HandlerLatency(
    string Module,
    string Agent,
    string Handler,
    long Count,
    long Median,
    long P90,
    long P99,
    long P999,
    long Worst);

/// <summary>What came in by one `--input`.</summary>
public sealed record InputReport(string Name, long Octets, long Lines, long Repaired, long TooLong, long Malformed);
