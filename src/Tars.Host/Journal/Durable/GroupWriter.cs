using Tars.Base;
using Tars.Kernel.Journal;

namespace Tars.Host.Journal.Durable;

/// <summary>Writes groups of records on a thread of its own and syncs each: all that came while the disk was busy is
/// one group.</summary>
/// <remarks>
/// Invariants:
///   I1  A group is written only when the one before is synced; so at most one group is torn by a power cut.
///   I2  Synced grows only after a sync came back without an error.
///   I3  After the first error nothing more is written or synced: what a disk made of a failed sync nobody knows.
///   I4  The thread has one group, one waits and one is being filled: memory is bounded.
/// </remarks>
internal sealed class GroupWriter : IDisposable
{
    private readonly object _gate = new();
    private readonly Thread? _thread;
    private readonly ByteWriter _output = new();
    private readonly EffectHold _hold;
    private IJournalFile _file;
    private JournalFrames _frames;
    private ByteWriter _filling = new();
    private ByteWriter? _spare = new();
    private ByteWriter? _waiting;
    private long _waitingEvents;
    private bool _isWriting;
    private bool _isClosed;
    private long _offset;
    private long _synced;
    private bool _syncs;
    private string? _error;
    private int _start;

    /// <param name="offset">Octets that the file has.</param>
    /// <param name="hold">Knows what has left, which each group says of those before it.</param>
    /// <param name="isDriven">Without a thread: a simulation says when the disk has time for a group.</param>
    public GroupWriter(IJournalFile file, JournalFrames frames, long offset, EffectHold hold, bool isDriven = false)
    {
        _file = file;
        _frames = frames;
        _offset = offset;
        _hold = hold;
        _syncs = hold.Holds;
        if (!isDriven)
        {
            _thread = new Thread(WriteAll) { IsBackground = true, Name = "journal" };
            _thread.Start();
        }
    }

    /// <summary>Why nothing more is written; null as long as all is well.</summary>
    public string? Error => Volatile.Read(ref _error);

    /// <summary>False where nothing waits for the disk.</summary>
    public bool Syncs
    {
        get => Volatile.Read(ref _syncs);
        set => Volatile.Write(ref _syncs, value);
    }

    /// <summary>Events whose records are on the disk.</summary>
    public long Synced
    {
        get => Volatile.Read(ref _synced);
        set => Volatile.Write(ref _synced, value);
    }

    /// <summary>Octets of the file, those that wait among them.</summary>
    public long Octets
    {
        get
        {
            lock (_gate)
            {
                return _offset + _filling.Length + (_waiting?.Length ?? 0);
            }
        }
    }

    /// <summary>True when a group that is handed over now would be next.</summary>
    public bool IsFree
    {
        get
        {
            lock (_gate)
            {
                return _waiting is null;
            }
        }
    }

    /// <summary>Where the next record is to be written, from the end on.</summary>
    public ByteWriter Begin()
    {
        _start = _filling.Length;
        _filling.U32(0);
        return _filling;
    }

    /// <summary>The record that was begun is whole.</summary>
    public void End() => _filling.PatchU32(_start, (uint)(_filling.Length - _start - 4));

    /// <summary>Hands over what was added so far, which are the records of so many events.</summary>
    public void Hand(long events)
    {
        WriteDriven();
        lock (_gate)
        {
            while (_waiting is not null && Error is null) // I4
            {
                Monitor.Wait(_gate);
            }

            if (_filling.Length == 0 || Error is not null)
            {
                return;
            }

            _waiting = _filling;
            _waitingEvents = events;
            _filling = _spare ?? new ByteWriter();
            _spare = null;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits until all that was handed over is on the disk, or there is an error.</summary>
    public void Wait()
    {
        WriteDriven();
        lock (_gate)
        {
            while ((_waiting is not null || _isWriting) && Error is null)
            {
                Monitor.Wait(_gate);
            }
        }
    }

    /// <summary>Where a simulation drives it: writes and syncs the group that waits.</summary>
    public void WriteDriven()
    {
        if (_thread is null && _waiting is not null && Take() is var (records, events))
        {
            WriteOne(records, events);
        }
    }

    /// <summary>Goes on in another file; all that was handed over has been waited for.</summary>
    public void Move(IJournalFile file, JournalFrames frames, long offset)
    {
        lock (_gate)
        {
            Invariant.Holds(_waiting is null && !_isWriting && _filling.Length == 0);
            _file.Dispose();
            _frames.Dispose();
            _file = file;
            _frames = frames;
            _offset = offset;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }

            _isClosed = true;
            Monitor.PulseAll(_gate);
        }

        _thread?.Join();
        _frames.Dispose();
        try
        {
            _file.Dispose();
        }
        catch (IOException)
        {
            // What was acknowledged has been synced before.
        }
    }

    private void WriteAll()
    {
        while (Take() is var (records, events))
        {
            WriteOne(records, events);
        }
    }

    private void WriteOne(ByteWriter records, long events)
    {
        Frame(records.Written, _output);
        Write(_output.Written, events);
        _output.Clear();
        records.Clear();
        lock (_gate)
        {
            _spare = records;
            _isWriting = false;
            Monitor.PulseAll(_gate);
        }
    }

    private (ByteWriter Records, long Events)? Take()
    {
        lock (_gate)
        {
            while (_waiting is null && !_isClosed)
            {
                Monitor.Wait(_gate);
            }

            if (_waiting is not { } records)
            {
                return null;
            }

            _waiting = null;
            _isWriting = true;
            Monitor.PulseAll(_gate);
            return (records, _waitingEvents);
        }
    }

    private void Frame(ReadOnlySpan<byte> records, ByteWriter output)
    {
        var mark = new ByteWriter();
        JournalCodec.Write(mark, new JournalRecord.Mark(_hold.Left, _offset));
        _frames.Append(output, mark.Written);
        var reader = new ByteReader(records);
        while (!reader.AtEnd)
        {
            _frames.Append(output, reader.Bytes(reader.U32()));
        }
    }

    private void Write(ReadOnlySpan<byte> group, long events)
    {
        if (Error is not null) // I3
        {
            return;
        }

        try
        {
            _file.Write(group);
            if (Syncs)
            {
                _file.Sync();
            }

            lock (_gate)
            {
                _offset += group.Length;
            }

            Synced = events; // I2
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            Volatile.Write(ref _error, broken.Message);
        }
    }
}
