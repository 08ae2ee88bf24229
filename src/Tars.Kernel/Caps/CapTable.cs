using System.Numerics;
using Tars.Base;
using Tars.Kernel.Blobs;
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
///   I3  The same process, and the same derived capability, is always the same slot, while the slot lives.
///   I4  What a transaction makes has slots of its own kind, counted up and never used again, so that a guest can count
///       them itself; they have no place.
///   I5  What was revoked is not found, also where its place is not empty yet.
///   I6  Each blob that has a slot is held once by the table.
/// </remarks>
internal sealed partial class CapTable(Derivations derivations, BlobStore blobs, ProcessId holder = default)
{
    private const int PlacesMin = 4;

    // With so few places whoever has one is looked for in all of them.
    private const int PlacesWalkedMax = 8;

    // Null while there are none: most processes never have any.
    private Dictionary<ProcessId, CapSlot>? _processes;
    private Stack<int>? _free;
    private Dictionary<long, CapSlot>? _derived;
    private Dictionary<CapSlot, Capability>? _made;
    private Dictionary<long, CapSlot>? _blobs;
    private int _blobsKept;
    private long _blobOctetsKept;
    private long _madeCount;
    private Entry[] _places = [];
    private int _used;

    /// <summary>The slot of what is made next; further ones count up.</summary>
    public CapSlot NextMade => CapSlot.OfMade(_madeCount);

    /// <summary>Whose table it is; the outside as long as it is nobody's.</summary>
    public ProcessId Holder { get; set; } = holder;

    /// <summary>Where what was narrowed is looked up.</summary>
    public Derivations Derivations { get; } = derivations;

    /// <summary>Where blobs are looked up.</summary>
    public BlobStore Blobs { get; } = blobs;

    /// <summary>Octets of the blobs that are held.</summary>
    public long BlobOctets { get; private set; }

    /// <summary>The blobs that are held, in order of their ids.</summary>
    public IEnumerable<Blob> HeldBlobs =>
        from one in _blobs ?? []
        orderby one.Key
        select ((Capability.OfBlob)Held(one.Value)!).Blob; // I6

    public bool HoldsBlobs => _blobs is { Count: > 0 };

    /// <summary>True when so many blobs came that it is time to see which of them are still named.</summary>
    public bool AreBlobsDue =>
        Math.Max(2 * _blobsKept, Limits.BlobsUnsweptMax) < (_blobs?.Count ?? 0)
        || Math.Max(2 * _blobOctetsKept, Limits.BlobBytesUnsweptMax) < BlobOctets;

    /// <summary>The derived capabilities that are held, in order of their ids.</summary>
    public IEnumerable<Derivation> Derived =>
        from one in _derived ?? []
        orderby one.Key
        select Held(one.Value) is Capability.OfDerived { Node: { IsRevoked: false } node } ? node : null into held
        where held is not null
        select held;

    /// <summary>So many places will be asked for; more may be.</summary>
    public void Expect(int places)
    {
        if (_places.Length == 0)
        {
            _places = new Entry[Math.Min(places, Limits.CapPlacesMax)];
        }
    }

    /// <summary>Null when the table is full: a limit that a guest can reach, so an answer and not a stop.</summary>
    public CapSlot? Grant(Capability capability)
    {
        switch (capability)
        {
            // A process that has ended is none: each of its slots has a place, or all behind it would move up.
            case Capability.OfProcess { Target: var target } when target != ProcessId.Outside:
                return SlotOf(target) is { } known ? known : GrantNew(capability);
            case Capability.OfDerived { Node: var node } when _derived is not null
                && _derived.TryGetValue(node.Id, out var held):
                return held;
            case Capability.OfDerived { Node: var node }:
                return GrantDerived(node, capability);
            case Capability.OfBlob { Blob: var blob }:
                return GrantBlob(blob, capability);
            default:
                return Put(capability);
        }
    }

