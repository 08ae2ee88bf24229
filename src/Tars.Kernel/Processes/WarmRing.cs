using Tars.Base;

namespace Tars.Kernel.Processes;

/// <summary>Warm processes in the order in which they came; a place may be emptied before it comes first.</summary>
/// <remarks>
/// A process knows its place by a number that counts up, so that nothing is allocated for it and an empty place holds
/// no process.
/// </remarks>
internal sealed class WarmRing
{
    private Process?[] _places = [];
    private long _first = 1;
    private long _next = 1;

    /// <summary>Places, empty ones among them.</summary>
    public int Count => (int)(_next - _first);

    /// <returns>The number of its place, above zero.</returns>
    public long Add(Process? process)
    {
        if (Count == _places.Length)
        {
            Grow();
        }

        _places[PlaceOf(_next)] = process;
        return _next++;
    }

    /// <summary>Whoever has that place leaves it.</summary>
    public void Empty(long number)
    {
        Invariant.Holds(_first <= number && number < _next);
        _places[PlaceOf(number)] = null;
    }

    /// <summary>Takes the first place away; null when it is empty.</summary>
    public Process? Take()
    {
        Invariant.Holds(0 < Count);
        ref var place = ref _places[PlaceOf(_first++)];
        var process = place;
        place = null;
        return process;
    }

    /// <summary>The one that is so many behind the first.</summary>
    public Process? At(int index) => _places[PlaceOf(_first + index)];

    private int PlaceOf(long number) => (int)(number & (_places.Length - 1)); // The length is a power of two.

    private void Grow()
    {
        var larger = new Process?[Math.Max(16, 2 * _places.Length)];
        for (long number = _first; number < _next; number++)
        {
            larger[(int)(number & (larger.Length - 1))] = _places[PlaceOf(number)];
        }

        _places = larger;
    }
}
