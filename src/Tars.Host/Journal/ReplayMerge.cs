using System.Collections.Immutable;
using Tars.Base;
using Tars.Kernel.Ports;

namespace Tars.Host.Journal;

/// <summary>The journals of one run, replayed together: of one kernel, or one of each shard.</summary>
/// <remarks>
/// Each shard's journal holds all that came to it, so each is replayed by itself; together they have one order.
///
/// Invariants:
///   I1  What happened first by the clock of the run comes first, and mail of another shard never before it was sent
///       there, unless the journal of that shard ends before.
///   I2  Mail that one shard took is what the other sends in its replay.
/// </remarks>
internal sealed class ReplayMerge : IDisposable
{
    private readonly ImmutableArray<ReplayPart> _parts;
    private readonly Queue<(long Sequence, ulong Digest)>[,] _links;
    private readonly long[,] _sent;

    private ReplayMerge(ImmutableArray<ReplayPart> parts)
    {
        _parts = parts;
        int count = parts.Length;
        _sent = new long[count, count];
        _links = new Queue<(long, ulong)>[count, count];
        for (int link = 0; link < count * count; link++)
        {
            _links[link / count, link % count] = [];
        }

        for (int at = 0; 1 < count && at < count; at++)
        {
            int from = at;
            parts[from].Walk.Sent = (shard, sequence, records) =>
            {
                _sent[from, shard] = sequence;
                _links[from, shard].Enqueue((sequence, XxHash64.Of(records, seed: 0)));
            };
        }
    }

    /// <summary>One journal, or one for each shard in their order.</summary>
    public ImmutableArray<ReplayPart> Parts => _parts;

    /// <summary>How many events were replayed.</summary>
    public long Events => _parts.Sum(one => one.Walk.Events);

    /// <summary>Events that processes handled.</summary>
    public long Transactions => _parts.Sum(one => one.Walk.Kernel.Transactions);

    /// <summary>Why some journal cannot be replayed to its end; null when all can.</summary>
    public string? Damage => _parts.Select(one => one.Walk.Damage is { } why ? $"{one.Name}{why}" : null)
        .FirstOrDefault(why => why is not null);

    /// <summary>How the journals end: as the one that was cut off worst.</summary>
    public JournalEnd End => _parts.Max(one => one.Walk.End);

    /// <summary>The transaction that was replayed last, counted over all; null when there was none.</summary>
    public TransactionView? Last { get; private set; }

    /// <summary>What mail the newest event took that was never sent so; null when there is nothing to say.</summary>
    public string? WrongMail { get; private set; }

