using Tars.Bundle.Container;
using Tars.Host.Journal;
using Tars.Kernel.Journal;
using Tars.Kernel.Ports;

namespace Tars.Host.Sharding;

/// <summary>The journals of a run on several shards: one for each, which holds all that comes to it.</summary>
internal sealed class ShardJournals
{
    private readonly IReadOnlyList<ReadOnlyMemory<byte>> _bundles;
    private readonly RunOptions _options;
    private readonly Stream[]? _files;
    private readonly Dictionary<BundleHash, ReadOnlyMemory<byte>> _versions = [];

    private ShardJournals(IReadOnlyList<ReadOnlyMemory<byte>> bundles, RunOptions options, Stream[]? files)
    {
        _bundles = bundles;
        _options = options;
        _files = files;
        foreach (var bundle in bundles)
        {
            Know(bundle);
        }
    }

    /// <summary>Makes the files that are asked for.</summary>
    /// <returns>Null, with why.</returns>
    public static ShardJournals? Open(
        IReadOnlyList<ReadOnlyMemory<byte>> bundles, RunOptions options, out string why)
    {
        why = "";
        var files = options.Record is { } folder ? RecordedShards.Create(folder, options.Shards, out why) : null;
        why = why.Length == 0 ? "" : $"--record: {why}";
        return why.Length == 0 ? new ShardJournals(bundles, options, files) : null;
    }

    /// <summary>A kernel of one shard, and what writes down its run.</summary>
    public ShardStart Begin(SystemImage system, ShardPlace place, IOutside outside)
    {
        var policy = new PolicyChoice(_options.Policy);
        if (_files is null)
        {
            return new ShardStart(new Kernel.Kernel(system, outside) { Shard = place, Policy = policy }, Journal: null);
        }

        var effects = new EffectTrace(outside);
        var recorder = new Recorder(_files[place.Number], effects);
        recorder.Begin(_bundles, _options, new JournalShard(place.Number, place.Plan.Count));
        return new ShardStart(new Kernel.Kernel(system, effects) { Shard = place, Policy = policy }, recorder);
    }

    /// <summary>A version that may be swapped in, and with it what it imports.</summary>
    public void Know(ReadOnlyMemory<byte> bundle)
    {
        if (BundleReader.Read(bundle) is BundleReading.Read { Bundle: var read } && _versions.TryAdd(read.Hash, bundle))
        {
            foreach (var import in read.Imports)
            {
                Know(import);
            }
        }
    }

    /// <summary>The bundle of a version that runs, ran or is about to; null for none of those.</summary>
    public ReadOnlyMemory<byte>? BundleOf(BundleHash version) =>
        _versions.TryGetValue(version, out var bundle) ? bundle : null;
}

/// <summary>What a shard of a run begins with.</summary>
internal sealed record ShardStart(Kernel.Kernel Kernel, IRunJournal? Journal);
