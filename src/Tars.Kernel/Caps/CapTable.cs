using Tars.Base;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Caps;

/// <summary>The capabilities that one process holds.</summary>
/// <remarks>
/// Use:
///   Grant hands out a slot, Revoke empties it, Find looks in it.
///   A slot number from a guest is data, not a promise: Find answers null and never throws.
///
/// Invariants:
///   I1  A slot is a place and a generation. Revoking raises the place's generation, so a stale slot can only miss;
///       it can never reach the capability that was granted there later.
///   I2  A place is free exactly when its capability is null; every free place below _used is on the free list once.
///   I3  The same process is always the same slot, while the slot lives.
///   I4  What a transaction makes has slots of its own kind, counted up and never used again, so that a guest can count
///       them itself; they have no place.
/// </remarks>
internal sealed class CapTable
{
    private readonly Stack<int> _free = new();
    private readonly Dictionary<ProcessId, CapSlot> _processes = [];
    private readonly Dictionary<CapSlot, Capability> _made = [];
    private long _madeCount;
    private Entry[] _places = new Entry[4];
    private int _used;

    /// <summary>The slot of what is made next; further ones count up.</summary>
    public CapSlot NextMade => CapSlot.OfMade(_madeCount);

    /// <summary>Null when the table is full: a limit that a guest can reach, so an answer and not a stop.</summary>
    public CapSlot? Grant(Capability capability)
    {
        if (capability is Capability.OfProcess { Target: var target })
        {
            return GrantProcess(target, capability);
        }

        return Put(capability);
    }

    /// <summary>
    /// Gives what a transaction made the slot that its guest has counted; that is <see cref="NextMade"/>.
    /// </summary>
    /// <returns>False when the table is full.</returns>
    public bool Make(Capability.OfProcess capability)
    {
        if (_made.Count == Limits.CapPlacesMax)
        {
            return false;
        }

        _processes.Add(capability.Target, NextMade);
        _made.Add(NextMade, capability);
        _madeCount++;
        return true;
    }

    /// <summary>A slot that nothing was ever granted and nothing will be: it can only miss.</summary>
    public CapSlot TakeEnded() => CapSlot.OfMade(_madeCount++);

    /// <summary>
    /// Of the table whose place this one takes: what a transaction made keeps its slot, and no number is used again.
    /// </summary>
    public void Inherit(CapTable before)
    {
        Invariant.Holds(_made.Count == 0);
        _madeCount = before._madeCount;
        foreach (var (slot, capability) in before._made)
        {
            if (_processes.TryAdd(((Capability.OfProcess)capability).Target, slot)) // Only processes are made. I3
            {
                _made.Add(slot, capability);
            }
        }
    }

    /// <summary>The channels of the system have other numbers now.</summary>
    public void Renumber(Func<int, int> channel)
    {
        foreach (ref var entry in _places.AsSpan(0, _used))
        {
            if (entry.Capability is Capability.OfChannel { Channel: var old })
            {
                entry.Capability = new Capability.OfChannel(channel(old));
            }
        }
    }

    /// <summary>The process has ended and whoever holds the table knows: its slot may only miss from now on.</summary>
    public void Forget(ProcessId ended)
    {
        if (_processes.TryGetValue(ended, out var slot))
        {
            Revoke(slot);
        }
    }

    /// <summary>True for a slot that was held once.</summary>
    public bool IsStale(CapSlot slot) => slot.IsMade
        ? slot.Encoded < NextMade.Encoded && !_made.ContainsKey(slot)
        : (uint)slot.Place < (uint)_used && slot.Generation < _places[slot.Place].Generation;

    public void Revoke(CapSlot slot)
    {
        Invariant.Holds(Find(slot) is not null); // I1
        if (Find(slot) is Capability.OfProcess { Target: var target })
        {
            _processes.Remove(target); // I3
        }

        if (_made.Remove(slot)) // I4
        {
            return;
        }

        _places[slot.Place].Capability = null;
        _places[slot.Place].Generation++;
        _free.Push(slot.Place);
    }

    public Capability? Find(CapSlot slot) => slot.IsMade
        ? _made.GetValueOrDefault(slot)
        : (uint)slot.Place < (uint)_used && _places[slot.Place].Generation == slot.Generation
            ? _places[slot.Place].Capability
            : null;

    private CapSlot? GrantProcess(ProcessId target, Capability capability)
    {
        if (_processes.TryGetValue(target, out var known))
        {
            return known;
        }

        var slot = Put(capability);
        if (slot is { } granted)
        {
            _processes.Add(target, granted);
        }

        return slot;
    }

    private CapSlot? Put(Capability capability)
    {
        if (!_free.TryPop(out int place))
        {
            if (_used == Limits.CapPlacesMax)
            {
                return null;
            }

            place = _used++;
            if (_places.Length < _used)
            {
                Array.Resize(ref _places, 2 * _places.Length);
            }
        }

        Invariant.Holds(_places[place].Capability is null); // I2
        _places[place].Capability = capability;
        return new CapSlot(place, _places[place].Generation);
    }

    private struct Entry
    {
        public Capability? Capability;
        public uint Generation;
    }
}
