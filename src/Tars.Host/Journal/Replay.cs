using Tars.Kernel.Ports;

namespace Tars.Host.Journal;

/// <summary>Replays a journal: does again what a run did, says whether it is the same, and shows what was.</summary>
public static class Replay
{
    /// <summary>Replays a file, or the folder of a run on several shards. Whatever stands there, there is an answer.
    /// </summary>
    /// <param name="streams">Where what the run showed goes, when it is to be shown.</param>
    public static ReplayOutcome Run(string path, ReplayOptions options, RunStreams streams, CancellationToken stop)
    {
        if (Compose.Engine(options.Engine, stop) is not { } engine)
        {
            return new ReplayOutcome.Refused([Compose.WhyNot(options.Engine)]);
        }

        // Whichever runs the replay, another one can say what it should have done.
        var judge = Compose.Engine(engine.Name == "oracle" ? "cil" : "oracle", stop);
        return Run(path, options, engine, judge, streams, stop);
    }

    /// <summary>The same with engines that need no name.</summary>
    internal static ReplayOutcome Run(
        string path,
        ReplayOptions options,
        IEngine engine,
        IEngine? judge,
        RunStreams streams,
        CancellationToken stop)
    {
        var reasons = new List<string>();
        try
        {
            var paths = RecordedShards.PathsOf(path, options.Shard, reasons);
            using var merge = paths.Count == 0
                ? null
                : ReplayMerge.Open(paths, engine, options.Output ? streams : null, reasons);
            if (merge is null)
            {
                return new ReplayOutcome.Refused([.. reasons]);
            }

            if (options.Until is { } until && 0 < until && until < merge.Transactions)
            {
                return new ReplayOutcome.Refused(
                    [$"transaction {until} is not in it: it begins behind transaction {merge.Transactions}"]);
            }

            using var abort = stop.Register(() =>
            {
                foreach (var part in merge.Parts)
                {
                    part.Walk.Kernel.Abort();
                }
            });
            var report = Run(
                merge, options, part => new ReplayDiagnosis(part.Path, engine, judge, stop), stop);
            return stop.IsCancellationRequested
                ? new ReplayOutcome.Refused(["it was interrupted"])
                : new ReplayOutcome.Ended(report);
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            return new ReplayOutcome.Refused([broken.Message]);
        }
    }

    private static ReplayReport Run(
        ReplayMerge merge, ReplayOptions options, Func<ReplayPart, ReplayDiagnosis> diagnosis, CancellationToken stop)
    {
        long until = options.Until ?? long.MaxValue;
        long points = 0;
        string? what = null;
        ReplayPart? part = null;
        var (eventsBefore, transactionsBefore) = (merge.Events, merge.Transactions);
        bool stands = until == 0 || until == transactionsBefore;
        while (!stands && what is null && !stop.IsCancellationRequested && merge.Next(until) is { } next)
        {
            part = next;
            var walk = part.Walk;
            stands = until <= merge.Transactions;
            what = stands ? null : merge.WrongMail ?? Difference(walk);
            if (what is not null)
            {
                part.FirstEvent = walk.Events;
            }
            else if (!stands && options.Verify && walk.Point is { } point)
            {
                what = point.State == walk.Kernel.StateDigest().Value ? null : "the state";
                points += what is null ? 1 : 0;
                part.FirstEvent = what is null ? walk.Events + 1 : part.FirstEvent;
            }
        }

        var last = merge.Last;
        long transactions = merge.Transactions;
        var difference = what is null || part is null ? null
            : diagnosis(part).Describe(part.Walk, what, part.FirstEvent) with { Shard = part.Shard };
        return new ReplayReport(
            merge.Events,
            transactions,
            points,
            stands || what is not null || merge.Damage is not null ? null : merge.End,
            merge.Damage,
            difference,
            last,
            options.States ? merge.States() : [])
        {
            Shards = merge.Parts.Length,
            EventsBefore = eventsBefore,
            TransactionsBefore = transactionsBefore,
        };
    }

    private static string? Difference(ReplayWalk walk)
    {
        if (walk.Recorded is not { } recorded)
        {
            return null;
        }

        if (walk.Point is { } point
            && (point.Events, point.Transactions) != (walk.Events, walk.Kernel.Transactions))
        {
            return "how far it came";
        }

        return recorded.Trace != walk.Done.Trace ? "what the handlers did"
            : recorded.Effects != walk.Done.Effects ? "the effects"
            : null;
    }
}