    /// <summary>True when something that a transaction makes finds room.</summary>
    public bool HasRoomToMake
    {
        get
        {
            if (_made?.Count == Limits.CapPlacesMax)
            {
                Sweep();
            }

            return _made is null || _made.Count < Limits.CapPlacesMax;
        }
    }

    /// <summary>
    /// Gives what a transaction made the slot that its guest has counted; that is <see cref="NextMade"/>.
    /// </summary>
    /// <returns>False when the table is full.</returns>
    public bool Make(Capability capability)
    {
        if (!HasRoomToMake)
        {
            return false;
        }

        Note(capability, NextMade);
        _made ??= [];
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
        Invariant.Holds(_made is null);
        _madeCount = before._madeCount;
        foreach (var (slot, capability) in before._made ?? [])
        {
            if (!IsRevoked(capability) && Note(capability, slot)) // I3
            {
                _made ??= [];
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
        if (SlotOf(ended) is { } slot)
        {
            Revoke(slot);
        }
    }

    /// <summary>Ends the slots of the blobs that the condition does not hold of.</summary>
    /// <param name="stays">Of a blob's id.</param>
    public void DropBlobs(Predicate<long> stays)
    {
        if (_blobs is null)
        {
            return;
        }

        foreach (var (id, slot) in _blobs.OrderBy(one => one.Key).ToArray())
        {
            if (!stays(id))
            {
                Empty(slot);
            }
        }
    }

    /// <summary>What it holds now is what is named.</summary>
    public void NoteBlobs() => (_blobsKept, _blobOctetsKept) = (_blobs?.Count ?? 0, BlobOctets);

    /// <summary>The table is used no more: it holds no blob back.</summary>
    public void LetGo() => DropBlobs(_ => false);

    /// <summary>What a slot stood for that has ended and still has its place; null for any other.</summary>
    public Derivation? Revoked(CapSlot slot) =>
        Held(slot) is Capability.OfDerived { Node: { IsRevoked: true } node } ? node : null;

    /// <summary>True for a slot that was held once.</summary>
    public bool IsStale(CapSlot slot) => Held(slot) is { } held
        ? IsRevoked(held)
        : slot == CapSlot.None || (slot.IsMade
            ? slot.Encoded < NextMade.Encoded
            : (uint)slot.Place < (uint)_used && slot.Generation < _places[slot.Place].Generation);

    public void Revoke(CapSlot slot)
    {
        Invariant.Holds(Find(slot) is not null); // I1
        Empty(slot);
    }

    /// <summary>What a slot stands for; null when it was never held, or is not any more.</summary>
    public Capability? Find(CapSlot slot) => Held(slot) is { } held && !IsRevoked(held) ? held : null; // I5

    private static bool IsRevoked(Capability capability) => capability is Capability.OfDerived { Node.IsRevoked: true };

    private Capability? Held(CapSlot slot) => slot.IsMade
        ? _made?.GetValueOrDefault(slot)
        : (uint)slot.Place < (uint)_used && _places[slot.Place].Generation == slot.Generation
            ? _places[slot.Place].Capability
            : null;

    private void Empty(CapSlot slot)
    {
        _ = Held(slot) switch
        {
            Capability.OfProcess { Target: var target } => _processes?.Remove(target), // I3
            Capability.OfDerived { Node: var node } => _derived!.Remove(node.Id), // It has a slot.
            Capability.OfBlob { Blob: var blob } => Drop(blob),
            _ => false,
        };
        if (_made?.Remove(slot) == true) // I4
        {
            return;
        }

        _places[slot.Place].Capability = null;
        _places[slot.Place].Generation++;
        (_free ??= new()).Push(slot.Place);
    }

    // False when it has a slot already.
    private bool Note(Capability capability, CapSlot slot) => capability switch
    {
        Capability.OfProcess { Target: var target } =>
            target == ProcessId.Outside || NoteProcess(target, slot), // Who has ended has a slot in each place.
        Capability.OfDerived { Node: var node } => (_derived ??= []).TryAdd(node.Id, slot),
        Capability.OfBlob { Blob: var blob } => Hold(blob, slot),
        _ => true,
    };

    private bool Hold(Blob blob, CapSlot slot) // I6
    {
        _blobs ??= [];
        if (!_blobs.TryAdd(blob.Id, slot))
        {
            return false;
        }

        blob.Take();
        BlobOctets += blob.Length;
        return true;
    }

    private bool Drop(Blob blob) // I6
    {
        _blobs!.Remove(blob.Id); // It has a slot.
        BlobOctets -= blob.Length;
        blob.Drop();
        return true;
    }

    private CapSlot? GrantBlob(Blob blob, Capability capability)
    {
        if (_blobs is not null && _blobs.TryGetValue(blob.Id, out var held))
        {
            return held;
        }

        var slot = Limits.BlobBytesOfProcessMax - BlobOctets < blob.Length ? null : Put(capability);
        if (slot is { } granted)
        {
            Hold(blob, granted);
        }

        return slot;
    }

    private CapSlot? GrantDerived(Derivation node, Capability capability)
    {
        var slot = GrantNew(capability);
        if (slot is not null && Holder != ProcessId.Outside)
        {
            Derivations.Taken(node, Holder);
        }

        return slot;
    }

    // Of what is not held yet. // I3
    private CapSlot? GrantNew(Capability capability)
    {
        var slot = Put(capability);
        if (slot is { } granted)
        {
            Note(capability, granted);
        }

        return slot;
    }

    // The slot of a process that has one. Those of few are found by walking along the places.
    private CapSlot? SlotOf(ProcessId target)
    {
        if (_processes is not null)
        {
            return _processes.TryGetValue(target, out var slot) ? slot : null;
        }

        int place = target == ProcessId.Outside ? -1 : PlaceOf(target);
        return place < 0 ? null : new CapSlot(place, _places[place].Generation);
    }

    private int PlaceOf(ProcessId target)
    {
        for (int place = 0; place < _used; place++)
        {
            if (_places[place].Capability is Capability.OfProcess { Target: var other } && other == target)
            {
                return place;
            }
        }

        return -1;
    }

    // False when it has a slot already; one that has a place stands in it.
    private bool NoteProcess(ProcessId target, CapSlot slot)
    {
        if (_processes is null && !slot.IsMade && _used <= PlacesWalkedMax)
        {
            return PlaceOf(target) == slot.Place;
        }

        if (_processes is null)
        {
            _processes = [];
            for (int place = 0; place < _used; place++)
            {
                if (_places[place].Capability is Capability.OfProcess { Target: var other }
                    && other != ProcessId.Outside && (slot.IsMade || place != slot.Place))
                {
                    _processes.Add(other, new CapSlot(place, _places[place].Generation));
                }
            }
        }

        return _processes.TryAdd(target, slot);
    }

    // Places of what was revoked are taken back when there is no other, so that revoking need not look for holders.
    private void Sweep()
    {
        if (_derived is null)
        {
            return;
        }

        // In order, which becomes that of the free places.
        foreach (var (_, slot) in _derived.Where(one => IsRevoked(Held(one.Value)!)).OrderBy(one => one.Key).ToArray())
        {
            Empty(slot);
        }
    }

    private CapSlot? Put(Capability capability)
    {
        if (_free is not { Count: > 0 } && BitOperations.IsPow2(_used))
        {
            Sweep(); // Seldom, and when depends on nothing that is not saved.
        }

        if (_free is null || !_free.TryPop(out int place))
        {
            if (_used == Limits.CapPlacesMax)
            {
                return null;
            }

            place = _used++;
            if (_places.Length < _used)
            {
                Array.Resize(ref _places, Math.Max(PlacesMin, 2 * _places.Length));
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
