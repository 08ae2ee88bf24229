using System.Collections.Immutable;
using Tars.Evolution.Loads;
using Tars.Kernel.Ports;

namespace Tars.Host.Journal;

/// <summary>Reads a journal as a load: what came from outside, and what devices answered.</summary>
internal static class LoadReading
{
    /// <summary>A recorded run as a load. Whatever stands in the stream, there is an answer.</summary>
    /// <param name="stream">It is the reader's from now on.</param>
    /// <param name="isolated">Modules that whoever runs it wants in a machine of their own, whatever it says.</param>
    /// <returns>Null with reasons.</returns>
    public static RecordedLoad? Of(
        Stream stream,
        IEngine engine,
        ImmutableArray<string> isolated,
        ICollection<string> reasons,
        CancellationToken stop)
    {
        var found = new List<string>();
        var walk = ReplayWalk.Open(stream, engine, shown: null, found, isolated: isolated);
        var events = new List<KernelEvent>();
        if (walk is not null && Answers(walk, events, found, stop) is { } answers)
        {
            return new RecordedLoad(walk.System, walk.Policy, answers, [.. events], walk);
        }

        walk?.Dispose();
        found.ForEach(reasons.Add);
        return null;
    }

    /// <summary>Replays a journal: only what is known to be what it was can be compared with.</summary>
    /// <param name="heard">Takes every event; null where nobody wants them.</param>
    /// <returns>Null with reasons.</returns>
    public static RecordedAnswers? Answers(
        ReplayWalk walk, ICollection<KernelEvent>? heard, ICollection<string> reasons, CancellationToken stop)
    {
        using var abort = stop.Register(walk.Kernel.Abort);
        if (walk.Shard is not null)
        {
            reasons.Add("it is one shard of several, and its load came from the others too");
            return null;
        }

        if (walk.Upcoming is not KernelEvent.Boot)
        {
            reasons.Add("it does not hold the start of a run, so there is no load to run again");
            return null;
        }

        var answers = new RecordedAnswers();
        var open = new Dictionary<long, (RecordedAnswer Answer, long At)>();
        long now = 0;
        walk.Asked = (device, operation, number, arguments) =>
            open[number] = (answers.Add(device, operation, arguments), now);
        while (!stop.IsCancellationRequested && walk.Upcoming is { } upcoming)
        {
            now = upcoming.At.Monotonic;
            heard?.Add(upcoming);
            if (upcoming is KernelEvent.Answer answer && open.Remove(answer.Number, out var ask))
            {
                ask.Answer.Give(now - ask.At, answer.Given);
            }

            if (!walk.Next())
            {
                break;
            }

            if (walk.Recorded is { } recorded && recorded != walk.Done)
            {
                reasons.Add($"event {walk.Events} does something else when it is replayed; `tarscli replay` says what");
                return null;
            }
        }

        if (stop.IsCancellationRequested || walk.Damage is not null)
        {
            reasons.Add(walk.Damage ?? "it was interrupted");
            return null;
        }

        return answers;
    }
}
