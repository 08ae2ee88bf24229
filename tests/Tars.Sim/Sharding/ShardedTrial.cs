using Tars.Base;
using Tars.Evolution.Trials;
using Tars.Kernel.Journal;
using Tars.Kernel.Ports;

namespace Tars.Sim.Sharding;

/// <summary>The newest events of the shards of a system, each behind a checkpoint of its own, as a run keeps them to
/// try a version on (decision 211).</summary>
/// <param name="dealt">Where modules lived in the beginning.</param>
internal sealed class ShardedTrial(ShardPlan dealt, PolicyChoice policy)
{
    private const int EventsMax = 200;

    private readonly Stretch?[] _newest = new Stretch?[dealt.Count];
    private readonly Stretch?[] _before = new Stretch?[dealt.Count];

    /// <summary>A mistake that the simulator puts in: a version takes over while something is under way.</summary>
    public bool TakesAnyMoment { get; init; }

    /// <summary>A shard has stepped.</summary>
    /// <param name="record">Its event, as its journal has it.</param>
    public void Stepped(int shard, Kernel.Kernel kernel, KernelEvent happened, ReadOnlyMemory<byte> record)
    {
        bool isOther = _newest[shard] is { } known && known.System != kernel.System;
        if (happened is KernelEvent.Swap or KernelEvent.SwapElsewhere || isOther)
        {
            (_before[shard], _newest[shard]) = (null, null);
        }

        _newest[shard]?.Records.Add(record);
        var octets = new ByteWriter();
        bool isFull = _newest[shard] is not { } newest || EventsMax <= newest.Records.Count;
        if (isFull && kernel.TryCheckpoint(octets) is null)
        {
            _before[shard] = _newest[shard];
            _newest[shard] = new Stretch(kernel.System, octets.ToArray(), []);
        }
    }

    /// <summary>Tries a version on what all shards had.</summary>
    /// <param name="reasons">Why it cannot be tried just now.</param>
    /// <returns>Null with reasons.</returns>
    public TrialReport? Run(ModuleImage version, List<string> reasons)
    {
        var first = _before.Zip(_newest, (before, newest) => before ?? newest).ToArray();
        if (first.Any(one => one is null))
        {
            reasons.Add("nothing has happened yet");
            return null;
        }

        var system = first[0]!.System; // Each is there.
        var plan = new TrialPlan(system, system, policy)
        {
            Shards = dealt,
            Checkpoints = [.. first.Select(one => new ReadOnlyMemory<byte>(one!.Checkpoint))],
            Version = version,
            TakesAnyMoment = TakesAnyMoment,
            Load = hash => system.Modules.FirstOrDefault(one => one.Hash == hash),
        };
        IEnumerable<RecordedEvent> Events(int shard)
        {
            var records = _before[shard]?.Records.Concat(_newest[shard]!.Records) ?? _newest[shard]!.Records;
            foreach (var record in records)
            {
                // It was written as one.
                yield return RecordedEvent.Of((JournalRecord.Happened)JournalCodec.Read(record.Span)!);
            }
        }

        var moment = TrialMoment.Find(plan, Events, version.Manifest.Name, reasons, CancellationToken.None);
        return moment is null
            ? null
            : TrialRun.Run(
                plan with { Checkpoints = moment.Checkpoints },
                shard => Events(shard).Skip((int)moment.Before[shard]),
                reasons,
                CancellationToken.None);
    }

    /// <summary>Events behind a state.</summary>
    private sealed record Stretch(SystemImage System, byte[] Checkpoint, List<ReadOnlyMemory<byte>> Records);
}
