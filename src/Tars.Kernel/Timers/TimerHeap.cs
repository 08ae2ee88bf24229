using Tars.Base;

namespace Tars.Kernel.Timers;

/// <summary>
/// All timers that are set, the next due one on top. Data plane: setting and cancelling allocate nothing.
/// </summary>
/// <remarks>
/// Invariants:
///   I1  No entry is due before its parent; among equals the older setting comes first.
///   I2  Every entry knows its place; an entry outside the heap has place -1.
/// </remarks>
internal sealed class TimerHeap
{
    private TimerEntry[] _heap = new TimerEntry[16];
    private long _serial;

    public int Count { get; private set; }

    /// <summary>The next due timer, or null.</summary>
    public TimerEntry? First => Count == 0 ? null : _heap[0];

    public void Set(TimerEntry entry, long due, long period)
    {
        Remove(entry);
        entry.Due = due;
        entry.Period = period;
        entry.Serial = ++_serial;
        if (Count == _heap.Length)
        {
            Array.Resize(ref _heap, 2 * Count);
        }

        Put(entry, Count++);
        Up(entry.HeapPlace);
    }

    /// <summary>The serial that was given last.</summary>
    public long LastSerial
    {
        get => _serial;
        set => _serial = value;
    }

    /// <summary>Puts an entry in that has its due time and its serial from a checkpoint.</summary>
    public void PutBack(TimerEntry entry)
    {
        if (Count == _heap.Length)
        {
            Array.Resize(ref _heap, 2 * Count);
        }

        Put(entry, Count++);
        Up(entry.HeapPlace);
    }

    /// <summary>Takes a timer out; nothing happens when it is not set.</summary>
    public void Remove(TimerEntry entry)
    {
        int place = entry.HeapPlace;
        if (place < 0)
        {
            return;
        }

        Invariant.Holds(_heap[place] == entry); // I2
        entry.HeapPlace = -1;
        var last = _heap[--Count];
        _heap[Count] = null!; // Nothing looks behind Count.
        if (last != entry)
        {
            Put(last, place);
            Up(place);
            Down(last.HeapPlace);
        }
    }

    private void Up(int place)
    {
        var entry = _heap[place];
        while (0 < place && IsBefore(entry, _heap[(place - 1) / 2]))
        {
            Put(_heap[(place - 1) / 2], place);
            place = (place - 1) / 2;
        }

        Put(entry, place);
    }

    private void Down(int place)
    {
        var entry = _heap[place];
        while (true)
        {
            int child = (2 * place) + 1;
            if (Count <= child)
            {
                break;
            }

            if (child + 1 < Count && IsBefore(_heap[child + 1], _heap[child]))
            {
                child++;
            }

            if (!IsBefore(_heap[child], entry))
            {
                break;
            }

            Put(_heap[child], place);
            place = child;
        }

        Put(entry, place);
    }

    private void Put(TimerEntry entry, int place)
    {
        _heap[place] = entry;
        entry.HeapPlace = place;
    }

    private static bool IsBefore(TimerEntry left, TimerEntry right) => // I1
        left.Due < right.Due || (left.Due == right.Due && left.Serial < right.Serial);
}
