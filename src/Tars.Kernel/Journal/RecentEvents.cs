using System.Collections.Immutable;
using Tars.Base;
using Tars.Kernel.Linking;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Journal;

/// <summary>The newest events of one process, kept in memory for whoever asks what came before. Data plane.</summary>
/// <remarks>
/// Who has handled nothing has none, and whoever has waited for so long that its rings were taken has none any more;
/// so memory is bounded by how many processes are warm. Nothing is allocated once it has its size.
///
/// Invariants:
///   I1  At most <see cref="Limits.RecentEventsMax"/> events, and of their payloads the newest
///       <see cref="Limits.RecentOctetsMax"/> octets; of an event whose octets gave way its size is still known.
///   I2  A payload lies in one piece: it is at its count of octets, modulo the size of the buffer.
///   I3  All of it are events of the version of the module that runs: a swap begins anew.
/// </remarks>
internal sealed class RecentEvents
{
    private const int CountAtFirst = 4;

    private Entry[] _entries = new Entry[CountAtFirst];
    private byte[] _octets = [];
    private int _first;
    private int _count;
    private long _written;

    /// <summary>Adds an event, in the place of the oldest when there are many.</summary>
    /// <returns>Where its payload is to be copied; empty when it is too large to be kept.</returns>
    public Span<byte> Add(int handler, ProcessId sender, long instant, int size)
    {
        bool isKept = size <= Limits.RecentEventOctetsMax;
        long at = isKept ? Reserve(size) : -1;
        Put(new Entry(instant, sender, at, size, handler));
        return isKept ? Octets(at, size) : [];
    }

    /// <summary>Adds an event of which only is known that it was.</summary>
    public void AddBare(int handler, long instant) =>
        Put(new Entry(instant, ProcessId.Outside, At: -1, Size: 0, handler));

    /// <summary>The events in order, without so many of the newest.</summary>
    public ImmutableArray<RecentEvent> List(AgentImage agent, int without)
    {
        var events = ImmutableArray.CreateBuilder<RecentEvent>(Math.Max(0, _count - without));
        for (int index = 0; index < _count - without; index++)
        {
            ref readonly var entry = ref At(index);
            var image = agent.Handlers[entry.Handler];
            events.Add(new RecentEvent(HandlerText.Of(image.Spec), entry.Sender, entry.Instant, entry.Size)
            {
                HandlerIndex = entry.Handler,
                Type = image.Payload,
                Event = IsThere(entry) ? [.. Octets(entry.At, entry.Size)] : null,
            });
        }

        return events.MoveToImmutable();
    }

    public void Save(ByteWriter output)
    {
        output.I64(_written);
        output.U8((byte)_count);
        for (int index = 0; index < _count; index++)
        {
            ref readonly var entry = ref At(index);
            output.I64(entry.Instant);
            output.I64(entry.Sender.Value);
            output.U32((uint)entry.Size);
            output.U32((uint)entry.Handler);
            output.I64(IsThere(entry) ? entry.At : -1);
            if (IsThere(entry))
            {
                output.Bytes(Octets(entry.At, entry.Size));
            }
        }
    }

    /// <summary>Null when the octets keep to no invariant.</summary>
    public static RecentEvents? Load(ref ByteReader input, AgentImage agent)
    {
        var loaded = new RecentEvents { _written = input.I64() };
        int count = input.U8();
        if (loaded._written is < 0 or > long.MaxValue / 4 || Limits.RecentEventsMax < count)
        {
            return null;
        }

        for (int index = 0; index < count && !input.Failed; index++)
        {
            var (instant, sender) = (input.I64(), new ProcessId(input.I64()));
            var (size, handler, at) = (input.U32(), input.U32(), input.I64());
            bool fits = size <= Limits.PayloadBytesMax && handler < agent.Handlers.Length
                && (at == -1 || loaded.MayLie(at, size));
            if (!fits)
            {
                return null;
            }

            loaded.Put(new Entry(instant, sender, at, (int)size, (int)handler));
            if (at != -1)
            {
                loaded.MakeRoom();
                input.Bytes(size).CopyTo(input.Failed ? [] : loaded.Octets(at, (int)size));
            }
        }

        return input.Failed ? null : loaded;
    }

    private void Put(in Entry added)
    {
        if (_count == _entries.Length)
        {
            Grow();
        }

        int place = (_first + _count) % _entries.Length;
        if (_count == Limits.RecentEventsMax)
        {
            _first = (_first + 1) % _entries.Length; // I1
        }
        else
        {
            _count++;
        }

        _entries[place] = added;
    }

    // Octets of a checkpoint may say anything. I2
    private bool MayLie(long at, long size) =>
        0 <= at && size <= Limits.RecentEventOctetsMax && at <= _written - size
        && _written - at <= Limits.RecentOctetsMax
        && (at % Limits.RecentOctetsMax) + size <= Limits.RecentOctetsMax;

    private ref Entry At(int index) => ref _entries[(_first + index) % _entries.Length];

    private bool IsThere(in Entry entry) => 0 <= entry.At && _written - entry.At <= Limits.RecentOctetsMax;

    private Span<byte> Octets(long at, int size) =>
        size == 0 ? [] : _octets.AsSpan((int)(at % Limits.RecentOctetsMax), size);

    private long Reserve(int size)
    {
        if (0 < size)
        {
            MakeRoom();
        }

        long left = Limits.RecentOctetsMax - (_written % Limits.RecentOctetsMax);
        long at = left < size ? _written + left : _written; // I2
        _written = at + size;
        return at;
    }

    private void MakeRoom()
    {
        if (_octets.Length == 0)
        {
            _octets = new byte[Limits.RecentOctetsMax];
        }
    }

    // The ring has not turned as long as it can grow.
    private void Grow()
    {
        if (_entries.Length < Limits.RecentEventsMax)
        {
            Array.Resize(ref _entries, Math.Min(2 * _entries.Length, Limits.RecentEventsMax));
        }
    }

    /// <param name="At">Octets that were written before its payload; -1 when it was too large.</param>
    private readonly record struct Entry(long Instant, ProcessId Sender, long At, int Size, int Handler);
}
