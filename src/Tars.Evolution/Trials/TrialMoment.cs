using System.Collections.Immutable;
using System.Globalization;
using Tars.Base;
using Tars.Kernel.Journal;
using Tars.Kernel.Ports;

namespace Tars.Evolution.Trials;

/// <summary>A moment at which the recorded shards of a run can be gone on from together.</summary>
/// <remarks>
/// Each shard keeps its newest events behind a state of its own, taken when it suited it. From there the recorded code
/// is given its own events again, by the clock and no mail before it was sent, until all shards have come to one moment
/// at which no mail is under way, none of their processes is ready, and none of the module that is to be swapped waits.
/// So a version can take over on all of them there, and the same code would go on as it did.
///
/// Invariant: of all that a shard took before the moment the others had sent it, and all that they had sent it took.
/// </remarks>
/// <param name="Checkpoints">The state of each shard.</param>
/// <param name="Before">How many events of each recording come before it.</param>
public sealed record TrialMoment(ImmutableArray<ReadOnlyMemory<byte>> Checkpoints, ImmutableArray<long> Before)
{
    /// <summary>Finds the first such moment.</summary>
    /// <param name="plan">With the checkpoint of each shard, each of a moment of its own.</param>
    /// <param name="recording">The events of each shard behind its checkpoint.</param>
    /// <param name="module">The module that is to be swapped.</param>
    /// <returns>Null with reasons when there is none.</returns>
    public static TrialMoment? Find(
        TrialPlan plan,
        Func<int, IEnumerable<RecordedEvent>> recording,
        string module,
        ICollection<string> reasons,
        CancellationToken stop)
    {
        var search = new Search(plan, module, stop);
        using var events = new TrialRecording(plan.Checkpoints.Length, recording);
        if (search.Begin() is { } why || (why = search.Run(events)) is not null)
        {
            reasons.Add(why);
            return null;
        }

        return search.Moment;
    }

    private sealed class Search(TrialPlan plan, string module, CancellationToken stop)
    {
        private readonly List<Kernel.Kernel> _kernels = [];
        private readonly List<TrialOutside> _outsides = [];
        private readonly List<EventAdmission> _admissions = [];
        private readonly long[] _before = new long[plan.Checkpoints.Length];

        public TrialMoment? Moment { get; private set; }

        public string? Begin()
        {
            for (int shard = 0; shard < plan.Checkpoints.Length; shard++)
            {
                var outside = new TrialOutside(
                    new ProcessBook(plan.Recorded), new TrialOutputs((_, _, _) => { })); // Nothing is compared here.
                var place = new ShardPlace(plan.Shards!, shard); // Only shards have a moment of their own each.
                if (Kernel.Kernel.From(
                    plan.Recorded, outside, plan.Checkpoints[shard].Span, plan.Load, out string why, place, plan.Policy)
                    is not { } kernel)
                {
                    return why;
                }

                foreach (var process in kernel.Status())
                {
                    outside.Started(process.Process, process.Module, process.Agent);
                }

                var admission = new EventAdmission(kernel.System);
                admission.GoOn(kernel.Now.Monotonic);
                _kernels.Add(kernel);
                _outsides.Add(outside);
                _admissions.Add(admission);
            }

            return null;
        }

        // Null when it has found one.
        public string? Run(TrialRecording events)
        {
            using var abort = stop.Register(() => _kernels.ForEach(one => one.Abort()));
            while (!stop.IsCancellationRequested && events.Earliest(IsSent) is { } shard)
            {
                if (_kernels.Max(one => one.Now.Monotonic) <= events.EarliestAt && IsOne())
                {
                    return Take();
                }

                var next = events.Take(shard);
                if (next.Event is KernelEvent.FromShard mail && !IsSent(mail, shard))
                {
                    break; // What is left is beyond what was kept of the other shard.
                }

                if (Repeat(next, shard) is { } why)
                {
                    return why;
                }
            }

            return stop.IsCancellationRequested
                ? "it was interrupted"
                : "at no moment of its newest events did all shards rest";
        }

        private string? Take()
        {
            var checkpoints = ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>();
            foreach (var kernel in _kernels)
            {
                var octets = new ByteWriter();
                if (kernel.TryCheckpoint(octets) is { } why)
                {
                    return why;
                }

                checkpoints.Add(octets.ToArray());
            }

            Moment = new TrialMoment(checkpoints.ToImmutable(), [.. _before]);
            return null;
        }

        private string? Repeat(RecordedEvent next, int shard)
        {
            var kernel = _kernels[shard];
            string? why = kernel.Trace != next.Trace ? "it does something else than it did"
                : _admissions[shard].WhyNot(next.Event);
            if (why is not null)
            {
                return string.Create(
                    CultureInfo.InvariantCulture, $"event {_before[shard] + 1} of shard {shard}: {why}");
            }

            kernel.Step(next.Event);
            _admissions[shard].System = kernel.System;
            _outsides[shard].Mail.Clear();
            _outsides[shard].Asks.Clear();
            _before[shard]++;
            return null;
        }

        private bool IsSent(KernelEvent.FromShard mail, int to) =>
            (uint)mail.Shard < (uint)_kernels.Count && mail.Sequence <= _kernels[mail.Shard].ShardView!.Sent[to];

        private bool IsOne()
        {
            if (plan.TakesAnyMoment)
            {
                return true;
            }

            ShardView[] views = [.. _kernels.Select(one => one.ShardView!)]; // Each is one of several.
            for (int from = 0; from < views.Length; from++)
            {
                bool isLevel = !views[from].Stands && views[from].Common == views[0].Common
                    && views.Index().All(to => views[from].Sent[to.Index] == to.Item.Received[from]);
                if (!isLevel)
                {
                    return false;
                }
            }

            return _kernels.SelectMany(one => one.Status()).All(IsAtRest);
        }

        // Who waits for an answer or for room does so before and behind it.
        private bool IsAtRest(ProcessStatus process) => process.Activity == ProcessActivity.Idle
            || (process.Activity is ProcessActivity.Asking or ProcessActivity.Blocked && process.Module != module);
    }
}
