using Tars.Base;
using Tars.Bundle.Container;
using Tars.Kernel.Journal;
using Tars.Kernel.Ports;

namespace Tars.Host.Journal.Durable;

/// <summary>Steps a kernel and keeps what it was stepped with, so that a run goes on after a crash.</summary>
/// <remarks>
/// Invariants:
///   I1  A group holds whole steps: what an event did besides, such as calls that the clock aborted, is in its group.
///   I2  What a durable agent sent leaves only when the group of its event is on the disk.
///   I3  A segment begins with all that is needed to go on from there; those before it are then needed no more.
///   I4  Nothing is acknowledged that a start could not read again.
/// </remarks>
internal sealed class DurableJournal : IRunJournal
{
    private readonly IJournalDisk _disk;
    private readonly EffectTrace _effects;
    private readonly EffectHold _hold;
    private readonly GroupWriter _writer;
    private readonly Dictionary<BundleHash, ReadOnlyMemory<byte>> _bundles;
    private readonly Dictionary<string, InputPlace> _places = new(StringComparer.Ordinal);
    private readonly JournalHeader _header;
    private readonly long _octetsKept;
    private readonly TimeSpan? _ageKept;
    private readonly long _segmentOctets;
    private readonly long _segmentOctetsMax;
    private readonly long _checkpointOctetsMax;
    private long _number;
    private long _events;
    private long _checkpointEvents;
    private long _octetsNext;
    private string? _headError;

    /// <param name="isDriven">For a simulation, which says itself when the disk has time: <see cref="Write"/>.</param>
    /// <exception cref="IOException">The first file cannot be made.</exception>
    public DurableJournal(
        JournalFolder folder, EffectTrace effects, EffectHold hold, RunOptions options, bool isDriven = false)
    {
        _disk = folder.Disk;
        _effects = effects;
        _hold = hold;
        _header = folder.Header with { Isolated = options.Isolated };
        _bundles = new Dictionary<BundleHash, ReadOnlyMemory<byte>>(folder.Bundles);
        _number = folder.Number;
        _events = folder.Events;
        _checkpointEvents = folder.Events;
        _octetsKept = options.JournalOctetsKept ?? Limits.JournalOctetsKept;
        _ageKept = options.JournalAgeKept;
        foreach (var place in folder.Places.Values)
        {
            _places[place.Name] = place;
        }

        var (file, frames, offset) = folder.Continue();
        _writer = new GroupWriter(file, frames, offset, hold, isDriven) { Synced = _events };
        _segmentOctets = options.JournalSegmentOctets ?? Limits.JournalSegmentOctets;
        _segmentOctetsMax = options.JournalSegmentOctetsMax ?? Limits.JournalSegmentOctetsMax;
        _checkpointOctetsMax = options.JournalCheckpointOctetsMax ?? Limits.JournalCheckpointOctetsMax;
        _octetsNext = folder.IsFresh ? _segmentOctets : 0; // What was done again is not done a third time.
    }

    /// <summary>A mistake that the simulator puts in: what was sent leaves before the disk has its event.</summary>
    public bool AcknowledgesBeforeSync { get; init; }

    /// <summary>Whether a checkpoint may be taken now; null when one may at any time.</summary>
    public Func<bool>? MayCheckpoint { get; init; }

    /// <summary>Events whose records are on the disk.</summary>
    public long Synced => _writer.Synced;

    /// <summary>Events that it has written.</summary>
    public long Events => _events;

    public string? Error => _writer.Error ?? _headError;

    // A segment that cannot be begun, or that nothing may be added to, takes nothing from what was written.
    public bool KeepsAll => _writer.Error is null;

    public bool IsLeft => true;

    public void Note(InputPlace input)
    {
        if (_places.TryGetValue(input.Name, out var known) && known == input)
        {
            return; // As a store is, from its first change on.
        }

        _places[input.Name] = input;
        Add(new JournalRecord.Place(input));
    }

    public void Note(ReadOnlyMemory<byte> bundle)
    {
        Add(new JournalRecord.Module(bundle));
        if (BundleReader.Read(bundle) is BundleReading.Read { Bundle.Hash: var hash })
        {
            _bundles[hash] = bundle;
        }
    }

    public StepResult Step(Kernel.Kernel kernel, KernelEvent happened)
    {
        JournalCodec.WriteEvent(_writer.Begin(), happened, Digests(kernel));
        _writer.End();
        _hold.Event = ++_events;
        return After(kernel, kernel.Step(happened));
    }

