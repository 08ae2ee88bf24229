using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;
using Tars.Lang.Emitting.Writing;

namespace Tars.Lang.Library;

/// <summary>Lists and byte strings: a block with the length, the capacity and a stamp, then the elements.</summary>
/// <remarks>
/// Invariants:
///   I1  The empty list is 0, where the memory reads as zero.
///   I2  Pushing onto an old block saves only its head and sets the head's own stamp: what lies behind the old length
///       means nothing. All other writes save the whole block.
/// </remarks>
internal sealed class Lists(ModuleWriter module)
{
    public const int Length = 0;
    public const int Capacity = 4;
    public const int Stamp = 8;

    /// <summary>Where the first element lies.</summary>
    public const int Items = 16;

    private Heap Heap => new(module);

    private Undo Undo => new(module);

    /// <summary>The length as an int of the language.</summary>
    public static Term LengthOf(Term list) => list.Load32(Length).ExtendUnsigned();

    /// <summary>(count, stride) → a list of that length whose elements are not set yet; 0 for none.</summary>
    public Routine Make => module.Routine("list.make", [ValType.I64, ValType.I32], [ValType.I32], body =>
    {
        var (count, stride) = (body.Parameters[0], body.Parameters[1]);
        body.If(!count, () => body.Return(0));
        body.TrapIf(count < 0L, GuestTrap.ValueOutOfRange);
        body.TrapIf(count.Above((long)Limits.BlockBytesMax), GuestTrap.OutOfMemory);
        var size = body.I64((count * stride.ExtendUnsigned()) + (long)Items);
        body.TrapIf(size.Above((long)Limits.BlockBytesMax), GuestTrap.OutOfMemory);
        var list = body.I32(Heap.Allocate.Call(size.Wrap()));
        body.Store32(list, count.Wrap(), Length);
        body.Store32(list, (Heap.Capacity.Call(list) - Items).OverUnsigned(stride), Capacity);
        body.Store64(list, Heap.Stamp, Stamp);
        body.Push(list);
    });

    /// <summary>(place, stride) → the address of a new last element, not set yet. The place holds the list.</summary>
    public Routine Push => module.Routine("list.push", [ValType.I32, ValType.I32], [ValType.I32], body =>
    {
        var (place, stride) = (body.Parameters[0], body.Parameters[1]);
        var list = body.I32(place.Load32());
        var count = body.I32(list.Load32(Length));
        var grown = body.I32();
        body.If(count.Is(list.Load32(Capacity)), () =>
        {
            // At least twice as many, and something for the first.
            body.Set(grown, Make.Call((Term.Select(count, count, 2).ExtendUnsigned() << 1L), stride));
            body.Copy(grown + Items, list + Items, count * stride);
            body.Call(Heap.Release, list);
            body.Set(list, grown);
            body.Store32(place, list);
        }, () => body.Call(TouchHead, list));
        body.Store32(list, count + 1, Length);
        body.Push(list + Items + (count * stride));
    });

    /// <summary>
    /// The address of that element of a list; traps when there is none. In line, since it is what loops over lists
    /// consist of, and `cil` puts no function in line.
    /// </summary>
    public static Term At(Body body, Variable list, Variable index, int stride)
    {
        body.TrapIf(index.AtLeast(list.Load32(Length).ExtendUnsigned()), GuestTrap.IndexOutOfRange);
        return list + Items + (index.Wrap() * stride);
    }

    /// <summary>(list, element, stride): closes the gap that the element leaves. It has been freed.</summary>
    public Routine Remove => module.Routine("list.remove", [ValType.I32, ValType.I32, ValType.I32], [], body =>
    {
        var (list, element, stride) = (body.Parameters[0], body.Parameters[1], body.Parameters[2]);
        var count = body.I32(list.Load32(Length) - 1);
        var last = list + Items + (count * stride);
        body.Copy(element, element + stride, last - element);
        body.Store32(list, count, Length);
    });

    /// <summary>(bytes, from, to) → a copy of that range; traps when it does not lie inside.</summary>
    public Routine Slice =>
        module.Routine("bytes.slice", [ValType.I32, ValType.I64, ValType.I64], [ValType.I32], body =>
    {
        var (bytes, from, to) = (body.Parameters[0], body.Parameters[1], body.Parameters[2]);
        body.TrapIf(from.Above(to) | to.Above(LengthOf(bytes)), GuestTrap.IndexOutOfRange);
        body.Push(OfRange.Call(bytes + Items + from.Wrap(), (to - from).Wrap()));
    });

    /// <summary>(at, size) → bytes with a copy of so many octets.</summary>
    public Routine OfRange => module.Routine("bytes.of", [ValType.I32, ValType.I32], [ValType.I32], body =>
    {
        var (at, size) = (body.Parameters[0], body.Parameters[1]);
        body.If(!size, () => body.Return(0));
        var made = body.I32(Make.Call(size.ExtendUnsigned(), 1));
        body.Copy(made + Items, at, size);
        body.Push(made);
    });

    /// <summary>(text) → its octets</summary>
    public Routine OfText => module.Routine("text.to_bytes", [ValType.I64], [ValType.I32], body =>
        body.Push(OfRange.Call(Texts.At(body.Parameters[0]), Texts.Size(body.Parameters[0]))));

    /// <summary>(bytes) → a copy in a block of its own.</summary>
    public Routine CopyBytes => module.Routine("bytes.copy", [ValType.I32], [ValType.I32], body =>
    {
        var bytes = body.Parameters[0];
        body.Push(OfRange.Call(bytes + Items, bytes.Load32(Length)));
    });

    /// <summary>(n) → so many octets of zero.</summary>
    public Routine Zeros => module.Routine("bytes.zeros", [ValType.I64], [ValType.I32], body =>
    {
        var made = body.I32(Make.Call(body.Parameters[0], 1));
        body.If(made, () => body.Fill(made + Items, 0, made.Load32(Length)));
        body.Push(made);
    });

    /// <summary>
    /// (bytes, at, size) → the address of so many octets from that index on; traps when they do not lie inside.
    /// </summary>
    public Routine Range =>
        module.Routine("bytes.range", [ValType.I32, ValType.I64, ValType.I32], [ValType.I32], body =>
    {
        var (bytes, at, size) = (body.Parameters[0], body.Parameters[1], body.Parameters[2]);
        var length = LengthOf(bytes);
        body.TrapIf(
            at.Above(length) | (length - at).Below(size.ExtendUnsigned()), GuestTrap.IndexOutOfRange);
        body.Push(bytes + Items + at.Wrap());
    });

    /// <summary>(bytes, at) → the four octets there as a number, little endian</summary>
    public Routine U32 => module.Routine("bytes.u32", [ValType.I32, ValType.I64], [ValType.I64], body =>
        body.Push(Range.Call(body.Parameters[0], body.Parameters[1], 4).Load32().ExtendUnsigned()));

    /// <summary>(bytes, at) → the eight octets there as a number, little endian</summary>
    public Routine I64 => module.Routine("bytes.i64", [ValType.I32, ValType.I64], [ValType.I64], body =>
        body.Push(Range.Call(body.Parameters[0], body.Parameters[1], 8).Load64()));

    private Routine TouchHead => module.Routine("list.touch_head", [ValType.I32], [], body =>
    {
        var list = body.Parameters[0];
        body.If(Undo.IsOld(list).AndThen(list.Load64(Stamp).IsNot(Heap.Stamp)), () =>
        {
            body.Call(Undo.Save, list, Items); // I2
            body.Store64(list, Heap.Stamp, Stamp);
        });
    });
}
