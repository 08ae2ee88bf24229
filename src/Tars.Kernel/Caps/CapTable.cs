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
internal sealed class CapTable(Derivations derivations, BlobStore blobs)
{
    private const int PlacesMin = 4;

    private readonly Dictionary<ProcessId, CapSlot> _processes = [];

    // Null while there are none: most processes never have any.
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

    /// <summary>Where what was narrowed is looked up.</summary>
    public Derivations Derivations { get; } = derivations;

    /// <summary>Where blobs are looked up.</summary>
    public BlobStore Blobs { get; } = blobs;

    /// <summary>Octets of the blobs that are held.</summary>
    public long BlobOctets { get; private set; }

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

    /// <summary>Null when the table is full: a limit that a guest can reach, so an answer and not a stop.</summary>
    public CapSlot? Grant(Capability capability)
    {
        switch (capability)
        {
            // A process that has ended is none: each of its slots has a place, or all behind it would move up.
            case Capability.OfProcess { Target: var target } when target != ProcessId.Outside:
                return GrantOnce(_processes, target, capability);
            case Capability.OfDerived { Node: var node }:
                return GrantOnce(_derived ??= [], node.Id, capability);
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
        if (_processes.TryGetValue(ended, out var slot))
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

    public void Save(ByteWriter output)
    {
        output.U32((uint)_used);
        foreach (ref readonly var entry in _places.AsSpan(0, _used))
        {
            output.U32(entry.Generation);
            Save(output, entry.Capability);
        }

        output.U32((uint)(_free?.Count ?? 0));
        foreach (int place in _free?.Reverse() ?? [])
        {
            output.U32((uint)place);
        }

        output.U32((uint)_blobsKept);
        output.I64(_blobOctetsKept);
        output.I64(_madeCount);
        output.U32((uint)(_made?.Count ?? 0));
        foreach (var (slot, capability) in (_made ?? []).OrderBy(one => one.Key.Encoded))
        {
            output.I64(slot.Encoded);
            Save(output, capability);
        }
    }

    /// <summary>Fills an empty table; false when the octets keep to no invariant.</summary>
    /// <param name="devices">How many devices the system has.</param>
    /// <param name="channels">How many channels.</param>
    public bool Load(ref ByteReader input, int devices, int channels)
    {
        uint used = input.U32();
        if (Limits.CapPlacesMax < used || input.Remaining < used)
        {
            return false;
        }

        _used = (int)used;
        _places = new Entry[Math.Max(_places.Length, _used)];
        int empty = 0;
        for (int place = 0; place < _used; place++)
        {
            ref var entry = ref _places[place];
            entry.Generation = input.U32();
            var slot = new CapSlot(place, entry.Generation);
            bool canEnd = !new CapSlot(place, entry.Generation + 1).IsMade;
            bool known = TryLoad(ref input, devices, channels, out entry.Capability) && !slot.IsMade && canEnd;
            if (!known || (entry.Capability is { } held && !Note(held, slot)))
            {
                return false;
            }

            empty += entry.Capability is null ? 1 : 0;
        }

        var free = new HashSet<int>();
        for (uint left = input.U32(); 0 < left && !input.Failed; left--)
        {
            int place = (int)input.U32();
            if ((uint)_used <= (uint)place || _places[place].Capability is not null || !free.Add(place)) // I2
            {
                return false;
            }

            (_free ??= new()).Push(place);
        }

        return free.Count == empty && LoadMade(ref input) && !input.Failed;
    }

    private bool LoadMade(ref ByteReader input)
    {
        _blobsKept = (int)input.U32();
        _blobOctetsKept = input.I64();
        _madeCount = input.I64();
        for (uint left = input.U32(); 0 < left && !input.Failed; left--)
        {
            var slot = CapSlot.Of(input.I64());
            bool fits = TryLoad(ref input, devices: 0, channels: 0, out var capability)
                && capability is Capability.OfProcess or Capability.OfBlob or Capability.OfDerived && slot.IsMade
                && slot.Encoded < NextMade.Encoded && (_made ??= []).Count < Limits.CapPlacesMax
                && _made.TryAdd(slot, capability) && Note(capability, slot);
            if (!fits)
            {
                return false;
            }
        }

        return 0 <= _madeCount && _madeCount < 1L << 61;
    }

    private static void Save(ByteWriter output, Capability? capability)
    {
        var (kind, target) = capability switch
        {
            null => (0, 0L),
            Capability.OfProcess one => (1, one.Target.Value),
            Capability.OfDevice one => (2, one.Target.Value),
            Capability.OfChannel one => (3, one.Channel),
            Capability.Withheld => (4, 0L),
            Capability.OfBlob one => (5, one.Blob.Id),
            Capability.OfDerived one => (6, one.Node.Id),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        output.U8((byte)kind);
        output.I64(target);
    }

    private bool TryLoad(ref ByteReader input, int devices, int channels, out Capability? capability)
    {
        byte kind = input.U8();
        long target = input.I64();
        capability = kind switch
        {
            1 => new Capability.OfProcess(new ProcessId(target)),
            2 => new Capability.OfDevice(new DeviceId((int)target)),
            3 => new Capability.OfChannel((int)target),
            4 => new Capability.Withheld(),
            5 when Blobs.Find(target) is { } blob => new Capability.OfBlob(blob),
            6 when Derivations.Known(target) is { } node => new Capability.OfDerived(node),
            _ => null,
        };
        return kind switch
        {
            0 or 1 or 4 => true,
            2 => (ulong)target < (ulong)devices,
            3 => (ulong)target < (ulong)channels,
            5 or 6 => capability is not null,
            _ => false,
        };
    }

    private Capability? Held(CapSlot slot) => slot.IsMade
        ? _made?.GetValueOrDefault(slot)
        : (uint)slot.Place < (uint)_used && _places[slot.Place].Generation == slot.Generation
            ? _places[slot.Place].Capability
            : null;

    private void Empty(CapSlot slot)
    {
        _ = Held(slot) switch
        {
            Capability.OfProcess { Target: var target } => _processes.Remove(target), // I3
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
            target == ProcessId.Outside || _processes.TryAdd(target, slot), // Who has ended has a slot in each place.
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

    private CapSlot? GrantOnce<TKey>(Dictionary<TKey, CapSlot> known, TKey key, Capability capability)
        where TKey : notnull
    {
        if (known.TryGetValue(key, out var held))
        {
            return held;
        }

        var slot = Put(capability);
        if (slot is { } granted)
        {
            known.Add(key, granted);
        }

        return slot;
    }

    // Places of what was revoked are taken back when there is no other, so that revoking need not look for holders.
    private void Sweep()
    {
        if (_derived is null)
        {
            return;
        }

        foreach (var slot in _derived.Values.Where(slot => IsRevoked(Held(slot)!)).ToArray())
        {
            Empty(slot);
        }
    }

    private CapSlot? Put(Capability capability)
    {
        if (_free is not { Count: > 0 } && _used == _places.Length)
        {
            Sweep();
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
