using System.Buffers.Binary;
using System.Diagnostics;
using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Kernel.Linking;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Caps;

/// <summary>
/// Rewrites the places for processes and capabilities in a value: a sender's slots to the kernel's ids, ids to a
/// receiver's slots.
/// </summary>
/// <remarks>
/// Places are eight octets before and after, so a value is rewritten where it stands. A map whose keys are processes
/// would change its order with them; such maps do not travel in this version, and the sender is told. Of the
/// capabilities for devices only those travel that were narrowed, so that whoever hands one on can take it back.
/// </remarks>
internal static class SlotTranslation
{
    /// <summary>Null, or why the value may not travel; then it is half rewritten and means nothing.</summary>
    public static string? ToIds(SchemaType type, Span<byte> value, CapTable sender) =>
        Walk(type, value, sender, toIds: true);

    /// <summary>Null, or why the value cannot be taken; then it is half rewritten and means nothing.</summary>
    public static string? ToSlots(SchemaType type, Span<byte> value, CapTable receiver) =>
        Walk(type, value, receiver, toIds: false);

    private static string? Walk(SchemaType type, Span<byte> value, CapTable table, bool toIds)
    {
        var walk = new ValueWalk(value, table, toIds);
        var plain = SlotPlaces.PlainRefsIn(type);

        // A manifest says of a handler what it likes, and the value was checked against the type of its sender.
        if (plain is null ? !ValueEncoding.IsValid(type, value) : plain.Size != value.Length)
        {
            return "it is not a value of the type that is said of it";
        }

        if (plain is null)
        {
            walk.Value(type);
        }
        else
        {
            walk.Refs(plain.At.AsSpan());
        }

        return walk.Error;
    }

    private ref struct ValueWalk
    {
        private readonly Span<byte> _value;
        private readonly CapTable _table;
        private readonly bool _toIds;
        private ByteReader _reader;

        public ValueWalk(Span<byte> value, CapTable table, bool toIds)
        {
            _value = value;
            _table = table;
            _toIds = toIds;
            _reader = new ByteReader(value);
        }

        public string? Error { get; private set; }

        /// <summary>The same of a value that has nothing to rewrite but these.</summary>
        public void Refs(ReadOnlySpan<int> places)
        {
            foreach (int at in places)
            {
                Rewrite(at, BinaryPrimitives.ReadInt64LittleEndian(_value[at..]));
            }
        }

        public void Value(SchemaType type)
        {
            if (!SlotPlaces.AnyIn(type))
            {
                ValueEncoding.Skip(type, ref _reader);
                return;
            }

            switch (type)
            {
                case SchemaType.Ref:
                    Rewrite(_reader.Position, _reader.I64());
                    break;
                case SchemaType.Cap capability:
                    Rewrite(capability);
                    break;
                case SchemaType.Blob:
                    RewriteBlob();
                    break;
                case SchemaType.List list:
                    for (uint left = _reader.U32(); 0 < left && Error is null; left--)
                    {
                        Value(list.Element);
                    }

                    break;
                case SchemaType.Map map:
                    Map(map);
                    break;
                case SchemaType.Optional optional:
                    if (_reader.U8() == 1)
                    {
                        Value(optional.Inner);
                    }

                    break;
                case SchemaType.Fallible fallible:
                    Value(_reader.U8() == 0 ? fallible.Inner : BuiltInTypes.Failure);
                    break;
                case SchemaType.Record record:
                    Fields(record.Fields.AsSpan());
                    break;
                case SchemaType.Variant variant:
                    Fields(variant.Cases[_reader.U16()].Fields.AsSpan());
                    break;
                default:
                    throw new UnreachableException();
            }
        }

        private void Map(SchemaType.Map map)
        {
            uint count = _reader.U32();
            if (SlotPlaces.AnyIn(map.Key) && 0 < count)
            {
                Error ??= "maps whose keys are processes do not travel yet";
            }

            for (uint left = count; 0 < left && Error is null; left--)
            {
                ValueEncoding.Skip(map.Key, ref _reader);
                Value(map.Value);
            }
        }

        private void Fields(ReadOnlySpan<SchemaField> fields)
        {
            foreach (var field in fields)
            {
                Value(field.Type);
            }
        }

        private void Rewrite(int at, long old)
        {
            long? changed = _toIds ? Id(old) : _table.Grant(new Capability.OfProcess(new ProcessId(old)))?.Encoded;
            Write(at, changed, "it names a process by a slot that is not held");
        }

        private void Rewrite(SchemaType.Cap type)
        {
            int at = _reader.Position;
            long old = _reader.I64();
            long? changed = _toIds ? DerivedId(type, old) : DerivedSlot(type, old);
            Write(at, changed, "it names a capability by a slot that is not held, or not narrowed");
        }

        private void RewriteBlob()
        {
            int at = _reader.Position;
            long old = _reader.I64();
            long? changed = _toIds ? BlobId(old) : BlobSlot(old);
            Write(at, changed, "it names a blob by a slot that is not held");
        }

        private readonly long? BlobId(long slot) =>
            _table.Find(CapSlot.Of(slot)) is Capability.OfBlob { Blob: var blob } ? blob.Id : null;

        private readonly long? BlobSlot(long id) => _table.Blobs.Find(id) is { } blob
            ? _table.Grant(new Capability.OfBlob(blob))?.Encoded
            : CapSlot.None.Encoded;

        private readonly long? DerivedId(SchemaType.Cap type, long slot) =>
            _table.Find(CapSlot.Of(slot)) is Capability.OfDerived { Node: var node } && node.Kind == type.Kind
                ? node.Id
                : null;

        // What was revoked on its way arrives as a slot that can only miss.
        private readonly long? DerivedSlot(SchemaType.Cap type, long id) =>
            _table.Derivations.Find(id) is { } node && node.Kind == type.Kind
                ? _table.Grant(new Capability.OfDerived(node))?.Encoded
                : CapSlot.None.Encoded;

        private void Write(int at, long? changed, string notHeld)
        {
            if (changed is not { } written)
            {
                Error ??= _toIds ? notHeld : "the receiver's table is full";
                return;
            }

            BinaryPrimitives.WriteInt64LittleEndian(_value[at..], written);
        }

        private readonly long? Id(long slot) =>
            _table.Find(CapSlot.Of(slot)) is Capability.OfProcess { Target: var target } ? target.Value : null;
    }
}
