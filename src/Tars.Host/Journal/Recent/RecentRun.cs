using System.Collections.Immutable;
using System.Diagnostics;
using Tars.Base;
using Tars.Bundle.Container;
using Tars.Kernel.Journal;
using Tars.Kernel.Ports;

namespace Tars.Host.Journal.Recent;

/// <summary>Keeps the newest events of a run in memory, behind a state from which they can be repeated.</summary>
/// <remarks>
/// Events lie in stretches, each behind a checkpoint; the one before the newest is kept, so that there are events
/// enough whenever somebody asks. A stretch ends when it has enough events or octets. Checkpoints take a small part of
/// the run's time at most, and where none can be taken nothing is kept.
///
/// Invariants:
///   I1  What is kept begins with a checkpoint and holds every event since, and no swap: its bundle would
///       have to be carried along, whether it was done, refused or is still to come.
///   I2  At most two stretches; each has at most so many octets as the limits say.
/// </remarks>
internal sealed class RecentRun : IRunJournal
{
    private readonly IRunJournal? _inner;
    private readonly JournalHeader _header;
    private readonly Dictionary<BundleHash, ReadOnlyMemory<byte>> _bundles = [];
    private readonly Stack<Stretch> _free = new();
    private Stretch? _before;
    private Stretch? _newest;
    private SystemImage? _system;
    private string _whyNot = "nothing has happened yet";
    private long _restUntil;

    /// <param name="inner">What else writes the run down; null for nothing.</param>
    /// <param name="header">Of a journal of the run.</param>
    /// <param name="bundles">All that run, with what they import in them.</param>
    public RecentRun(IRunJournal? inner, JournalHeader header, IEnumerable<ReadOnlyMemory<byte>> bundles)
    {
        _inner = inner;
        _header = header;
        foreach (var bundle in bundles)
        {
            Know(bundle);
        }
    }

    public string? Error => _inner?.Error;

    public bool KeepsAll => _inner is { KeepsAll: true };

    public bool IsLeft => _inner is { IsLeft: true };

    public void Note(InputPlace input) => _inner?.Note(input);

    public void Note(ReadOnlyMemory<byte> bundle)
    {
        Know(bundle);
        _inner?.Note(bundle);
    }

    public StepResult Step(Kernel.Kernel kernel, KernelEvent happened)
    {
        if (happened is KernelEvent.Swap or KernelEvent.SwapElsewhere)
        {
            Drop("a swap was asked for just now"); // I1
            _restUntil = 0; // Whoever swaps is soon to try the next version, and swaps are few.
        }

        if (_newest is { } stretch)
        {
            int start = stretch.Begin();
            JournalCodec.WriteEvent(stretch.Records, happened, new JournalDigests(kernel.Trace, Effects: 0));
            stretch.End(start);
            stretch.Events++;
        }

        return After(kernel, _inner?.Step(kernel, happened) ?? kernel.Step(happened));
    }

    public StepResult Turn(Kernel.Kernel kernel, Moment at)
    {
        if (_newest is { } stretch)
        {
            int start = stretch.Begin();
            JournalCodec.WriteTurn(stretch.Records, at, new JournalDigests(kernel.Trace, Effects: 0));
            stretch.End(start);
            stretch.Events++;
        }

        return After(kernel, _inner?.Turn(kernel, at) ?? kernel.Turn(at));
    }

    private StepResult After(Kernel.Kernel kernel, StepResult answer)
    {
        if (_newest is { } same && !answer.Aborted.IsEmpty)
        {
            int start = same.Begin();
            JournalCodec.Write(same.Records, new JournalRecord.Aborted(answer.Aborted));
            same.End(start);
        }

        if (_system != kernel.System)
        {
            Drop("a version was swapped in just now"); // I1
            _restUntil = 0;
            _system = kernel.System;
        }

        if (_newest is null || Limits.RecentEvents <= _newest.Events || Limits.RecentOctets <= _newest.Records.Length)
        {
            Renew(kernel);
        }

        return answer;
    }

    public void Flush() => _inner?.Flush();

    public void End(Kernel.Kernel kernel) => _inner?.End(kernel);

    public void Dispose() => _inner?.Dispose();

    /// <summary>A copy of what is kept, as a journal that any thread may read; null with the reason.</summary>
    /// <param name="now">The monotonic clock.</param>
    public RecentJournal? Copy(long now, out string whyNot)
    {
        whyNot = _whyNot;
        if ((_before ?? _newest) is not { } first)
        {
            return null;
        }

        var later = _before is null ? [] : _newest!.Records.Written; // There is one behind the one before.
        byte[] records = [.. first.Records.Written, .. later];
        var header = _header with
        {
            Modules = first.Modules,
            Imported = first.Imported,
            Narrowings = first.Narrowings,
            Numbered = first.Numbered,
        };
        return new RecentJournal(
            header,
            [.. header.Bundles.Concat(first.OnProbation).Select(hash => _bundles[hash])],
            first.Point,
            first.Checkpoint.ToArray(),
            records,
            now);
    }

