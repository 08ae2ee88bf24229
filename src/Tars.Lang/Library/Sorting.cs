using Tars.Bundle.Wasm;
using Tars.Lang.Emitting.Writing;
using Tars.Lang.Lowering;

namespace Tars.Lang.Library;

/// <summary>A stable merge sort of entries that hold a key and the address of an element.</summary>
internal sealed class Sorting(Values values, Layout key)
{
    public const int Key = 0;
    public const int Item = 8;
    public const int EntrySize = 16;

    private Lists Lists => values.Lists;

    /// <summary>(entries) → the same in ascending order of keys; the argument is used up.</summary>
    public Routine Sort => values.Named("sort", key, [ValType.I32], [ValType.I32], body =>
    {
        var from = body.Parameters[0];
        var count = body.I32(from.Load32(Lists.Length));
        body.If(count.Below(2), () => body.Return(from));
        var to = body.I32(Lists.Make.Call(count.ExtendUnsigned(), EntrySize));
        var width = body.I32(1);
        var start = body.I32();
        var swap = body.I32();
        body.While(width.Below(count), () =>
        {
            body.Set(start, 0);
            body.While(start.Below(count), () =>
            {
                body.Call(Merge, from, to, start, width);
                body.Set(start, start + (width << 1));
            });
            body.Set(swap, from);
            body.Set(from, to);
            body.Set(to, swap);
            body.Set(width, width << 1);
        });
        body.Call(values.Heap.Release, to);
        body.Push(from);
    });

    /// <summary>(from, to, start, width): two runs of that width become one; the last may be shorter.</summary>
    private Routine Merge =>
        values.Named("merge", key, [ValType.I32, ValType.I32, ValType.I32, ValType.I32], [], body =>
    {
        var (from, to, start, width) = (body.Parameters[0], body.Parameters[1], body.Parameters[2], body.Parameters[3]);
        var count = body.I32(from.Load32(Lists.Length));
        var left = body.I32(Entry(from, start));
        var right = body.I32(Entry(from, Lesser(start + width, count)));
        var middle = body.I32(right);
        var end = body.I32(Entry(from, Lesser(start + (width << 1), count)));
        var at = body.I32(Entry(to, start));
        var chosen = body.I32();
        body.While(left.Below(middle) | right.Below(end), () =>
        {
            // The left one unless it is used up or the right one is less, so that equals keep their order.
            body.Set(chosen, left);
            body.If(left.AtLeast(middle), () => body.Set(chosen, right), () => body.If(
                right.Below(end).AndThen(Compare(right, left) < 0),
                () => body.Set(chosen, right)));
            body.Store64(at, chosen.Load64(Key), Key);
            body.Store64(at, chosen.Load64(Item), Item);
            body.Set(at, at + EntrySize);
            body.If(
                chosen.Is(left).AndThen(left.Below(middle)),
                () => body.Set(left, left + EntrySize),
                () => body.Set(right, right + EntrySize));
        });
    });

    private Term Compare(Variable a, Variable b) =>
        values.Compare(key, Values.Load(key, a, Key), Values.Load(key, b, Key));

    private static Term Entry(Term list, Term place) => list + Lists.Items + (place << 4);

    private static Term Lesser(Term a, Term b) => Term.Select(a.Below(b), a, b);
}
