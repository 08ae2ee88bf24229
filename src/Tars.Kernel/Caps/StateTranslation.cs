using System.Diagnostics;
using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Kernel.Linking;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Caps;

/// <summary>
/// Copies a state with the places for processes and capabilities rewritten: a guest's slots to the kernel's ids, and
/// ids to the slots of another table.
/// </summary>
/// <remarks>
/// A state may name what a message may not: a process whose slot has ended, a capability that was revoked, a blob that
/// was refused. Such a slot
/// is the complement of an id; it becomes a slot again that can only miss, and for processes slots that differed still
/// differ.
///
/// Invariants:
///   I1  The same state gives the same octets, whatever slots its process had.
///   I2  Keys of maps ascend in what is written, as they do in what is read.
///   I3  An id stands only for a slot that the table holds.
/// </remarks>
internal sealed class StateTranslation
{
    private readonly CapTable _table;
    private readonly bool _toIds;
    private readonly Dictionary<long, long> _ended = [];
    private bool _isFull;

    private StateTranslation(CapTable table, bool toIds)
    {
        _table = table;
        _toIds = toIds;
    }

    /// <summary>Appends the value with ids in place of the table's slots.</summary>
    /// <returns>False when the octets are not a value of the type.</returns>
    public static bool TryToIds(SchemaType type, ReadOnlySpan<byte> value, CapTable table, ByteWriter output) =>
        new StateTranslation(table, toIds: true).TryWalk(type, value, output);

    /// <summary>Appends the value with slots of the table for ids; what it does not hold it is granted.</summary>
    /// <returns>False when the table is full or the octets are not a value of the type.</returns>
    public static bool TryToSlots(SchemaType type, ReadOnlySpan<byte> value, CapTable table, ByteWriter output) =>
        new StateTranslation(table, toIds: false).TryWalk(type, value, output);

    private bool TryWalk(SchemaType type, ReadOnlySpan<byte> value, ByteWriter output)
    {
        if (!ValueEncoding.IsValid(type, value))
        {
            return false;
        }

        var reader = new ByteReader(value);
        Value(type, ref reader, value, output);
        return !_isFull;
    }

    private void Value(SchemaType type, ref ByteReader reader, ReadOnlySpan<byte> all, ByteWriter output)
    {
        if (!SlotPlaces.AnyIn(type))
        {
            int from = reader.Position;
            ValueEncoding.Skip(type, ref reader);
            output.Bytes(all[from..reader.Position]);
            return;
        }

        switch (type)
        {
            case SchemaType.Ref:
                output.I64(Slot(reader.I64()));
                break;
            case SchemaType.Cap capability:
                long held = reader.I64();
                output.I64(_toIds ? DerivedIdOf(capability, held) : DerivedSlotOf(capability, held));
                break;
            case SchemaType.Blob:
                long named = reader.I64();
                output.I64(_toIds ? BlobIdOf(named) : BlobSlotOf(named));
                break;
            case SchemaType.List list:
                uint count = reader.U32();
                output.U32(count);
                for (uint at = 0; at < count; at++)
                {
                    Value(list.Element, ref reader, all, output);
                }

                break;
            case SchemaType.Map map:
                Map(map, ref reader, all, output);
                break;
            case SchemaType.Optional or SchemaType.Fallible:
                Tagged(type, ref reader, all, output);
                break;
            case SchemaType.Record record:
                Fields(record.Fields.AsSpan(), ref reader, all, output);
                break;
            case SchemaType.Variant variant:
                ushort index = reader.U16();
                output.U16(index);
                Fields(variant.Cases[index].Fields.AsSpan(), ref reader, all, output);
                break;
            default:
                throw new UnreachableException();
        }
    }

    private void Tagged(SchemaType type, ref ByteReader reader, ReadOnlySpan<byte> all, ByteWriter output)
    {
        byte tag = reader.U8();
        output.U8(tag);
        if (type is SchemaType.Fallible fallible)
        {
            Value(tag == 0 ? fallible.Inner : BuiltInTypes.Failure, ref reader, all, output);
        }
        else if (tag == 1)
        {
            Value(((SchemaType.Optional)type).Inner, ref reader, all, output);
        }
    }

    private void Fields(
        ReadOnlySpan<SchemaField> fields, ref ByteReader reader, ReadOnlySpan<byte> all, ByteWriter output)
    {
        foreach (var field in fields)
        {
            Value(field.Type, ref reader, all, output);
        }
    }

    // Another number for a process is another place among the keys.
    private void Map(SchemaType.Map map, ref ByteReader reader, ReadOnlySpan<byte> all, ByteWriter output)
    {
        uint count = reader.U32();
        output.U32(count);
        if (map.Key is not SchemaType.Ref)
        {
            for (uint at = 0; at < count; at++)
            {
                Value(map.Key, ref reader, all, output);
                Value(map.Value, ref reader, all, output);
            }

            return;
        }

        var entries = new List<(long Key, byte[] Value)>();
        var value = new ByteWriter();
        for (uint at = 0; at < count; at++)
        {
            long key = Slot(reader.I64());
            value.Clear();
            Value(map.Value, ref reader, all, value);
            entries.Add((key, value.ToArray()));
        }

        foreach (var entry in entries.OrderBy(one => one.Key)) // I2
        {
            output.I64(entry.Key);
            output.Bytes(entry.Value);
        }
    }

    private long DerivedIdOf(SchemaType.Cap type, long slot) =>
        _table.Find(CapSlot.Of(slot)) is Capability.OfDerived { Node: var node } && node.Kind == type.Kind
            ? node.Id
            : Ended(slot);

    private long DerivedSlotOf(SchemaType.Cap type, long id)
    {
        if (_table.Derivations.Find(id) is not { } node || node.Kind != type.Kind)
        {
            return id < 0 && CapSlot.Of(~id).IsMade ? ~id : CapSlot.None.Encoded;
        }

        var granted = _table.Grant(new Capability.OfDerived(node));
        _isFull |= granted is null;
        return granted?.Encoded ?? 0;
    }

    private long BlobIdOf(long slot) =>
        _table.Find(CapSlot.Of(slot)) is Capability.OfBlob { Blob: var blob } ? blob.Id : Ended(slot);

    private long BlobSlotOf(long id)
    {
        if (_table.Blobs.Find(id) is not { } blob)
        {
            return id < 0 && CapSlot.Of(~id).IsMade ? ~id : CapSlot.None.Encoded;
        }

        var granted = _table.Grant(new Capability.OfBlob(blob));
        _isFull |= granted is null;
        return granted?.Encoded ?? 0;
    }

    private long Slot(long old) => _toIds ? IdOf(old) : SlotOf(old);

    private long IdOf(long slot) =>
        _table.Find(CapSlot.Of(slot)) is Capability.OfProcess { Target: var target }
            ? target.Value
            : Ended(slot);

    // No slot is below zero: what a guest calls one must not come out as somebody's id. // I3
    private static long Ended(long slot) => slot < 0 ? ~CapSlot.None.Encoded : ~slot;

    private long SlotOf(long id)
    {
        if (0 <= id)
        {
            var granted = _table.Grant(new Capability.OfProcess(new ProcessId(id)));
            _isFull |= granted is null;
            return granted?.Encoded ?? 0;
        }

        // What was counted stays: its number is never used again. A place may have been filled anew.
        if (CapSlot.Of(~id).IsMade)
        {
            return ~id;
        }

        if (!_ended.TryGetValue(id, out long slot))
        {
            slot = _table.TakeEnded().Encoded;
            _ended.Add(id, slot);
        }

        return slot;
    }
}
