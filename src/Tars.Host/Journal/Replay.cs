using Tars.Kernel.Ports;

namespace Tars.Host.Journal;

/// <summary>Replays a journal: does again what a run did, says whether it is the same, and shows what was.</summary>
public static class Replay
{
    /// <summary>Replays a file. Whatever stands in it, there is an answer.</summary>
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
            using var walk = ReplayWalk.Open(path, engine, options.Output ? streams : null, reasons);
            if (walk is null)
            {
                return new ReplayOutcome.Refused([.. reasons]);
            }

            using var abort = stop.Register(walk.Kernel.Abort);
            var report = Run(walk, options, new ReplayDiagnosis(path, engine, judge, stop), stop);
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
        ReplayWalk walk, ReplayOptions options, ReplayDiagnosis diagnosis, CancellationToken stop)
    {
        long until = options.Until ?? long.MaxValue;
        long points = 0;
        long firstEvent = 1; // Of those whose state was not yet compared.
        string? what = null;
        bool stands = until == 0;
        while (!stands && what is null && !stop.IsCancellationRequested && walk.Next(until))
        {
            stands = until <= walk.Kernel.Transactions;
            what = stands ? null : Difference(walk);
            if (what is not null)
            {
                firstEvent = walk.Events;
            }
            else if (!stands && options.Verify && walk.Point is { } point)
            {
                what = point.State == walk.Kernel.StateDigest().Value ? null : "the state";
                points += what is null ? 1 : 0;
                firstEvent = what is null ? walk.Events + 1 : firstEvent;
            }
        }

        var last = walk.Last;
        long transactions = walk.Kernel.Transactions;
        var difference = what is null ? null : diagnosis.Describe(walk, what, firstEvent);
        return new ReplayReport(
            walk.Events,
            transactions,
            points,
            stands || what is not null || walk.Damage is not null ? null : walk.End,
            walk.Damage,
            difference,
            last,
            options.States ? walk.States() : []);
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
