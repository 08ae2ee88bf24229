using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;
using Tars.Lang.Emitting.Writing;
using Tars.Lang.Lowering;
using Tars.Lang.Types;

namespace Tars.Lang.Library;

/// <summary>The value encoding of docs/abi.md, both ways: one routine for each type that crosses the border.</summary>
/// <remarks>
/// Bytes that do not decode are trap MalformedEvent. That a text is UTF-8 is not checked again: the kernel checks every
/// value where it enters the system.
/// </remarks>
internal sealed class Wire(Values values)
{
    private const long CanonicalNaN = 0x7FF8000000000000;
    private const int InPlaceMax = 32;

    private ModuleWriter Module => values.Module;

    private Output Output => new(values.Module);

    private static Term InEnd => Term.I32(MemoryMap.InEnd).Load32();

    /// <summary>(value or address): its encoding is written to the output.</summary>
    public Routine Encode(Layout layout) =>
        values.Named("encode", layout, layout.Shape == Shape.Unit ? [] : [Values.PassedAs(layout)], [], body =>
            WriteEncode(body, layout));

    /// <summary>Encodes the value at an address.</summary>
    public void EncodeAt(Body body, Layout layout, Term address) =>
        EncodeValue(body, layout, layout.Shape == Shape.Unit ? address : Values.Load(layout, address));

    /// <summary>Encodes a value, or what lies at an address; a few numbers in place.</summary>
    public void EncodeValue(Body body, Layout layout, Term value)
    {
        if (SmallOf(layout) is { } small)
        {
            var to = body.Borrow(ValType.I32);
            body.Set(to, Output.Room.Call(small.Size));
            if (layout.Shape == Shape.Int)
            {
                body.Store64(to, value);
            }
            else
            {
                Values.CopyWords(body, to, value, small.Size);
            }

            body.GiveBack(to);
        }
        else if (layout.Shape != Shape.Unit)
        {
            body.Call(Encode(layout), value);
        }
    }

    /// <summary>Decodes what begins at <c>at</c> into memory, and moves <c>at</c> on; a few numbers in place.</summary>
    public void DecodeAt(Body body, Layout layout, Term to, Variable at, bool borrow)
    {
        if (SmallOf(layout) is { } small)
        {
            Need(body, at, small.Size);
            Values.CopyWords(body, to, at, small.Size);
            body.Set(at, at + small.Size);
        }
        else
        {
            body.Set(at, Decode(layout, borrow).Call(to, at));
        }
    }

    private static FlatLayout? SmallOf(Layout layout) =>
        FlatLayout.Of(layout) is { Floats.IsEmpty: true, Size: > 0 and <= InPlaceMax } small ? small : null;

    /// <summary>
    /// (to, at) → the address behind the encoding that begins at <c>at</c>; the value is put into memory at <c>to</c>.
    /// </summary>
    /// <param name="borrow">True when texts stay where they are; only for types without lists, maps and bytes.</param>
    public Routine Decode(Layout layout, bool borrow) => values.Named(
        borrow && layout.Owns ? "decode_here" : "decode",
        layout,
        [ValType.I32, ValType.I32],
        [ValType.I32],
        body => WriteDecode(body, layout, borrow));

    /// <summary>True when a value of this type can be decoded without a block of its own.</summary>
    public static bool CanBorrow(Layout layout) => layout.Shape switch
    {
        Shape.Bytes or Shape.List or Shape.Map => false,
        Shape.Record => layout.Parts.All(part => CanBorrow(part.Layout)),
        _ => layout.Cases.All(parts => parts.All(part => CanBorrow(part.Layout))),
    };

    private void WriteEncode(Body body, Layout layout)
    {
        if (layout.Shape == Shape.Unit)
        {
            return;
        }

        var value = body.Parameters[0];
        if (SmallOf(layout) is not null)
        {
            EncodeValue(body, layout, value);
            return;
        }

        switch (layout.Shape)
        {
            case Shape.Bool:
                body.Call(Output.Octet, value);
                break;
            case Shape.Choice:
                body.Store16(Output.Room.Call(2), value);
                break;
            case Shape.Float:
                body.Store64(Output.Room.Call(8), Term.Select(value.Is(value), value.Get().Bits(), CanonicalNaN));
                break;
            case Shape.Text:
                EncodeOctets(body, Texts.At(value), Texts.Size(value));
                break;
            case Shape.Bytes:
                EncodeOctets(body, value + Lists.Items, value.Load32(Lists.Length));
                break;
            case Shape.List when FlatLayout.Of(values.ElementOf(layout)) is { } flat:
                EncodeFlat(body, value, flat);
                break;
            case Shape.List:
                body.Store32(Output.Room.Call(4), value.Load32(Lists.Length));
                Values.EachItem(body, value, values.ElementOf(layout), at =>
                    EncodeAt(body, values.ElementOf(layout), at));
                break;
            case Shape.Map:
                EncodeMap(body, layout, value);
                break;
            case Shape.Record:
                EncodeParts(body, value, layout.Parts);
                break;
            case Shape.Variant:
                body.Store16(Output.Room.Call(2), value.Load32());
                Values.EachCase(body, layout, value, parts => EncodeParts(body, value, parts));
                break;
            case Shape.Optional or Shape.Fallible:
                body.Call(Output.Octet, value.Load32());
                Values.EachCase(body, layout, value, parts => EncodeParts(body, value, parts));
                break;
        }
    }

