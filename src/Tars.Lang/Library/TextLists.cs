using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;
using Tars.Lang.Emitting.Writing;
using Tars.Lang.Types;

namespace Tars.Lang.Library;

/// <summary>What makes lists of texts, texts of lists, and other texts of texts.</summary>
internal sealed class TextLists(Values values)
{
    private const int Stride = 8;

    private ModuleWriter Module => values.Module;

    private Texts Texts => values.Texts;

    /// <summary>(text, separator) → the pieces between the separators; an empty separator traps.</summary>
    public Routine Split => Module.Routine("text.split", [ValType.I64, ValType.I64], [ValType.I32], body =>
    {
        var (text, separator) = (body.Parameters[0], body.Parameters[1]);
        body.TrapIf(!Texts.Size(separator), GuestTrap.ValueOutOfRange);
        var place = Frames.Enter(body, 8);
        body.Store32(place, 0);
        var at = body.I32(Texts.At(text));
        var end = body.I32(Texts.End(text));
        var stop = body.I32();
        var item = body.I32();
        body.Forever(exit =>
        {
            body.Set(stop, Texts.Find.Call(at, end, Texts.At(separator), Texts.Size(separator)));
            body.Set(item, values.Lists.Push.Call(place, Stride));
            body.Store64(item, Texts.Copy.Call(Texts.Pack(at, Term.Select(stop, stop, end) - at)));
            body.BreakIf(exit, !stop);
            body.Set(at, stop + Texts.Size(separator));
        });
        var made = body.I32(place.Load32());
        Frames.Leave(body, place);
        body.Push(made);
    });

    /// <summary>(list of text, separator) → one text</summary>
    public Routine Join => Module.Routine("text.join", [ValType.I32, ValType.I64], [ValType.I64], body =>
    {
        var (list, separator) = (body.Parameters[0], body.Parameters[1]);
        var element = values.Layouts.Of(new LangType.Text());
        var count = body.I64(Lists.LengthOf(list));
        body.If(!count, () => body.Return(0L));
        // Each size is below 2^30 and so is the count, so 64 bits hold the sum.
        var size = body.I64((separator >>> 32L) * (count - 1L));
        Values.EachItem(body, list, element, at => body.Set(size, size + (at.Load64() >>> 32L)));
        var block = body.I32(Texts.Room.Call(size));
        var to = body.I32(block);
        Values.EachItem(body, list, element, at =>
        {
            body.If(at.IsNot(list + Lists.Items), () => body.Set(to, Texts.Append.Call(to, separator)));
            body.Set(to, Texts.Append.Call(to, at.Load64()));
        });
        body.Push(Texts.Pack(block, size.Wrap()));
    });

    /// <summary>(text, old, new) → a new text; an empty old traps.</summary>
    public Routine Replace => Module.Routine(
        "text.replace", [ValType.I64, ValType.I64, ValType.I64], [ValType.I64], body =>
    {
        var (text, old, other) = (body.Parameters[0], body.Parameters[1], body.Parameters[2]);
        body.TrapIf(!Texts.Size(old), GuestTrap.ValueOutOfRange);
        var at = body.I32(Texts.At(text));
        var end = body.I32(Texts.End(text));
        var stop = body.I32();
        var count = body.I64(0L);
        Find(Texts.At(text));
        body.While(stop, () =>
        {
            body.Set(count, count + 1L);
            Find(stop + Texts.Size(old));
        });
        var size = body.I64((text >>> 32L) + (count * ((other >>> 32L) - (old >>> 32L))));
        var block = body.I32(Texts.Room.Call(size));
        var to = body.I32(block);
        Find(at);
        body.While(stop, () =>
        {
            body.Set(to, Texts.Append.Call(to, Texts.Pack(at, stop - at)));
            body.Set(to, Texts.Append.Call(to, other));
            body.Set(at, stop + Texts.Size(old));
            Find(at);
        });
        body.Set(to, Texts.Append.Call(to, Texts.Pack(at, end - at)));
        body.Push(Texts.Pack(block, size.Wrap()));

        void Find(Term from) => body.Set(stop, Texts.Find.Call(from, end, Texts.At(old), Texts.Size(old)));
    });

    /// <summary>(text) → its octets</summary>
    public Routine ToBytes => Module.Routine("text.to_bytes", [ValType.I64], [ValType.I32], body =>
        body.Push(values.Lists.OfRange.Call(Texts.At(body.Parameters[0]), Texts.Size(body.Parameters[0]))));
}
