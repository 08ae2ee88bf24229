using Tars.Base;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Caps;

/// <summary>A table as octets, and filled from them.</summary>
internal sealed partial class CapTable
{
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
            Capability.OfDerived { Node.IsRevoked: false } one => (6, one.Node.Id),
            Capability.OfDerived one => (7, one.Node.Id), // It ended here; the same may have been told of again.
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
            6 when Derivations.Find(target) is { } node => new Capability.OfDerived(node),
            7 when Derivations.Ended(target) is { } node => new Capability.OfDerived(node),
            _ => null,
        };
        return kind switch
        {
            0 or 1 or 4 => true,
            2 => (ulong)target < (ulong)devices,
            3 => (ulong)target < (ulong)channels,
            5 or 6 or 7 => capability is not null,
            _ => false,
        };
    }
}