    private void EncodeParts(Body body, Variable value, IEnumerable<Part> parts)
    {
        foreach (var part in parts)
        {
            EncodeAt(body, part.Layout, value + part.Offset);
        }
    }

    private void EncodeOctets(Body body, Term at, Term size)
    {
        var count = body.I32(size);
        var to = body.I32(Output.Room.Call(count + 4));
        body.Store32(to, count);
        body.Copy(to + 4, at, count);
    }

    // A list that lies in memory as it is encoded is copied whole; only NaNs may have another form there.
    private void EncodeFlat(Body body, Variable list, FlatLayout flat)
    {
        var size = body.I32(list.Load32(Lists.Length) * flat.Size);
        var to = body.I32(Output.Room.Call(size + 4));
        body.Store32(to, list.Load32(Lists.Length));
        body.Copy(to + 4, list + Lists.Items, size);
        EachFloat(body, to + 4, size, flat, (at, offset) => body.If(
            !at.LoadF64(offset).Is(at.LoadF64(offset)), () => body.Store64(at, CanonicalNaN, offset)));
    }

    private static void EachFloat(Body body, Term first, Term size, FlatLayout flat, Action<Variable, int> each)
    {
        if (flat.Floats.IsEmpty)
        {
            return;
        }

        var at = body.I32(first);
        var end = body.I32(at + size);
        body.While(at.Below(end), () =>
        {
            foreach (int offset in flat.Floats)
            {
                each(at, offset);
            }

            body.Set(at, at + flat.Size);
        });
    }

    private void EncodeMap(Body body, Layout layout, Variable map)
    {
        var type = (LangType.Map)layout.Type;
        var (key, value) = (values.Layouts.Of(type.Key), values.Layouts.Of(type.Value));
        var cursor = Frames.Enter(body, Maps.CursorSize);
        body.Store32(Output.Room.Call(4), map.Load32(Maps.Count));
        values.MapOf(layout).Walk(body, map, cursor, (keyAt, valueAt) =>
        {
            EncodeAt(body, key, keyAt);
            EncodeAt(body, value, valueAt);
        });
        Frames.Leave(body, cursor);
    }

    private void WriteDecode(Body body, Layout layout, bool borrow)
    {
        var (to, at) = (body.Parameters[0], body.Parameters[1]);
        if (SmallOf(layout) is not null)
        {
            DecodeAt(body, layout, to, at, borrow);
            body.Push(at);
            return;
        }

        switch (layout.Shape)
        {
            case Shape.Unit:
                break;
            case Shape.Bool:
                DecodeTag(body, 1, limit: 2);
                break;
            case Shape.Choice:
                DecodeTag(body, 2, limit: ((LangType.Variant)layout.Type).Symbol.Cases.Length);
                break;
            case Shape.Float:
                Need(body, at, 8);
                body.Store64(to, at.Load64());
                body.TrapIf(
                    !at.LoadF64().Is(at.LoadF64()) & at.Load64().IsNot(CanonicalNaN), GuestTrap.MalformedEvent);
                body.Set(at, at + 8);
                break;
            case Shape.Text:
                DecodeText(body, borrow);
                break;
            case Shape.Bytes:
                var octets = Count(body, at);
                body.Store32(to, values.Lists.OfRange.Call(at, octets));
                body.Set(at, at + octets);
                break;
            case Shape.List:
                DecodeList(body, values.ElementOf(layout));
                break;
            case Shape.Map:
                DecodeMap(body, layout);
                break;
            case Shape.Record:
                DecodeParts(body, layout.Parts, borrow);
                break;
            case Shape.Variant:
                DecodeTag(body, 2, limit: layout.Cases.Length);
                Values.EachCase(body, layout, to, parts => DecodeParts(body, parts, borrow));
                break;
            case Shape.Optional or Shape.Fallible:
                DecodeTag(body, 1, limit: 2);
                Values.EachCase(body, layout, to, parts => DecodeParts(body, parts, borrow));
                break;
        }

        body.Push(at);
    }

