using System.Diagnostics;
using Tars.Bundle.Wasm;
using Tars.Lang.Emitting.Writing;
using Tars.Lang.Lowering;
using Tars.Lang.Types;

namespace Tars.Lang.Library;

/// <summary>
/// What is done with values of every type: load, store, copy, free, compare. One routine for each type that needs it.
/// </summary>
/// <remarks>
/// A value that lies in memory is passed by address, all others in a register. Memory of zeros is a value that owns
/// nothing, of every type.
/// </remarks>
internal sealed class Values(ModuleWriter module, Layouts layouts)
{
    public ModuleWriter Module => module;

    public Layouts Layouts => layouts;

    public Texts Texts { get; } = new(module);

    public Heap Heap { get; } = new(module);

    public Lists Lists { get; } = new(module);

    public Maps MapOf(Layout map)
    {
        var type = (LangType.Map)map.Type;
        return new Maps(this, layouts.Of(type.Key), layouts.Of(type.Value));
    }

    public Layout ElementOf(Layout list) => layouts.Of(((LangType.List)list.Type).Element);

    /// <summary>How a value is passed: its register, or an address.</summary>
    public static ValType PassedAs(Layout layout) => layout.Scalar ?? ValType.I32;

    /// <summary>The value at an address, or the address itself when it lies in memory.</summary>
    public static Term Load(Layout layout, Term address, int offset = 0) => layout.Scalar switch
    {
        ValType.I32 => address.Load32(offset),
        ValType.I64 => address.Load64(offset),
        ValType.F64 => address.LoadF64(offset),
        _ => offset == 0 ? address : address + offset,
    };

    /// <summary>Puts a register's value into memory.</summary>
    public static void Store(Body body, Layout layout, Term address, Term value, int offset = 0)
    {
        switch (layout.Scalar)
        {
            case ValType.I32:
                body.Store32(address, value, offset);
                break;
            case ValType.I64:
                body.Store64(address, value, offset);
                break;
            case ValType.F64:
                body.StoreF64(address, value, offset);
                break;
            default:
                throw new UnreachableException();
        }
    }

    /// <summary>(value) → one of its own; only of types in a register that own blocks.</summary>
    public Routine Copy(Layout layout) => layout.Shape switch
    {
        Shape.Text => Texts.Copy,
        Shape.Bytes => Lists.CopyBytes,
        Shape.List => Named("list.copy", layout, [ValType.I32], [ValType.I32], body =>
            WriteListCopy(body, ElementOf(layout))),
        Shape.Map => MapOf(layout).Copy,
        _ => throw new UnreachableException(),
    };

    /// <summary>(to, from): a copy of its own is put into memory, where nothing was.</summary>
    public Routine CopyInto(Layout layout) => Named("copy", layout, [ValType.I32, ValType.I32], [], body =>
    {
        var (to, from) = (body.Parameters[0], body.Parameters[1]);
        body.Copy(to, from, layout.Size);
        EachOwner(body, layout, from, part =>
            CopyPart(body, part.Layout, to + part.Offset, from + part.Offset));
    });

    /// <summary>Puts a copy of what lies at an address into memory where nothing was.</summary>
    public void CopyPart(Body body, Layout layout, Term to, Term from)
    {
        if (layout.InMemory)
        {
            if (layout.Owns)
            {
                body.Call(CopyInto(layout), to, from);
            }
            else
            {
                CopyWords(body, to, from, layout.Size);
            }
        }
        else if (layout.Shape != Shape.Unit)
        {
            var value = Load(layout, from);
            Store(body, layout, to, layout.Owns ? Copy(layout).Call(value) : value);
        }
    }

    /// <summary>Moves so many bytes, a multiple of 4; short runs word by word.</summary>
    public static void CopyWords(Body body, Term to, Term from, int size)
    {
        if (32 < size)
        {
            body.Copy(to, from, size);
            return;
        }

        for (int at = 0; at + 8 <= size; at += 8)
        {
            body.Store64(to, from.Load64(at), at);
        }

        if (size % 8 != 0)
        {
            body.Store32(to, from.Load32(size & ~7), size & ~7);
        }
    }

    /// <summary>(list, n) → a list of copies of its first n elements, or of all.</summary>
    public Routine Take(Layout layout) => Named("list.take", layout, [ValType.I32, ValType.I64], [ValType.I32], body =>
    {
        var (list, count) = (body.Parameters[0], body.Parameters[1]);
        var element = ElementOf(layout);
        body.If(count < 0L, () => body.Set(count, 0L));
        body.If(count > Lists.LengthOf(list), () => body.Set(count, Lists.LengthOf(list)));
        var made = body.I32(Lists.Make.Call(count, element.Size));
        EachItem(body, made, element, at => CopyPart(body, element, at, at - made + list));
        body.Push(made);
    });

    /// <summary>(value or address): what it owns is free again. Only of types that own blocks.</summary>
    public Routine Drop(Layout layout) => layout.Shape switch
    {
        Shape.Text => module.Routine(
            "text.drop", [ValType.I64], [], body => body.Call(Heap.Release, Texts.At(body.Parameters[0]))),
        Shape.Bytes => Heap.Release,
        Shape.Map => MapOf(layout).Drop,
        Shape.List => Named("list.drop", layout, [ValType.I32], [], body =>
        {
            var list = body.Parameters[0];
            var element = ElementOf(layout);
            if (element.Owns)
            {
                EachItem(body, list, element, at => DropAt(body, element, at));
            }

            body.Call(Heap.Release, list);
        }),
        _ => Named("drop", layout, [ValType.I32], [], body =>
            EachOwner(body, layout, body.Parameters[0], part =>
                DropAt(body, part.Layout, body.Parameters[0] + part.Offset))),
    };

