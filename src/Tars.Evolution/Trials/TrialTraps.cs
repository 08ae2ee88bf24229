using System.Collections.Immutable;

namespace Tars.Evolution.Trials;

/// <summary>The traps of a trial that the recorded code did not have.</summary>
/// <remarks>
/// Other code may take more turns or fewer for the same input, so its traps are held against those that the recorded
/// code had in the same handler up to where it came to rest next, and not event by event. What it does on a shard while
/// another one has an event, or before the first one, counts as done at the next event of that shard.
/// </remarks>
internal sealed class TrialTraps
{
    private readonly Dictionary<(long Until, string Where), long> _recorded = [];
    private readonly List<(long Event, string Where)> _seen = [];
    private readonly ImmutableArray<TrialDifference>.Builder _first = ImmutableArray.CreateBuilder<TrialDifference>();
    private readonly Dictionary<int, List<long>> _events = []; // Of each shard, in order.
    private long[] _rests = [];

    /// <summary>How many there are.</summary>
    public long Count { get; private set; }

    /// <summary>The first of them.</summary>
    public ImmutableArray<TrialDifference> First => _first.ToImmutable();

    /// <summary>The recorded code trapped.</summary>
    /// <param name="where">Who, and in which handler.</param>
    public void Recorded(long happened, string where) => _seen.Add((happened, where));

    /// <summary>The recording is over.</summary>
    /// <param name="order">Whose event each is.</param>
    /// <param name="rests">What was left to do after each.</param>
    public void Close(IReadOnlyList<byte> order, IReadOnlyList<TrialRest> rests)
    {
        _rests = new long[rests.Count + 1];
        var next = new Dictionary<byte, long>();
        for (int at = rests.Count; 0 < at; at--)
        {
            byte shard = order[at - 1];
            bool isRest = !rests[at - 1].MoreToDo || !next.TryGetValue(shard, out _rests[at]);
            if (isRest)
            {
                _rests[at] = next[shard] = at;
            }
        }

        foreach (var (index, shard) in order.Index())
        {
            if (!_events.TryGetValue(shard, out var own))
            {
                _events[shard] = own = [];
            }

            own.Add(index + 1);
        }

        foreach (var (happened, where) in _seen)
        {
            var key = (_rests[happened], where);
            _recorded[key] = _recorded.GetValueOrDefault(key) + 1;
        }

        _seen.Clear();
    }

    /// <summary>The other code trapped.</summary>
    /// <param name="shard">On which shard.</param>
    /// <param name="happened">The newest event of all.</param>
    /// <param name="text">The whole, for a person.</param>
    public void Tried(int shard, long happened, string where, string text)
    {
        var key = (RestOf(shard, happened), where);
        if (_recorded.GetValueOrDefault(key) is var left and > 0)
        {
            _recorded[key] = left - 1;
            return;
        }

        Count++;
        if (_first.Count < Limits.TrialTrapsShown)
        {
            _first.Add(new TrialDifference(happened, IsNew: true, text));
        }
    }

    private long RestOf(int shard, long happened)
    {
        if (!_events.TryGetValue(shard, out var own))
        {
            return 0;
        }

        int next = own.BinarySearch(happened);
        next = next < 0 ? ~next : next;
        return next < own.Count ? _rests[own[next]] : 0; // Behind the last one the recorded code did nothing.
    }
}