    private static void DecodeTag(Body body, int octets, int limit)
    {
        var (to, at) = (body.Parameters[0], body.Parameters[1]);
        Need(body, at, octets);
        body.Store32(to, octets == 1 ? at.Load8() : at.Load16());
        body.TrapIf(to.Load32().AtLeast(limit), GuestTrap.MalformedEvent);
        body.Set(at, at + octets);
    }

    private void DecodeText(Body body, bool borrow)
    {
        var (to, at) = (body.Parameters[0], body.Parameters[1]);
        var size = Count(body, at);
        var slice = Texts.Pack(at, size);
        body.Store64(to, borrow ? slice : values.Texts.Copy.Call(slice));
        body.Set(at, at + size);
    }

    private void DecodeParts(Body body, IEnumerable<Part> parts, bool borrow)
    {
        var (to, at) = (body.Parameters[0], body.Parameters[1]);
        foreach (var part in parts.Where(part => part.Layout.Shape != Shape.Unit))
        {
            DecodeAt(body, part.Layout, to + part.Offset, at, borrow);
        }
    }

    private void DecodeList(Body body, Layout element)
    {
        var (to, at) = (body.Parameters[0], body.Parameters[1]);
        // Every element takes an octet at least, so a count that lies cannot make a large block.
        var count = Count(body, at);
        if (FlatLayout.Of(element) is { } flat)
        {
            DecodeFlat(body, count, flat);
            return;
        }

        var list = body.I32(values.Lists.Make.Call(count.ExtendUnsigned(), element.Size));
        body.Store32(to, list);
        Values.EachItem(body, list, element, item => body.Set(at, Decode(element, borrow: false).Call(item, at)));
    }

    private void DecodeFlat(Body body, Variable count, FlatLayout flat)
    {
        var (to, at) = (body.Parameters[0], body.Parameters[1]);
        var size = body.I64(count.ExtendUnsigned() * (long)flat.Size);
        body.TrapIf((InEnd - at).ExtendUnsigned().Below(size), GuestTrap.MalformedEvent);
        var list = body.I32(values.Lists.Make.Call(count.ExtendUnsigned(), flat.Size));
        body.Store32(to, list);
        body.Copy(list + Lists.Items, at, size.Wrap());
        EachFloat(body, at, size.Wrap(), flat, (one, offset) => body.TrapIf(
            !one.LoadF64(offset).Is(one.LoadF64(offset)) & one.Load64(offset).IsNot(CanonicalNaN),
            GuestTrap.MalformedEvent));
        body.Set(at, at + size.Wrap());
    }

    private void DecodeMap(Body body, Layout layout)
    {
        var (to, at) = (body.Parameters[0], body.Parameters[1]);
        var type = (LangType.Map)layout.Type;
        var (key, value) = (values.Layouts.Of(type.Key), values.Layouts.Of(type.Value));
        var count = Count(body, at);
        var left = body.I32(count);
        var frame = Frames.Enter(body, 16);
        var last = body.I32(frame);
        var next = body.I32(frame + 8);
        body.Store32(to, 0);
        body.While(left, () =>
        {
            body.Set(at, Decode(key, borrow: false).Call(next, at));
            body.If(left.IsNot(count), () =>
            {
                body.TrapIf(
                    values.Compare(key, Values.Load(key, last), Values.Load(key, next)) >= 0, GuestTrap.MalformedEvent);
                values.DropAt(body, key, last);
            });
            body.Set(at, Decode(value,
                borrow: false).Call(values.MapOf(layout).Insert.Call(to, Values.Load(key, next)), at));
            body.Store64(last, next.Load64());
            body.Set(left, left - 1);
        });
        body.If(count, () => values.DropAt(body, key, last));
        Frames.Leave(body, frame);
    }

    // A count of things that take at least one octet each.
    private static Variable Count(Body body, Variable at)
    {
        Need(body, at, 4);
        var count = body.I32(at.Load32());
        body.Set(at, at + 4);
        Need(body, at, count);
        return count;
    }

    private static void Need(Body body, Variable at, Term octets) =>
        body.TrapIf((InEnd - at).Below(octets), GuestTrap.MalformedEvent);
}
