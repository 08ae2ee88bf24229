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
/// </remarks>
internal sealed class CapTable
{
    private readonly Stack<int> _free = new();
    private readonly Dictionary<ProcessId, CapSlot> _processes = [];
    private Entry[] _places = new Entry[4];
    private int _used;

    /// <summary>The first of a run of places that no slot has had, for what the next transaction makes.</summary>
    public CapSlot NextRun => new(_used, 0);

    /// <summary>Null when the table is full: a limit that a guest can reach, so an answer and not a stop.</summary>
    public CapSlot? Grant(Capability capability)
    {
        if (capability is Capability.OfProcess { Target: var target })
        {
            return GrantProcess(target, capability);
        }

        return Put(capability);
    }

    public void Revoke(CapSlot slot)
    {
        Invariant.Holds(Find(slot) is not null); // I1
        if (_places[slot.Place].Capability is Capability.OfProcess { Target: var target })
        {
            _processes.Remove(target); // I3
        }

        _places[slot.Place].Capability = null;
        _places[slot.Place].Generation++;
        _free.Push(slot.Place);
    }

    public Capability? Find(CapSlot slot) =>
        (uint)slot.Place < (uint)_used && _places[slot.Place].Generation == slot.Generation
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
