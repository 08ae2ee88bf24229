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
        var merge = walk is null ? null : ReplayMerge.Of(walk);
        var events = new List<KernelEvent>();
        if (merge is not null && Answers(merge, events, found, stop) is [var answers])
        {
            return new RecordedLoad(walk!.System, walk.Policy, answers, [.. events], merge); // There is one of it.
        }

        merge?.Dispose();
        found.ForEach(reasons.Add);
        return null;
    }

    /// <summary>Replays a journal, or those of all shards: only what is known to be what it was can be compared with.
    /// </summary>
    /// <param name="heard">Takes every event; null where nobody wants them.</param>
    /// <returns>What devices answered each shard, or the only kernel; null with reasons.</returns>
    public static ImmutableArray<RecordedAnswers>? Answers(
        ReplayMerge merge, ICollection<KernelEvent>? heard, ICollection<string> reasons, CancellationToken stop)
    {
        using var abort = stop.Register(() =>
        {
            foreach (var part in merge.Parts)
            {
                part.Walk.Kernel.Abort();
            }
        });
        if (WhyNot(merge) is { } unfit)
        {
            reasons.Add(unfit);
            return null;
        }

        var answers = merge.Parts.Select(one => new AnswerReading(one.Walk)).ToArray();
        while (!stop.IsCancellationRequested && merge.Next(long.MaxValue) is { } part)
        {
            var walk = part.Walk;
            var happened = walk.Happened!; // It was replayed just now.
            heard?.Add(happened);
            answers[part.Shard ?? 0].Hear(happened);
            string? why = merge.WrongMail is { } mail
                ? $"{part.Name}event {walk.Events} took {mail}, which sends other mail in its own journal"
                : walk.Recorded is { } recorded && recorded != walk.Done
                ? $"{part.Name}event {walk.Events} does something else when it is replayed; `tarscli replay` says what"
                : null;
            if (why is not null)
            {
                reasons.Add(why);
                return null;
            }
        }

        if (stop.IsCancellationRequested || merge.Damage is not null)
        {
            reasons.Add(merge.Damage ?? "it was interrupted");
            return null;
        }

        return [.. answers.Select(one => one.Answers)];
    }

    private static string? WhyNot(ReplayMerge merge) =>
        merge.Parts is [{ Walk.Shard: not null }]
            ? "it is one shard of several, and its load came from the others too: name the folder that all are in"
        : merge.Parts.Any(one => one.Walk.Upcoming is not KernelEvent.Boot)
            ? "it does not hold the start of a run, so there is no load to run again"
        : merge.Parts.Any(one => !IsOfRun(one.Walk, merge.Parts[0].Walk))
            ? "its shards are of different runs"
        : null;

    // What comes to one is given to the modules of the first.
    private static bool IsOfRun(ReplayWalk one, ReplayWalk first) =>
        one.System.Modules.Select(each => each.Hash).SequenceEqual(first.System.Modules.Select(each => each.Hash))
        && one.Upcoming is KernelEvent.Boot { Seed: var seed } && first.Upcoming is KernelEvent.Boot { Seed: var own }
        && seed == own;

    // What devices answered one kernel, and how much later.
    private sealed class AnswerReading
    {
        private readonly Dictionary<long, (RecordedAnswer Answer, long At)> _open = [];

        public AnswerReading(ReplayWalk walk) => walk.Asked = (device, operation, number, arguments) =>
            _open[number] = (Answers.Add(device, operation, arguments), walk.Kernel.Now.Monotonic);

        public RecordedAnswers Answers { get; } = new();

        public void Hear(KernelEvent happened)
        {
            if (happened is KernelEvent.Answer answer && _open.Remove(answer.Number, out var ask))
            {
                ask.Answer.Give(answer.At.Monotonic - ask.At, answer.Given);
            }
        }
    }
}
