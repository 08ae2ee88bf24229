using Tars.Bundle.Wasm;
using Tars.Lang.Emitting.Writing;

namespace Tars.Lang.Library;

/// <summary>What is done with one block of a map's tree: entries come and go, a full block becomes two.</summary>
internal sealed partial class Maps
{
    private Routine InsertInLeaf => Named("insert_leaf", [ValType.I32, KeyType], [ValType.I32], body =>
    {
        var (leaf, key) = (body.Parameters[0], body.Parameters[1]);
        Undo.Touch(body, leaf);
        var at = body.I32(Search.Call(leaf, key) >>> 1);
        var behind = body.I32(leaf.Load32(Count) - at);
        var value = body.I32(ValueAt(leaf, at));
        body.Copy(EntryAt(leaf, at + 1), EntryAt(leaf, at), behind * _stride);
        body.Copy(value + _value.Size, value, behind * _value.Size);
        body.Store32(leaf, leaf.Load32(Count) + 1, Count);
        StoreKey(body, EntryAt(leaf, at), OwnKey(key));
        body.Fill(value, 0, _value.Size);
        body.Push(value);
    });

    /// <summary>(parent, place, height): the full child at that place becomes two. The parent has room.</summary>
    private Routine Split => Named("split", [ValType.I32, ValType.I32, ValType.I32], [], body =>
    {
        var (parent, place, height) = (body.Parameters[0], body.Parameters[1], body.Parameters[2]);
        Undo.Touch(body, parent);
        var left = body.I32(ChildAt(parent, place).Load32());
        Undo.Touch(body, left);
        var right = body.I32();
        var behind = body.I32(parent.Load32(Count) - place);
        body.Copy(EntryAt(parent, place + 1), EntryAt(parent, place), behind * _stride);
        body.Copy(ChildAt(parent, place + 2), ChildAt(parent, place + 1), behind << 2);
        body.If(height, () => SplitInner(body, left, right), () => SplitLeaf(body, left, right));
        // The key that parts the two lies behind the left one's keys, or is the right one's first. // I2
        StoreKey(body, EntryAt(parent, place), Term.Choose(
            height,
            Values.Load(_key, KeyAt(left, left.Load32(Count))),
            OwnKey(Values.Load(_key, KeyAt(right, 0)))));
        body.Store32(ChildAt(parent, place + 1), right);
        body.Store32(parent, parent.Load32(Count) + 1, Count);
    });

    /// <summary>
    /// (node, height, key) → 0 when there was no such key, 1 when it is gone, 2 when the node is empty now.
    /// </summary>
    private Routine Erase => Named("erase", [ValType.I32, ValType.I32, KeyType], [ValType.I32], body =>
    {
        var (node, height, key) = (body.Parameters[0], body.Parameters[1], body.Parameters[2]);
        var at = body.I32();
        body.If(!height, () =>
        {
            body.Set(at, Search.Call(node, key));
            body.If(!(at & 1), () => body.Return(0));
            EraseInLeaf(body, node, at);
        });
        body.Set(at, ChildPlace.Call(node, key));
        var child = body.I32(ChildAt(node, at).Load32());
        var answer = body.I32(Erase.Call(child, height - 1, key));
        body.If(answer.IsNot(2), () => body.Return(answer));
        body.Call(Heap.Release, child);
        var left = body.I32(node.Load32(Count));
        body.If(!left, () => body.Return(2));
        Undo.Touch(body, node);
        body.Copy(ChildAt(node, at), ChildAt(node, at + 1), (left - at) << 2);
        // The key left of the child goes with it; for the first child the one to its right.
        body.Set(at, Term.Select(at, at - 1, 0));
        DropKey(body, KeyAt(node, at));
        body.Set(left, left - 1);
        body.Copy(EntryAt(node, at), EntryAt(node, at + 1), (left - at) * _stride);
        body.Store32(node, left, Count);
        body.Push(1);
    });

    private Routine CopyNode => Named("copy_node", [ValType.I32, ValType.I32], [ValType.I32], body =>
    {
        var (node, height) = (body.Parameters[0], body.Parameters[1]);
        var size = body.I32(Term.Select(height, InnerSize, LeafSize));
        var made = body.I32(Heap.Allocate.Call(size));
        body.Copy(made, node, size);
        EachPlace(body, node, at =>
        {
            _values.CopyPart(body, _key, KeyAt(made, at), KeyAt(node, at));
            body.If(
                height,
                () => body.Store32(ChildAt(made, at), CopyNode.Call(ChildAt(node, at).Load32(), height - 1)),
                () => _values.CopyPart(body, _value, ValueAt(made, at), ValueAt(node, at)));
        });
        body.If(height, () =>
        {
            var last = node.Load32(Count);
            body.Store32(ChildAt(made, last), CopyNode.Call(ChildAt(node, last).Load32(), height - 1));
        });
        body.Push(made);
    });

    private Routine DropNode => Named("drop_node", [ValType.I32, ValType.I32], [], body =>
    {
        var (node, height) = (body.Parameters[0], body.Parameters[1]);
        EachPlace(body, node, at =>
        {
            DropKey(body, KeyAt(node, at));
            body.If(
                height,
                () => body.Call(DropNode, ChildAt(node, at).Load32(), height - 1),
                () => _values.DropAt(body, _value, ValueAt(node, at)));
        });
        body.If(height, () => body.Call(DropNode, ChildAt(node, node.Load32(Count)).Load32(), height - 1));
        body.Call(Heap.Release, node);
    });

    private void EraseInLeaf(Body body, Variable leaf, Variable found)
    {
        Undo.Touch(body, leaf);
        body.Set(found, found >>> 1);
        DropKey(body, KeyAt(leaf, found));
        _values.DropAt(body, _value, ValueAt(leaf, found));
        var left = body.I32(leaf.Load32(Count) - 1);
        body.Store32(leaf, left, Count);
        body.Copy(EntryAt(leaf, found), EntryAt(leaf, found + 1), (left - found) * _stride);
        body.Copy(ValueAt(leaf, found), ValueAt(leaf, found + 1), (left - found) * _value.Size);
        body.Return(Term.Select(left, 1, 2));
    }

    private void SplitLeaf(Body body, Variable left, Variable right)
    {
        int keep = _leafMax / 2;
        int move = _leafMax - keep;
        body.Set(right, NewBlock(LeafSize));
        body.Copy(right + Keys, EntryAt(left, keep), move * _stride);
        body.Copy(right + _valuesAt, ValueAt(left, keep), move * _value.Size);
        body.Store32(right, move, Count);
        body.Store32(left, keep, Count);
    }

    private void SplitInner(Body body, Variable left, Variable right)
    {
        int keep = Limits.MapEntriesMax / 2;
        int move = Limits.MapEntriesMax - keep - 1;
        body.Set(right, NewBlock(InnerSize));
        body.Copy(right + Keys, EntryAt(left, keep + 1), move * _stride);
        body.Copy(right + _childrenAt, ChildAt(left, keep + 1), (move + 1) * 4);
        body.Store32(right, move, Count);
        body.Store32(left, keep, Count);
    }

    private static void EachPlace(Body body, Variable node, Action<Variable> each)
    {
        var at = body.I32(0);
        body.While(at.Below(node.Load32(Count)), () =>
        {
            each(at);
            body.Set(at, at + 1);
        });
    }
}
