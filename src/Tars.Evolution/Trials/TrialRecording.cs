using Tars.Kernel.Ports;

namespace Tars.Evolution.Trials;

/// <summary>The recorded events of all shards, read once from the first on, in the order of the run.</summary>
internal sealed class TrialRecording : IDisposable
{
    private readonly IEnumerator<RecordedEvent>[] _shards;
    private readonly RecordedEvent?[] _next;

    public TrialRecording(int count, Func<int, IEnumerable<RecordedEvent>> recording)
    {
        _shards = [.. Enumerable.Range(0, count).Select(one => recording(one).GetEnumerator())];
        _next = new RecordedEvent?[count];
        for (int shard = 0; shard < count; shard++)
        {
            Read(shard);
        }
    }

    public bool Has(int shard) => _next[shard] is not null;

    /// <summary>The monotonic clock of the event that comes first by it; null at the end.</summary>
    public long? EarliestAt => _next.Min(one => one?.Event.At.Monotonic);

    /// <summary>The shard whose event comes first: by the clock, and mail not before it was sent, unless nothing else
    /// is left. Null at the end.</summary>
    /// <param name="isSent">Of mail, and the shard that it comes to.</param>
    public int? Earliest(Func<KernelEvent.FromShard, int, bool> isSent)
    {
        int? first = null;
        var earliest = (IsWaiting: true, At: long.MaxValue);
        for (int shard = 0; shard < _next.Length; shard++)
        {
            if (_next[shard] is not { Event: var happened })
            {
                continue;
            }

            var place = (happened is KernelEvent.FromShard mail && !isSent(mail, shard), happened.At.Monotonic);
            if (first is null || place.CompareTo(earliest) < 0)
            {
                (first, earliest) = (shard, place);
            }
        }

        return first;
    }

    /// <summary>The next event of a shard, which there is.</summary>
    public RecordedEvent Take(int shard)
    {
        var next = _next[shard]!.Value; // Who takes it has asked.
        Read(shard);
        return next;
    }

    /// <summary>How many events are left; they are read.</summary>
    public long Rest()
    {
        long count = 0;
        for (int shard = 0; shard < _shards.Length; shard++)
        {
            for (; Has(shard); count++)
            {
                _ = Take(shard);
            }
        }

        return count;
    }

    public void Dispose()
    {
        foreach (var shard in _shards)
        {
            shard.Dispose();
        }
    }

    private void Read(int shard) => _next[shard] = _shards[shard].MoveNext() ? _shards[shard].Current : null;
}