    /// <summary>Opens journals as a stranger's.</summary>
    /// <param name="witness">Makes one who hears all that is done on a shard, null for the only one.</param>
    /// <returns>Null, with reasons.</returns>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static ReplayMerge? Open(
        IReadOnlyList<string> paths,
        IEngine engine,
        RunStreams? shown,
        List<string> reasons,
        Func<SystemImage, int?, IOutside>? witness = null)
    {
        var parts = new List<ReplayPart>();
        try
        {
            foreach (string path in paths)
            {
                var found = new List<string>();
                int? shard = paths.Count == 1 ? null : parts.Count;
                var hears = witness is null ? null : new Func<SystemImage, IOutside>(one => witness(one, shard));
                if (ReplayWalk.Open(path, engine, shown, found, hears) is { } walk)
                {
                    parts.Add(new ReplayPart(path, walk, shard));
                }

                string name = paths.Count == 1 ? "" : $"{Path.GetFileName(path)}: ";
                reasons.AddRange(found.Select(one => $"{name}{one}"));
            }

            if (1 < paths.Count)
            {
                reasons.AddRange(parts.Where(one => one.Walk.Shard is not { } shard || shard.Count != paths.Count
                    || shard.Number != one.Shard).Select(one => $"{one.Name}it is not a shard of this run"));
            }

            if (reasons.Count == 0)
            {
                var merge = new ReplayMerge([.. parts]);
                parts.Clear();
                return merge;
            }

            return null;
        }
        finally
        {
            parts.ForEach(one => one.Walk.Dispose());
        }
    }

    /// <summary>A journal that is open already and from now on the merge's: of one kernel.</summary>
    public static ReplayMerge Of(ReplayWalk walk) => new([new ReplayPart("", walk, Shard: null)]);

    /// <summary>Replays the event that comes next, and stands still in it once so many transactions are over.</summary>
    /// <returns>Whose event it was; null at the end.</returns>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public ReplayPart? Next(long transactionsMax)
    {
        while (Choose() is { } part)
        {
            var walk = part.Walk;
            var upcoming = walk.Upcoming;
            long before = walk.Kernel.Transactions;
            long left = transactionsMax - Transactions;
            if (!walk.Next(left < long.MaxValue - before ? before + left : long.MaxValue))
            {
                part.IsOver = true;
                continue;
            }

            if (before < walk.Kernel.Transactions && walk.Last is { } last)
            {
                Last = last with { Number = Transactions };
            }

            WrongMail = part.Shard is { } shard && upcoming is KernelEvent.FromShard mail ? WhyNot(mail, shard) : null;
            return part;
        }

        return null;
    }

    /// <summary>The states of all processes; after that nothing more can be replayed.</summary>
    public ImmutableArray<ProcessView> States() =>
        [.. _parts.SelectMany(one => one.Walk.States()).OrderBy(one => one.Process)];

    public void Dispose()
    {
        foreach (var part in _parts)
        {
            part.Walk.Dispose();
        }
    }

    private ReplayPart? Choose()
    {
        ReplayPart? first = null;
        bool isSent = false;
        foreach (var part in _parts.Where(one => !one.IsOver))
        {
            if (part.Walk.Upcoming is not { } upcoming)
            {
                return part; // It ends.
            }

            // One that cannot be sent any more is taken when nothing else is left.
            bool wasSent = part.Shard is not { } shard || upcoming is not KernelEvent.FromShard mail
                || _parts.Length <= (uint)mail.Shard || mail.Sequence <= _sent[mail.Shard, shard];
            bool isEarlier = first is null
                || upcoming.At.Monotonic < first.Walk.Upcoming!.At.Monotonic; // Whatever ends was taken at once.
            if (wasSent == isSent ? isEarlier : wasSent)
            {
                (first, isSent) = (part, wasSent);
            }
        }

        return first;
    }

    // I2
    private string? WhyNot(KernelEvent.FromShard mail, int shard)
    {
        if (_parts.Length <= (uint)mail.Shard)
        {
            return null; // The kernel has refused it.
        }

        var link = _links[mail.Shard, shard];
        while (link.TryPeek(out var earlier) && earlier.Sequence < mail.Sequence)
        {
            link.Dequeue();
        }

        bool isThere = link.TryPeek(out var sent) && sent.Sequence == mail.Sequence;
        var sender = _parts[mail.Shard];
        bool isKnown = isThere || sender is { IsOver: true, Walk: { Damage: null, End: JournalEnd.Closed } };
        return !isKnown || (isThere && sent.Digest == XxHash64.Of(mail.Records.AsSpan(), seed: 0))
            ? null
            : $"the mail of shard {mail.Shard}";
    }
}

/// <summary>One of the journals that are replayed together.</summary>
/// <param name="Shard">Whose it is; null for the only one.</param>
internal sealed record ReplayPart(string Path, ReplayWalk Walk, int? Shard)
{
    /// <summary>True once nothing more of it can be replayed.</summary>
    public bool IsOver { get; set; }

    /// <summary>The first event whose state was not yet compared.</summary>
    public long FirstEvent { get; set; } = 1;

    /// <summary>What a line about it begins with.</summary>
    public string Name => Shard is { } shard ? $"shard {shard}: " : "";
}
