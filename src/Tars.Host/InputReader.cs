using System.Collections.Concurrent;
using System.Text;
using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Devices.Lines;
using Tars.Kernel.Journal;
using Tars.Kernel.Ports;
using LinesHost = Tars.Devices.Lines.Host;

namespace Tars.Host;

/// <summary>One input of a run: a thread that reads ahead by a few batches, so that reading and handling
/// overlap.</summary>
/// <remarks>
/// Batches go round: free, filled, with the kernel, free. While the kernel holds them all the stream is not read,
/// which is how
/// a receiver that is full holds its input back.
/// </remarks>
internal sealed class InputReader : IBatchOwner, IDisposable
{
    private const int BatchCount = 3;

    private readonly LinesHost _lines;
    private readonly Stream _stream;
    private readonly SchemaType? _json;
    private readonly BlockingCollection<LineBatch> _free = [];
    private readonly ArrivalQueue _filled;
    private readonly ByteWriter _encoded = new();
    private readonly Thread _thread;
    private long _linesBefore;
    private long _unfit;

    /// <param name="device">The device that the lines are for; null for a channel.</param>
    /// <param name="begin">How many octets of the stream were taken before.</param>
    /// <param name="json">The type of a channel whose lines are JSON; null when lines are taken as they are.</param>
    public InputReader(
        string name,
        Stream stream,
        DeviceId? device,
        SchemaType? json,
        ArrivalQueue filled,
        long begin = 0)
    {
        Name = name;
        Device = device;
        _stream = stream;
        _lines = new LinesHost(stream, begin);
        _json = json;
        _filled = filled;
        var form = device is not null ? LineForm.OptionalText : json is null ? LineForm.Text : LineForm.Encoded;
        for (int at = 0; at < BatchCount; at++)
        {
            _free.Add(new LineBatch(Protocol.BatchBytes, form));
        }

        _thread = new Thread(Read) { IsBackground = true, Name = $"input {name}" };
    }

    public string Name { get; }

    /// <summary>What a journal that is kept calls it.</summary>
    public required string Place { get; init; }

    /// <summary>Whether there is such a journal, which knows the file again.</summary>
    public bool IsKept { get; init; }

    public DeviceId? Device { get; }

    /// <summary>Set when the stream broke; the input then ends early.</summary>
    public string? Error { get; private set; }

    /// <summary>Lines of a channel that are not JSON of its type.</summary>
    public long Malformed { get; private set; }

    /// <summary>What was wrong with the first malformed line.</summary>
    public string? FirstError { get; private set; }

    public InputReport Report => new(
        Name, _lines.Metrics.Octets, _lines.Metrics.Lines, _lines.Metrics.Repaired, _lines.Metrics.TooLong, Malformed);

    /// <summary>Lines of a channel that were read for another version than runs, and not given to it.</summary>
    public long Unfit => Interlocked.Read(ref _unfit);

    public void Start() => _thread.Start();

    /// <summary>Takes back what was read for another version than runs: a swap has given the channel another type, or
    /// taken it away.</summary>
    /// <remarks>A journal knows nothing of it, so a next start reads it again.</remarks>
    /// <returns>False when the batch is what the channel takes.</returns>
    public bool TakesBack(LineBatch batch, SystemImage system)
    {
        if (Device is not null
            || (system.TypeOf(Name) is { } now && (_json is null ? now is SchemaType.Text : now.Equals(_json))))
        {
            return false;
        }

        Interlocked.Add(ref _unfit, batch.Count);
        Return(batch);
        return true;
    }

    /// <summary>The kernel gives a batch back.</summary>
    public void Return(LineBatch batch)
    {
        batch.Clear();
        if (!_free.IsAddingCompleted)
        {
            _free.Add(batch);
        }
    }

    public void Dispose()
    {
        _free.CompleteAdding();
        _lines.Dispose();
    }

    private void Read()
    {
        try
        {
            while (!_lines.IsAtEnd)
            {
                var batch = _free.Take();
                _lines.Fill(batch);
                if (_json is not null)
                {
                    Encode(batch, _json);
                }

                _filled.Add(Arrival.Lines(this, batch, PlaceAt(_lines.Position, batch.IsLast)));
            }
        }
        catch (InvalidOperationException)
        {
            // The run has ended and takes no more.
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            Error = broken.Message;
            var nothing = new LineBatch(capacity: 16, LineForm.OptionalText) { IsLast = true };
            _filled.Add(Arrival.Lines(this, nothing, new InputPlace(Place, _lines.Position, IsOver: true)));
        }
    }

    private InputPlace PlaceAt(long octets, bool isOver) =>
        new(Place, octets, isOver) { Sum = IsKept ? InputSum.Of(_stream, octets) : null };

    /// <summary>Puts the values of JSON lines in their place; what is no value is counted and left out.</summary>
    private void Encode(LineBatch lines, SchemaType type)
    {
        _encoded.Clear();
        var places = new List<(int Start, int Size)>(lines.Count);
        for (int at = 0; at < lines.Count; at++)
        {
            int start = _encoded.Length;
            if (lines.Line(at).Trim((byte)' ').IsEmpty)
            {
                continue;
            }

            if (ValueJsonReader.Read(type, lines.Line(at).ToArray(), _encoded) is { } why)
            {
                Malformed++;
                var shown = lines.Line(at)[..Math.Min(80, lines.Line(at).Length)];
                FirstError ??= $"line {_linesBefore + at + 1}: {why}: {Printable.Of(Encoding.UTF8.GetString(shown))}";
                _encoded.Truncate(start);
                continue;
            }

            places.Add((start, _encoded.Length - start));
        }

        _linesBefore += lines.Count;
        bool isLast = lines.IsLast;
        lines.Clear();
        lines.IsLast = isLast;
        if (lines.Buffer.Length < _encoded.Length)
        {
            lines.Grow(_encoded.Length);
        }

        _encoded.Written.CopyTo(lines.Buffer);
        foreach (var (start, size) in places)
        {
            lines.Add(start, size);
        }
    }
}
