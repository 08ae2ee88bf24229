using Tars.Kernel.Journal;

namespace Tars.Host.Journal;

/// <summary>Reads the records of a journal from a stream of hostile octets, one after the other.</summary>
internal sealed class JournalReader : IDisposable
{
    private const int WindowBytes = 1 << 20;

    private readonly Stream _stream;
    private readonly JournalFrames _frames = new();
    private byte[] _window = new byte[WindowBytes];
    private int _start;
    private int _end;
    private bool _atEnd;

    /// <param name="stream">It is the reader's from now on.</param>
    public JournalReader(Stream stream) => _stream = stream;

    /// <summary>Set once a record cannot be used: which one and why. Nothing from there on is read.</summary>
    public string? Damage { get; private set; }

    /// <summary>True when the last record was not written whole; it was left out.</summary>
    public bool IsTorn { get; private set; }

    /// <summary>True when not one octet stands behind the record that was read last.</summary>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public bool IsAtEnd => !Fill(_frameSize + 1);

    /// <summary>The header, or null with <see cref="Damage"/> set.</summary>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public JournalHeader? Begin()
    {
        if (!Fill(JournalFrames.Begin.Length) || !Window.StartsWith(JournalFrames.Begin))
        {
            Damage = "it is no journal";
            return null;
        }

        _start += JournalFrames.Begin.Length;
        if (NextFrame() is not { } record)
        {
            Damage ??= "it ends before it begins";
            return null;
        }

        if (JournalCodec.Read(Window[record]) is JournalRecord.Begin begin)
        {
            return begin.Header;
        }

        Damage = JournalCodec.VersionOf(Window[record]) is { } version && !JournalCodec.IsKnown(version)
            ? $"it is a journal of version {version}, and only {JournalCodec.Version} and "
                + $"{JournalCodec.VersionNumbered} are known here"
            : "its first record is none that a journal begins with";
        return null;
    }

    /// <summary>The next record; null at the end, whatever the reason.</summary>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public JournalRecord? Next()
    {
        if (NextFrame() is not { } place)
        {
            return null;
        }

        var record = JournalCodec.Read(Window[place]);
        if (record is null or JournalRecord.Begin)
        {
            Damage = $"record {_frames.Count} is none that belongs there";
            return null;
        }

        return record;
    }

    public void Dispose()
    {
        _frames.Dispose();
        _stream.Dispose();
    }

    private ReadOnlySpan<byte> Window => _window.AsSpan(_start.._end);

    private int _frameSize;

    // Where in the window the record of the next frame lies.
    private Range? NextFrame()
    {
        _start += _frameSize;
        _frameSize = 0;
        while (Damage is null && !IsTorn)
        {
            var frame = _frames.Read(Window, _atEnd);
            switch (frame.Kind)
            {
                case FrameKind.Whole:
                    _frameSize = frame.Size;
                    return frame.Record;
                case FrameKind.Cut:
                    Fill(frame.Size);
                    break;
                case FrameKind.End:
                    return null;
                case FrameKind.Torn:
                    IsTorn = true;
                    break;
                case FrameKind.Damaged:
                    Damage = $"record {_frames.Count + 1} is damaged";
                    break;
                default:
                    throw new System.Diagnostics.UnreachableException();
            }
        }

        return null;
    }

    // The window grows with what is there, not with what a frame says that it needs.
    private bool Fill(int needed)
    {
        while (!_atEnd && _end - _start < needed)
        {
            if (_end == _window.Length)
            {
                byte[] target = _end - _start <= _window.Length / 2 ? _window : new byte[2 * _window.Length];
                Window.CopyTo(target);
                _end -= _start;
                _start = 0;
                _window = target;
            }

            int read = _stream.Read(_window, _end, _window.Length - _end);
            _atEnd = read == 0;
            _end += read;
        }

        return needed <= _end - _start;
    }
}
