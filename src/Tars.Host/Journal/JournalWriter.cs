using System.Collections.Concurrent;
using Tars.Base;
using Tars.Kernel.Journal;

namespace Tars.Host.Journal;

/// <summary>Writes records to a stream on a thread of its own, so that the run only pays for their octets.</summary>
/// <remarks>
/// Invariants:
///   I1  Records reach the stream in the order in which they were added, each whole in its frame or not at all.
///   I2  After the first error nothing more is written: what stands in the stream is a journal with a torn end at most.
///   I3  When the thread falls behind, the run waits: memory is bounded.
/// </remarks>
internal sealed class JournalWriter : IDisposable
{
    private readonly Stream _stream;
    private readonly JournalFrames _frames = new();
    private readonly BlockingCollection<ByteWriter> _full = new(Limits.JournalBlocksMax); // I3
    private readonly ConcurrentBag<ByteWriter> _free = [];
    private readonly Thread _thread;
    private ByteWriter _current = new();
    private int _start;
    private bool _isClosed;
    private volatile string? _error;

    /// <param name="stream">Empty; it is the writer's from now on.</param>
    public JournalWriter(Stream stream)
    {
        _stream = stream;
        _thread = new Thread(WriteAll) { IsBackground = true, Name = "journal" };
        _thread.Start();
    }

    /// <summary>Why nothing more is written; null as long as all is well.</summary>
    public string? Error => _error;

    /// <summary>Where the next record is to be written, from the end on.</summary>
    public ByteWriter Begin()
    {
        _start = _current.Length;
        _current.U32(0);
        return _current;
    }

    /// <summary>The record that was begun is whole.</summary>
    public void End()
    {
        _current.PatchU32(_start, (uint)(_current.Length - _start - 4));
        if (Limits.JournalBlockBytes < _current.Length)
        {
            Flush();
        }
    }

    /// <summary>Lets what was added so far be written soon.</summary>
    public void Flush()
    {
        if (_current.Length == 0)
        {
            return;
        }

        _full.Add(_current);
        _current = _free.TryTake(out var free) ? free : new ByteWriter();
    }

    /// <summary>Writes all that was added, and ends.</summary>
    public void Dispose()
    {
        if (!_isClosed)
        {
            _isClosed = true;
            Flush();
            _full.CompleteAdding();
            _thread.Join();
            _full.Dispose();
            _frames.Dispose();
        }
    }

    private void WriteAll()
    {
        var output = new ByteWriter();
        output.Bytes(JournalFrames.Begin);
        foreach (var block in _full.GetConsumingEnumerable())
        {
            Frame(block.Written, output);
            block.Clear();
            _free.Add(block);
            Try(() => _stream.Write(output.Written));
            output.Clear();
        }

        Try(_stream.Flush);
        Try(_stream.Dispose);
    }

    private void Frame(ReadOnlySpan<byte> records, ByteWriter output)
    {
        var reader = new ByteReader(records);
        while (!reader.AtEnd)
        {
            _frames.Append(output, reader.Bytes(reader.U32()));
        }
    }

    private void Try(Action act)
    {
        try
        {
            if (_error is null) // I2
            {
                act();
            }
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            _error = broken.Message;
        }
    }
}
