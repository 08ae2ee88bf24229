using System.Collections.Immutable;
using Tars.Devices.Host;
using Tars.Evolution.Loads;
using Tars.Host.Granting;
using Tars.Kernel.Journal;
using Tars.Kernel.Ports;

namespace Tars.Host.Journal;

/// <summary>Runs the load of a journal, or of all shards of a run, again under another scheduling policy, and under the
/// recorded one.</summary>
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
            var paths = RecordedShards.PathsOf(path, shard: null, reasons);
            using var merge = paths.Count == 0 ? null : ReplayMerge.Open(paths, engine, shown: null, reasons);
            if (merge is null || LoadReading.Answers(merge, heard: null, reasons, stop) is not { } answers)
            {
                return new WhatIfOutcome.Refused([.. reasons]);
            }

            var walk = merge.Parts[0].Walk; // All are of the same run.
            var isolated = walk.Isolated.AddRange(Floor.Of(options.Grants).Isolated);
            var other = PolicyLoader.Load(options.Policy, options.PolicyModule, engine, isolated, reasons);
            if (other is null)
            {
                return new WhatIfOutcome.Refused([.. reasons.Select(reason => $"--policy: {reason}")]);
            }

            using var code = other.Module?.Image.Code;
            var recorded = Run(merge, walk.Policy, answers, options, reasons, stop);
            var compared = Run(merge, other, answers, options, reasons, stop);
            return recorded is null || compared is null
                ? new WhatIfOutcome.Refused([.. reasons])
                : new WhatIfOutcome.Compared(new WhatIfReport(
                    options.NanosecondsPerFuel, merge.Transactions, recorded, compared));
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            return new WhatIfOutcome.Refused([broken.Message]);
        }
    }

    private static LoadReport? Run(
        ReplayMerge merge,
        PolicyChoice policy,
        ImmutableArray<RecordedAnswers> answers,
        WhatIfOptions options,
        List<string> reasons,
        CancellationToken stop)
    {
        var walk = merge.Parts[0].Walk;
        return LoadRun.Run(
            walk.System,
            walk.Shard?.PlaceIn(walk.System).Plan,
            policy.Kind,
            policy.Module?.Image,
            Events(merge, walk.System),
            answers,
            options.NanosecondsPerFuel,
            reasons,
            stop);
    }

    // What came from outside to all shards, by their one clock: what follows from it is not taken from a file.
    private static IEnumerable<LoadEvent> Events(ReplayMerge merge, SystemImage system)
    {
        var next = new PriorityQueue<IEnumerator<LoadEvent>, (long At, int Shard)>();
        var readers = merge.Parts.Select((part, shard) => Events(part.Path, shard, system).GetEnumerator()).ToArray();
        try
        {
            foreach (var reader in readers)
            {
                Enqueue(reader);
            }

            while (next.TryDequeue(out var first, out _))
            {
                yield return first.Current;
                Enqueue(first);
            }
        }
        finally
        {
            foreach (var reader in readers)
            {
                reader.Dispose();
            }
        }

        void Enqueue(IEnumerator<LoadEvent> reader)
        {
            if (reader.MoveNext())
            {
                next.Enqueue(reader, (reader.Current.Happened.At.Monotonic, reader.Current.Shard));
            }
        }
    }

    // The file may have changed since it was replayed, so it is as little believed as before.
    private static IEnumerable<LoadEvent> Events(string path, int shard, SystemImage system)
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
                bool isSwap = happened is KernelEvent.Swap or KernelEvent.SwapElsewhere;
                if (!isSwap && admission.WhyNot(happened) is not null)
                {
                    yield break;
                }

                yield return new LoadEvent(shard, happened);
            }
        }
    }
}
