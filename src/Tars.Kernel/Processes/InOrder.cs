using System.Collections;
using Tars.Base;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Processes;

/// <summary>Processes, or what belongs to one, in order of their ids, which is mostly the order in which they come.
/// </summary>
/// <remarks>
/// A tree would take an object for each, and look at twenty of them for each birth.
///
/// Invariants:
///   I1  Ids go up. Who was taken out leaves an empty place behind.
///   I2  At most half of the places are empty, and some more, so that taking out costs the same however many there are.
/// </remarks>
internal sealed class InOrder<T> : IEnumerable<T>
    where T : class
{
    private const int EmptyMin = 16;

    private Place[] _places = [];
    private int _used;
    private int _version;

    public int Count { get; private set; }

    public void Add(ProcessId id, T item)
    {
        int place = _used;
        if (0 < _used && id <= _places[_used - 1].Id)
        {
            // From another shard, or of a checkpoint: it was born before those that are here.
            place = PlaceOf(id);
            Invariant.Holds(_places[place].Id != id || _places[place].Item is null); // I1
        }

        if (place == _used || _places[place].Id != id)
        {
            Open(place);
        }

        _places[place] = new Place(id, item);
        Count++;
        _version++;
    }

    /// <summary>Takes it out if it is there.</summary>
    public void Remove(ProcessId id)
    {
        int place = PlaceOf(id);
        if (place == _used || _places[place].Id != id || _places[place].Item is null)
        {
            return;
        }

        _places[place].Item = null;
        Count--;
        _version++;
        if (Count + EmptyMin < _used - Count)
        {
            Close(); // I2
        }
    }

    public IEnumerator<T> GetEnumerator()
    {
        int version = _version;
        for (int place = 0; place < _used; place++)
        {
            if (_places[place].Item is { } item)
            {
                yield return item;
                Invariant.Holds(version == _version); // Who changes it meanwhile walks along a copy.
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    // Of the first id that is not less.
    private int PlaceOf(ProcessId id)
    {
        int low = 0;
        int high = _used;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = _places[middle].Id < id ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private void Open(int place)
    {
        if (_used == _places.Length)
        {
            Array.Resize(ref _places, Math.Max(4, 2 * _used));
        }

        _places.AsSpan(place, _used - place).CopyTo(_places.AsSpan(place + 1));
        _used++;
    }

    private void Close()
    {
        int kept = 0;
        for (int place = 0; place < _used; place++)
        {
            if (_places[place].Item is not null)
            {
                _places[kept++] = _places[place];
            }
        }

        _places.AsSpan(kept, _used - kept).Clear();
        _used = kept;
    }

    private record struct Place(ProcessId Id, T? Item);
}