    // A new stretch begins, if a checkpoint can be taken without taking much of the run's time.
    private void Renew(Kernel.Kernel kernel)
    {
        long began = Stopwatch.GetTimestamp();
        if (began < _restUntil)
        {
            if (_newest is { } full && Limits.RecentOctetsMax <= full.Records.Length)
            {
                Drop("more came in than is kept in memory");
            }

            return;
        }

        var stretch = _free.TryPop(out var free) ? free : new Stretch();
        string? why = WhyTooLarge(kernel) ?? stretch.TryBegin(kernel)
            ?? (Limits.RecentCheckpointOctetsMax < stretch.Checkpoint.Length ? "its state is too large" : null);
        why ??= stretch.Modules.Concat(stretch.OnProbation).All(_bundles.ContainsKey) ? null
            : "a module runs whose bundle is not known";
        _restUntil = Stopwatch.GetTimestamp()
            + Math.Max(
                Limits.RecentRestFactor * (Stopwatch.GetTimestamp() - began),
                why is null ? 0 : Limits.RecentTryMilliseconds * Stopwatch.Frequency / 1_000);
        if (why is not null)
        {
            _free.Push(stretch);
            _whyNot = why;
            return;
        }

        if (_before is { } oldest)
        {
            _free.Push(oldest); // I2
        }

        _before = _newest;
        _newest = stretch;
    }

    // Before anything is copied.
    private static string? WhyTooLarge(Kernel.Kernel kernel)
    {
        long octets = 0;
        int processes = 0;
        foreach (var process in kernel.Status())
        {
            octets += process.Memory;
            if (Limits.RecentMemoryMax < octets || Limits.RecentProcessesMax < ++processes)
            {
                return "it has too many processes, or too much memory, to keep a state to start from";
            }
        }

        return null;
    }

    private void Drop(string why)
    {
        _whyNot = why;
        foreach (var stretch in new[] { _before, _newest })
        {
            if (stretch is not null)
            {
                _free.Push(stretch);
            }
        }

        _before = null;
        _newest = null;
    }

    private void Know(ReadOnlyMemory<byte> bundle)
    {
        if (BundleReader.Read(bundle) is not BundleReading.Read { Bundle: { Hash: var hash, Imports: var imports } })
        {
            return;
        }

        _bundles[hash] = bundle;
        foreach (var inner in imports)
        {
            if (BundleReader.Read(inner) is BundleReading.Read { Bundle.Hash: var import })
            {
                _bundles.TryAdd(import, inner);
            }
        }
    }

    /// <summary>Events behind the state in which the first of them came.</summary>
    private sealed class Stretch
    {
        public ByteWriter Checkpoint { get; } = new();

        public ByteWriter Records { get; } = new();

        public ImmutableArray<BundleHash> Modules { get; private set; } = [];

        public ImmutableArray<bool> Imported { get; private set; } = [];

        public ImmutableArray<Narrowing> Narrowings { get; private set; } = [];

        public ImmutableArray<NumberedDevice> Numbered { get; private set; } = [];

        public ImmutableArray<BundleHash> OnProbation { get; private set; } = [];

        public JournalPoint Point { get; private set; }

        public int Events { get; set; }

        /// <returns>Null, or why there can be no checkpoint just now.</returns>
        public string? TryBegin(Kernel.Kernel kernel)
        {
            Checkpoint.Clear();
            Records.Clear();
            Events = 0;
            Modules = [.. kernel.System.Modules.Select(one => one.Hash)];
            Imported = [.. kernel.System.Modules.Select(one => one.IsImported)];
            Narrowings = [.. kernel.System.Modules.SelectMany(one => one.Narrowings)];
            Numbered = kernel.System.Numbered;
            OnProbation = [.. kernel.OnProbation];
            var digests = new JournalDigests(kernel.Trace, Effects: 0);
            Point = new JournalPoint(0, kernel.Transactions, digests, State: 0);
            return kernel.TryCheckpoint(Checkpoint);
        }

        public int Begin()
        {
            int start = Records.Length;
            Records.U32(0);
            return start;
        }

        public void End(int start) => Records.PatchU32(start, (uint)(Records.Length - start - 4));
    }
}
