using System.Collections.Immutable;
using Tars.Kernel.Ports;

namespace Tars.Host.Journal;

/// <summary>Finds out where in an event a replay went another way, by replaying it again and again.</summary>
/// <remarks>
/// The recording says after each event what was done, not after each transaction. An engine that still does what was
/// recorded can be asked for that: the two are replayed up to the same transaction, halving what is between.
/// </remarks>
/// <param name="engine">The one that differs.</param>
/// <param name="judge">Another engine; null when there is none.</param>
internal sealed class ReplayDiagnosis(string path, IEngine engine, IEngine? judge, CancellationToken stop)
{
    /// <summary>Describes a difference.</summary>
    /// <param name="walk">Stands behind the event that differs; it is not moved.</param>
    /// <param name="firstEvent">The first event that may have done it.</param>
    public ReplayDifference Describe(ReplayWalk walk, string what, long firstEvent)
    {
        long transactions = walk.Kernel.Transactions;
        string text = EventText.Of(walk.Happened!, walk.System); // There is one, or there is no difference.
        long first = Transactions(firstEvent - 1) + 1;
        long? found = first == transactions ? first : Find(walk.Events, first, transactions);
        var (before, _) = found is { } one ? States(walk.Events, one - 1) : States(firstEvent - 1, long.MaxValue);
        var (after, last) = States(walk.Events, found ?? long.MaxValue);
        return new ReplayDifference(
            walk.Events,
            text,
            what,
            firstEvent,
            first,
            transactions,
            found is null ? null : last,
            [.. before.Where(state => !after.Contains(state))],
            [.. after.Where(state => !before.Contains(state))]);
    }

    // The first transaction after which the two engines have not done the same; null when the judge does not know.
    private long? Find(long events, long first, long last)
    {
        using (var judged = judge is null ? null : Walk(judge, events, long.MaxValue))
        {
            if (judged is null || judged.Recorded != judged.Done)
            {
                return null;
            }
        }

        while (first < last && !stop.IsCancellationRequested)
        {
            long middle = first + ((last - first) / 2);
            bool same = Trace(engine, events, middle) == Trace(judge!, events, middle); // Asked above.
            (first, last) = same ? (middle + 1, last) : (first, middle);
        }

        return first;
    }

    private ulong? Trace(IEngine by, long events, long transactions)
    {
        using var walk = Walk(by, events, transactions);
        return walk?.Kernel.Trace;
    }

    private long Transactions(long events)
    {
        using var walk = Walk(engine, events, long.MaxValue);
        return walk?.Kernel.Transactions ?? 0;
    }

    private (ImmutableArray<ProcessView> States, TransactionView? Last) States(long events, long transactions)
    {
        using var walk = Walk(engine, events, transactions);
        var last = walk?.Last;
        return (walk?.States() ?? [], last);
    }

    private ReplayWalk? Walk(IEngine by, long events, long transactions)
    {
        var walk = ReplayWalk.Open(path, by, shown: null, []);
        while (walk is not null && walk.Events < events && walk.Kernel.Transactions < transactions
            && !stop.IsCancellationRequested && walk.Next(transactions))
        {
        }

        return walk;
    }
}