    /// <summary>Frees what the value at an address owns.</summary>
    public void DropAt(Body body, Layout layout, Term address)
    {
        if (layout.Owns)
        {
            body.Call(Drop(layout), Load(layout, address));
        }
    }

    /// <summary>1 when the two are equal: values, or addresses of values in memory.</summary>
    public Term Same(Layout layout, Term a, Term b) => layout.Shape switch
    {
        Shape.Unit => 1,
        Shape.Bool or Shape.Choice or Shape.Int or Shape.Float => a.Is(b),
        Shape.Text => Texts.Equal.Call(a, b),
        Shape.Map => MapOf(layout).Equal.Call(a, b),
        _ => Equal(layout).Call(a, b),
    };

    /// <summary>-1, 0 or 1 of two values that have an order; a NaN is above all.</summary>
    public Term Compare(Layout layout, Term a, Term b) => layout.Shape switch
    {
        Shape.Bool or Shape.Choice or Shape.Int or Shape.Float => (a > b) - (a < b),
        Shape.Text => Texts.Compare.Call(a, b),
        Shape.Bytes => CompareBytes.Call(a, b),
        _ => throw new UnreachableException(),
    };

    /// <summary>Runs for the address of each element of a list.</summary>
    public static void EachItem(Body body, Variable list, Layout element, Action<Variable> each)
    {
        var at = body.Borrow(ValType.I32);
        var end = body.Borrow(ValType.I32);
        body.Set(at, list + Lists.Items);
        body.Set(end, at + (list.Load32(Lists.Length) * element.Size));
        body.While(at.Below(end), () =>
        {
            each(at);
            body.Set(at, at + element.Size);
        });
        body.GiveBack(at);
        body.GiveBack(end);
    }

    private Routine CompareBytes => module.Routine("bytes.compare", [ValType.I32, ValType.I32], [ValType.I32], body =>
    {
        var (a, b) = (body.Parameters[0], body.Parameters[1]);
        body.Push(Texts.Compare.Call(
            Texts.Pack(a + Lists.Items, a.Load32()), Texts.Pack(b + Lists.Items, b.Load32())));
    });

    private Routine Equal(Layout layout) => layout.Shape switch
    {
        Shape.Bytes => module.Routine("bytes.equal", [ValType.I32, ValType.I32], [ValType.I32], body =>
            body.Push(!CompareBytes.Call(body.Parameters[0], body.Parameters[1]))),
        Shape.List => Named("list.equal", layout, [ValType.I32, ValType.I32], [ValType.I32], body =>
        {
            var (a, b) = (body.Parameters[0], body.Parameters[1]);
            var element = ElementOf(layout);
            body.If(a.Load32().IsNot(b.Load32()), () => body.Return(0));
            EachItem(body, a, element, at => body.If(
                !Same(element, Load(element, at), Load(element, at - a + b)), () => body.Return(0)));
            body.Push(1);
        }),
        _ => Named("equal", layout, [ValType.I32, ValType.I32], [ValType.I32], body => WriteEqual(body, layout)),
    };

    private void WriteEqual(Body body, Layout layout)
    {
        var (a, b) = (body.Parameters[0], body.Parameters[1]);
        if (layout.Shape != Shape.Record)
        {
            body.If(a.Load32().IsNot(b.Load32()), () => body.Return(0));
        }

        EachCase(body, layout, a, parts =>
        {
            foreach (var part in parts)
            {
                body.If(
                    !Same(part.Layout, Load(part.Layout, a, part.Offset), Load(part.Layout, b, part.Offset)),
                    () => body.Return(0));
            }
        });
        body.Push(1);
    }

    private void WriteListCopy(Body body, Layout element)
    {
        var list = body.Parameters[0];
        body.If(!list.Load32(), () => body.Return(0));
        var made = body.I32(Lists.Make.Call(Lists.LengthOf(list), element.Size));
        if (element.Owns)
        {
            EachItem(body, list, element, at => CopyPart(body, element, at - list + made, at));
        }
        else
        {
            body.Copy(made + Lists.Items, list + Lists.Items, list.Load32() * element.Size);
        }

        body.Push(made);
    }

    /// <summary>
    /// Runs with the parts that the value at an address has: of a record all, else those of its case.
    /// </summary>
    public static void EachCase(Body body, Layout layout, Variable at, Action<IEnumerable<Part>> each)
    {
        if (layout.Shape == Shape.Record)
        {
            each(layout.Parts);
            return;
        }

        // none has no parts; a value has case 1. A T! has its value in case 0 and its Failure in case 1.
        int first = layout.Shape == Shape.Optional ? 1 : 0;
        for (int place = 0; place < layout.Cases.Length; place++)
        {
            var parts = layout.Cases[place];
            if (!parts.IsEmpty)
            {
                body.If(at.Load32().Is(place + first), () => each(parts));
            }
        }
    }

    private static void EachOwner(Body body, Layout layout, Variable at, Action<Part> each)
    {
        if (layout.Shape == Shape.Record)
        {
            EachCase(body, layout, at, parts => Owners(parts, each));
            return;
        }

        int first = layout.Shape == Shape.Optional ? 1 : 0;
        for (int place = 0; place < layout.Cases.Length; place++)
        {
            var parts = layout.Cases[place];
            if (parts.Any(part => part.Layout.Owns))
            {
                body.If(at.Load32().Is(place + first), () => Owners(parts, each));
            }
        }

        static void Owners(IEnumerable<Part> parts, Action<Part> each)
        {
            foreach (var part in parts.Where(part => part.Layout.Owns))
            {
                each(part);
            }
        }
    }

    public Routine Named(string name, Layout layout, ValType[] parameters, ValType[] results, Action<Body> write) =>
        module.Routine($"{name}#{layout.Id}", parameters, results, write);
}
