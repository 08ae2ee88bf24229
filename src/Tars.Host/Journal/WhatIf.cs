using Tars.Devices.Host;
using Tars.Evolution.Loads;
using Tars.Host.Granting;
using Tars.Kernel.Journal;
using Tars.Kernel.Ports;

namespace Tars.Host.Journal;

/// <summary>Runs the load of a journal again under another scheduling policy, and under the recorded one.</summary>
/// <remarks>Both are run in one model, so what differs between them is the policy and nothing else.</remarks>
public static class WhatIf
{
    /// <summary>Compares. Whatever stands in the file, there is an answer.</summary>
    public static WhatIfOutcome Run(string path, WhatIfOptions options, CancellationToken stop) =>
        Run(path, options, Compose.WithFloors(stop), stop);

    /// <param name="engine">What runs the code.</param>
    internal static WhatIfOutcome Run(string path, WhatIfOptions options, IEngine engine, CancellationToken stop)
    {
        var reasons = new List<string>();
        try
        {
            if (RecordedShards.SingleOf(path, reasons) is null)
            {
                return new WhatIfOutcome.Refused([.. reasons]);
            }

            using var walk = ReplayWalk.Open(path, engine, shown: null, reasons);
            if (walk is null || LoadReading.Answers(walk, heard: null, reasons, stop) is not { } answers)
            {
                return new WhatIfOutcome.Refused([.. reasons]);
            }

            var isolated = walk.Isolated.AddRange(Floor.Of(options.Grants).Isolated);
            var other = PolicyLoader.Load(options.Policy, options.PolicyModule, engine, isolated, reasons);
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
