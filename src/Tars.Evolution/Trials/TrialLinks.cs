using Tars.Base;
using Tars.Kernel.Ports;

namespace Tars.Evolution.Trials;

/// <summary>The mail between the shards of a trial: what the recorded code sent and when that arrived, and so when the
/// mail of the other code arrives.</summary>
/// <remarks>
/// A Step makes one piece of mail for a shard at most. What the other code makes in a recorded event arrives where the
/// mail of that event did; what the recorded code did not send there arrives at once, behind what was sent before it.
///
/// Invariants:
///   I1  Mail arrives in the order in which it was sent.
///   I2  The same code sends the same mail, and it arrives at the same events.
/// </remarks>
internal sealed class TrialLinks
{
    private readonly int _count;
    private readonly Queue<(long Sequence, long Event, ulong Digest)>[] _recorded;
    private readonly long[] _sent;
    private readonly Dictionary<(long Sent, int To), long> _arrivals = [];
    private readonly Queue<(TrialMail Mail, long? Arrives)>[] _links;

    public TrialLinks(int count)
    {
        _count = count;
        _sent = new long[count * count];
        _recorded = [.. Enumerable.Range(0, count * count).Select(_ => new Queue<(long, long, ulong)>())];
        _links = [.. Enumerable.Range(0, count * count).Select(_ => new Queue<(TrialMail, long?)>())];
    }

    /// <summary>The numbers of mail go on from those of a checkpoint, at which none was under way.</summary>
    public void GoOnFrom(int from, ShardView view)
    {
        for (int to = 0; to < _count; to++)
        {
            _sent[LinkOf(from, to)] = view.Sent[to];
        }
    }

    /// <summary>The recorded code sent mail in an event.</summary>
    public void Record(int from, TrialMail mail, long happened)
    {
        int link = LinkOf(from, mail.Shard);
        _sent[link] = mail.Sequence;
        _recorded[link].Enqueue((mail.Sequence, happened, XxHash64.Of(mail.Records.AsSpan(), seed: 0)));
    }

    /// <summary>True when the mail that a shard took was sent before.</summary>
    public bool IsSent(KernelEvent.FromShard mail, int to) =>
        (uint)mail.Shard < (uint)_count && mail.Sequence <= _sent[LinkOf(mail.Shard, to)];

    /// <summary>Mail has arrived in the recorded run; it was sent.</summary>
    /// <returns>False when what arrived is not what was sent.</returns>
    public bool Arrive(KernelEvent.FromShard mail, int to, long happened)
    {
        var link = _recorded[LinkOf(mail.Shard, to)];
        while (link.TryDequeue(out var sent) && sent.Sequence <= mail.Sequence)
        {
            if (sent.Sequence == mail.Sequence)
            {
                _arrivals.Add((sent.Event, to), happened);
                return sent.Digest == XxHash64.Of(mail.Records.AsSpan(), seed: 0);
            }
        }

        return false;
    }

    /// <summary>The recording is over: what has not arrived in it never does.</summary>
    public void Close()
    {
        foreach (var (at, link) in _recorded.Index())
        {
            foreach (var (_, sent, _) in link)
            {
                _arrivals.TryAdd((sent, at % _count), long.MaxValue);
            }
        }
    }

    /// <summary>The other code sends mail.</summary>
    /// <param name="happened">The recorded event that made it; null where none did.</param>
    public void Send(int from, TrialMail mail, long? happened)
    {
        long? arrives = happened is { } one && _arrivals.TryGetValue((one, mail.Shard), out long at) ? at : null;
        _links[LinkOf(from, mail.Shard)].Enqueue((mail, arrives));
    }

    /// <summary>The mail of the other code that arrives in a recorded event; null where it sent none.</summary>
    public TrialMail? Take(int from, int to, long happened) =>
        _links[LinkOf(from, to)] is var link && link.TryPeek(out var next) && next.Arrives == happened
            ? link.Dequeue().Mail
            : null;

    /// <summary>Mail of the other code that arrives at once; null when there is none.</summary>
    /// <param name="isThere">False for a shard that has not begun.</param>
    public (int From, TrialMail Mail)? TakeAny(Predicate<int> isThere)
    {
        for (int link = 0; link < _links.Length; link++)
        {
            if (_links[link].TryPeek(out var next) && next.Arrives is null && isThere(link % _count))
            {
                return (link / _count, _links[link].Dequeue().Mail);
            }
        }

        return null;
    }

    private int LinkOf(int from, int to) => (from * _count) + to;
}
