using Tars.Devices.Host;
using Tars.Evolution.Loads;
using Tars.Kernel.Journal;
using Tars.Kernel.Ports;

namespace Tars.Host.Journal;

/// <summary>Runs the load of a journal again under another scheduling policy, and under the recorded one.</summary>
/// <remarks>Both are run in one model, so what differs between them is the policy and nothing else.</remarks>
public static class WhatIf
{
    /// <summary>Compares. Whatever stands in the file, there is an answer.</summary>
    public static WhatIfOutcome Run(string path, WhatIfOptions options, CancellationToken stop)
    {
        var engine = Compose.WithFloors(stop);
        var reasons = new List<string>();
        try
        {
            if (RecordedShards.SingleOf(path, reasons) is null)
            {
                return new WhatIfOutcome.Refused([.. reasons]);
            }

            using var walk = ReplayWalk.Open(path, engine, shown: null, reasons);
            if (walk is null || Answers(walk, reasons, stop) is not { } answers)
            {
                return new WhatIfOutcome.Refused([.. reasons]);
            }

            var other = PolicyLoader.Load(options.Policy, options.PolicyModule, engine, walk.Isolated, reasons);
            if (other is null)
            {
                return new WhatIfOutcome.Refused([.. reasons.Select(reason => $"--policy: {reason}")]);
            }

            using var code = other.Module?.Image.Code;
            var recorded = Run(path, walk, walk.Policy, answers, options, reasons, stop);
            var compared = Run(path, walk, other, answers, options, reasons, stop);
            return recorded is null || compared is null
                ? new WhatIfOutcome.Refused([.. reasons])
                : new WhatIfOutcome.Compared(new WhatIfReport(
                    options.NanosecondsPerFuel, walk.Kernel.Transactions, recorded, compared));
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            return new WhatIfOutcome.Refused([broken.Message]);
        }
    }

    private static LoadReport? Run(
        string path,
        ReplayWalk walk,
        PolicyChoice policy,
        RecordedAnswers answers,
        WhatIfOptions options,
        List<string> reasons,
        CancellationToken stop) =>
        LoadRun.Run(
            walk.System,
            policy.Kind,
            policy.Module?.Image,
            Events(path, walk.System),
            answers,
            options.NanosecondsPerFuel,
            reasons,
            stop);

    // Replays the journal: only what is known to be what it was can be compared with. Null with reasons.
    private static RecordedAnswers? Answers(ReplayWalk walk, List<string> reasons, CancellationToken stop)
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

    // The file may have changed since it was replayed, so it is as little believed as before.
    private static IEnumerable<KernelEvent> Events(string path, SystemImage system)
    {
        using var reader = new JournalReader(FileContent.OpenRead(path));
        var admission = new EventAdmission(system);
        if (reader.Begin() is null)
        {
            yield break;
        }

        while (reader.Next() is { } record)
        {
            if (record is JournalRecord.Happened { Event: var happened })
            {
                // A swap ends the comparison, so its module is not loaded.
                if (happened is not KernelEvent.Swap && admission.WhyNot(happened) is not null)
                {
                    yield break;
                }

                yield return happened;
            }
        }
    }
}
