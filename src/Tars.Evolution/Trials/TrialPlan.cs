using System.Collections.Immutable;
using Tars.Bundle.Container;
using Tars.Kernel.Journal;
using Tars.Kernel.Ports;

namespace Tars.Evolution.Trials;

/// <summary>What is tried on recorded events: other modules from the start, or a new version from a checkpoint on.
/// </summary>
/// <param name="Recorded">The system as it was linked in the recorded run.</param>
/// <param name="Other">The system that is tried; where a checkpoint begins, the recorded one in images of its own.
/// </param>
/// <param name="Policy">Who decided which process ran next.</param>
public sealed record TrialPlan(SystemImage Recorded, SystemImage Other, PolicyChoice Policy)
{
    /// <summary>Where the modules of both systems live when the run begins; null for a run on one kernel.</summary>
    public ShardPlan? Shards { get; init; }

    /// <summary>The state of each shard, or of the only kernel, at which the recording begins; empty when it begins
    /// with the start of the run.</summary>
    /// <remarks>Of shards all at one moment: no mail is under way and nobody is ready. <see cref="TrialMoment"/> finds
    /// such a one.</remarks>
    public ImmutableArray<ReadOnlyMemory<byte>> Checkpoints { get; init; } = [];

    /// <summary>The version that is swapped in there; there is one exactly where there are checkpoints.</summary>
    public ModuleImage? Version { get; init; }

    /// <summary>A mistake that the simulator puts in: the version takes over while something is under way.</summary>
    internal bool TakesAnyMoment { get; init; }

    /// <summary>Loads a version that a checkpoint or a recorded swap names.</summary>
    public Func<BundleHash, ModuleImage?> Load { get; init; } = _ => null;
}

/// <summary>An event of the recorded run.</summary>
/// <param name="Trace">Digest of what guests had done before it.</param>
public readonly record struct RecordedEvent(KernelEvent Event, ulong Trace)
{
    public static RecordedEvent Of(JournalRecord.Happened record) => new(record.Event, record.Before.Trace);
}