    public StepResult Turn(Kernel.Kernel kernel, Moment at)
    {
        JournalCodec.WriteTurn(_writer.Begin(), at, Digests(kernel));
        _writer.End();
        _hold.Event = ++_events;
        return After(kernel, kernel.Turn(at));
    }

    private StepResult After(Kernel.Kernel kernel, StepResult answer)
    {
        _writer.Syncs |= _hold.Holds; // A swap may have made an agent durable.
        if (!answer.Aborted.IsEmpty)
        {
            Add(new JournalRecord.Aborted(answer.Aborted)); // I1
        }

        if (_writer.IsFree)
        {
            Hand();
        }

        Release();
        if (_octetsNext < _writer.Octets)
        {
            TryCheckpoint(kernel);
        }

        return answer;
    }

    /// <summary>Where a simulation drives it: the disk has time for the group that waits.</summary>
    public void Write() => _writer.WriteDriven();

    public void Flush()
    {
        do
        {
            Hand();
            _writer.Wait();
            Release();
        }
        while (_hold.IsHolding && Error is null);
    }

    /// <summary>The run is left, not ended: the next start goes on from here.</summary>
    public void End(Kernel.Kernel kernel)
    {
        Flush();
        if (_checkpointEvents < _events)
        {
            TryCheckpoint(kernel);
        }
    }

    public void Dispose()
    {
        _writer.Dispose();
        _disk.Dispose();
    }

    private void Hand()
    {
        _hold.Seal();
        _writer.Hand(_events);
    }

    private void Release() => _hold.Release(AcknowledgesBeforeSync ? _events : _writer.Synced); // I2

    // Where none can be taken just now, the segment goes on, and the next event is asked again.
    private void TryCheckpoint(Kernel.Kernel kernel)
    {
        var octets = new ByteWriter();
        if (Error is not null)
        {
            return;
        }

        string? why = MayCheckpoint?.Invoke() == false ? "all shards are doing something together"
            : kernel.TryCheckpoint(octets)
            ?? (_checkpointOctetsMax < octets.Length ? $"it has {octets.Length} octets" : null);
        if (why is not null)
        {
            _octetsNext = _writer.Octets + (_segmentOctets / 4);
            _headError = _writer.Octets <= _segmentOctetsMax ? null
                : $"the segment is as long as can be read again, and no checkpoint can begin another: {why}"; // I4
            return;
        }

        Flush();
        if (Error is not null)
        {
            return;
        }

        try
        {
            Begin(kernel, octets);
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            _headError = broken.Message;
        }
    }

    private JournalDigests Digests(Kernel.Kernel kernel) => new(kernel.Trace, _effects.Digest);

    private void Begin(Kernel.Kernel kernel, ByteWriter octets)
    {
        var frames = new JournalFrames();
        var modules = kernel.System.Modules;
        var point = new JournalPoint(
            _events,
            kernel.Transactions,
            Digests(kernel),
            kernel.StateDigest().Value);
        var header = _header with
        {
            Modules = [.. modules.Select(one => one.Hash)],
            Imported = [.. modules.Select(one => one.IsImported)],
            Narrowings = [.. modules.SelectMany(one => one.Narrowings)],
            Numbered = kernel.System.Numbered,
        };
        var head = JournalFolder.HeadOf(
            frames,
            header,
            header.Bundles.Concat(kernel.OnProbation).Select(hash => _bundles[hash]),
            new JournalRecord.Checkpoint(
                point,
                [.. _places.Values.OrderBy(one => one.Name, StringComparer.Ordinal)],
                octets.WrittenMemory) { Mail = _hold.Mail?.All() ?? [] });
        var file = _disk.Create(Segment.NameOf(_number + 1));
        file.Write(head.Written);
        file.Sync();
        _disk.SyncNames();
        _number++;
        _writer.Move(file, frames, head.Length); // I3
        _checkpointEvents = _events;
        _octetsNext = head.Length + Math.Max(_segmentOctets, 4L * octets.Length);
        JournalFolder.Tidy(_disk, _number, _octetsKept, _ageKept);
    }

    private void Add(JournalRecord record)
    {
        JournalCodec.Write(_writer.Begin(), record);
        _writer.End();
    }
}
