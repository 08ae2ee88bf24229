using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;
using Tars.Lang.Emitting.Writing;
using Tars.Lang.Lowering;

namespace Tars.Lang.Library;

/// <summary>
/// Maps from one key type to one value type: trees of small blocks, walked in ascending order of keys.
/// </summary>
/// <remarks>
/// A map is a block with its count, its root and the root's height; the empty map may be 0. A leaf holds a count, then
/// its keys, then its values. An inner block holds a count of keys, its keys, and one child more than keys.
///
/// Invariants:
///   I1  In a block keys ascend. What is below the child left of a key is less than it; right of it, not less.
///   I2  Every key has exactly one owner: a leaf's entry, or the copy that parts two children.
///   I3  Beside a text stand its first eight bytes as a number, so that most comparisons need not look at the text.
///   I4  No block but the root is empty; one that becomes empty is freed at once, and others are never joined. Memory
///       then follows what was inserted, and every path keeps one length.
/// </remarks>
internal sealed partial class Maps
{
    /// <summary>u32 in the map's block, and in each block of the tree.</summary>
    public const int Count = 0;
    private const int Root = 4;
    private const int Height = 8;
    private const int HeadSize = 16;
    private const int Keys = 8;

    /// <summary>Bytes of a cursor: a height, then for each level above the leaves a block and a place in it.</summary>
    public const int CursorSize = 8 + (8 * (Limits.MapHeightMax + 1));

    private readonly Values _values;
    private readonly Layout _key;
    private readonly Layout _value;
    private readonly int _stride;
    private readonly int _keyAt;
    private readonly int _leafMax;
    private readonly int _valuesAt;
    private readonly int _childrenAt;

    public Maps(Values values, Layout key, Layout value)
    {
        _values = values;
        _key = key;
        _value = value;
        _keyAt = key.Shape == Shape.Text ? 8 : 0;
        _stride = _keyAt + key.Size;
        _leafMax = Math.Clamp(480 / (_stride + value.Size), Limits.MapEntriesMin, Limits.MapEntriesMax);
        _valuesAt = (Keys + (_leafMax * _stride) + 7) & ~7;
        _childrenAt = Keys + (Limits.MapEntriesMax * _stride);
    }

    private ModuleWriter Module => _values.Module;

    private Heap Heap => _values.Heap;

    private Undo Undo => new(Module);

    private ValType KeyType => Values.PassedAs(_key);

    private int LeafSize => _valuesAt + (_leafMax * _value.Size);

    private int InnerSize => _childrenAt + (4 * (Limits.MapEntriesMax + 1));

    /// <summary>(map, key) → the address of the value, or 0. The cell Result then holds its leaf.</summary>
    public Routine Find => Named("find", [ValType.I32, KeyType], [ValType.I32], body =>
    {
        var (map, key) = (body.Parameters[0], body.Parameters[1]);
        body.If(!map.Load32(Count), () => body.Return(0));
        var node = body.I32(map.Load32(Root));
        var height = body.I32(map.Load32(Height));
        var search = new SearchLoop(this, body, key);
        body.Forever(exit =>
        {
            search.Write(node);
            body.BreakIf(exit, !height);
            body.Set(node, ChildAt(node, search.Place + search.Found).Load32());
            body.Set(height, height - 1);
        });
        body.If(!search.Found, () => body.Return(0));
        body.Store32(MemoryMap.Result, node);
        body.Push(ValueAt(node, search.Place));
    });

    /// <summary>(map, key) → the address of the value; traps when the key is absent.</summary>
    public Routine Get => Named("get", [ValType.I32, KeyType], [ValType.I32], body =>
    {
        var value = body.I32(Find.Call(body.Parameters[0], body.Parameters[1]));
        body.TrapIf(!value, GuestTrap.KeyAbsent);
        body.Push(value);
    });

    /// <summary>(map, key) → the address of the value, which may be written; traps when the key is absent.</summary>
    public Routine Locate => Named("locate", [ValType.I32, KeyType], [ValType.I32], body =>
    {
        var value = body.I32(Find.Call(body.Parameters[0], body.Parameters[1]));
        body.TrapIf(!value, GuestTrap.KeyAbsent);
        Undo.Touch(body, Term.I32(MemoryMap.Result).Load32());
        body.Push(value);
    });

    /// <summary>
    /// (place, key) → the address of the key's value, which may be written; zeros when the key is new. The place holds
    /// the map.
    /// </summary>
    public Routine Insert => Named("insert", [ValType.I32, KeyType], [ValType.I32], body =>
    {
        var (place, key) = (body.Parameters[0], body.Parameters[1]);
        var value = body.I32(Find.Call(place.Load32(), key));
        body.If(value, () =>
        {
            Undo.Touch(body, Term.I32(MemoryMap.Result).Load32());
            body.Return(value);
        });
        body.Push(InsertNew.Call(place, key));
    });

    /// <summary>(map, key): the entry is gone, if there was one. The map's block may be written.</summary>
    public Routine Remove => Named("remove", [ValType.I32, KeyType], [], body =>
    {
        var (map, key) = (body.Parameters[0], body.Parameters[1]);
        body.If(!map.Load32(Count), () => body.Return());
        var answer = body.I32(Erase.Call(map.Load32(Root), map.Load32(Height), key));
        body.If(!answer, () => body.Return());
        Undo.Touch(body, map);
        body.Store32(map, map.Load32(Count) - 1, Count);
        body.If(!map.Load32(Height), () => body.Return());
        body.If(answer.Is(2), () =>
        {
            body.Call(Heap.Release, map.Load32(Root));
            body.Store32(map, NewBlock(LeafSize), Root);
            body.Store32(map.Load32(Root), 0, Count);
            body.Store32(map, 0, Height);
            body.Return();
        });
        var root = body.I32();
        body.While(map.Load32(Height).AndThen(!body.Parameters[0].Load32(Root).Load32(Count)), () =>
        {
            body.Set(root, map.Load32(Root));
            body.Store32(map, root.Load32(_childrenAt), Root);
            body.Store32(map, map.Load32(Height) - 1, Height);
            body.Call(Heap.Release, root);
        });
    });

    /// <summary>(map) → a copy of its own.</summary>
    public Routine Copy => Named("copy", [ValType.I32], [ValType.I32], body =>
    {
        var map = body.Parameters[0];
        body.If(!map.Load32(Count), () => body.Return(0));
        var made = body.I32(NewBlock(HeadSize));
        body.Copy(made, map, HeadSize);
        body.Store32(made, CopyNode.Call(map.Load32(Root), map.Load32(Height)), Root);
        body.Push(made);
    });

    /// <summary>(map): its blocks are free again.</summary>
    public Routine Drop => Named("drop", [ValType.I32], [], body =>
    {
        var map = body.Parameters[0];
        body.If(!map, () => body.Return());
        body.Call(DropNode, map.Load32(Root), map.Load32(Height));
        body.Call(Heap.Release, map);
    });

    /// <summary>(a, b) → 1 when both hold the same.</summary>
    public Routine Equal => Named("equal", [ValType.I32, ValType.I32], [ValType.I32], body =>
    {
        var (a, b) = (body.Parameters[0], body.Parameters[1]);
        body.If(a.Load32(Count).IsNot(b.Load32(Count)), () => body.Return(0));
        var cursor = Frames.Enter(body, CursorSize);
        var other = body.I32();
        Walk(body, a, cursor, (key, value) =>
        {
            body.Set(other, Find.Call(b, Values.Load(_key, key)));
            body.If(!other, Different);
            body.If(!_values.Same(_value, Values.Load(_value, value), Values.Load(_value, other)), Different);
        });
        Frames.Leave(body, cursor);
        body.Push(1);

        void Different()
        {
            Frames.Leave(body, cursor);
            body.Return(0);
        }
    });

    /// <summary>(map) → a list of copies of its keys, ascending.</summary>
    public Routine KeysOf(Layout list) => Named("keys", [ValType.I32], [ValType.I32], body =>
    {
        var map = body.Parameters[0];
        var element = _values.ElementOf(list);
        var cursor = Frames.Enter(body, CursorSize);
        var made = body.I32(_values.Lists.Make.Call(map.Load32(Count).ExtendUnsigned(), element.Size));
        var to = body.I32(made + Lists.Items);
        Walk(body, map, cursor, (key, _) =>
        {
            _values.CopyPart(body, _key, to, key);
            body.Set(to, to + element.Size);
        });
        Frames.Leave(body, cursor);
        body.Push(made);
    });

    /// <summary>
    /// Runs for the addresses of each key and value, ascending. The cursor is memory of <see cref="CursorSize"/>.
    /// </summary>
    public void Walk(Body body, Variable map, Variable cursor, Action<Variable, Variable> each)
    {
        var leaf = body.Borrow(ValType.I32);
        var place = body.Borrow(ValType.I32);
        var key = body.Borrow(ValType.I32);
        var value = body.Borrow(ValType.I32);
        body.Set(leaf, First.Call(cursor, map));
        body.While(leaf, () =>
        {
            body.Set(place, 0);
            body.While(place.Below(leaf.Load32(Count)), () =>
            {
                body.Set(key, KeyAt(leaf, place));
                body.Set(value, ValueAt(leaf, place));
                body.Set(place, place + 1);
                each(key, value);
            });
            body.Set(leaf, NextLeaf.Call(cursor));
        });
        body.GiveBack(leaf);
        body.GiveBack(place);
        body.GiveBack(key);
        body.GiveBack(value);
    }

    /// <summary>(map) → the address of the lowest key, or 0.</summary>
    public Routine Lowest => Named("lowest", [ValType.I32], [ValType.I32], body =>
    {
        var map = body.Parameters[0];
        body.If(!map.Load32(Count), () => body.Return(0));
        body.Push(KeyAt(LeafUnder(body, body.I32(map.Load32(Root)), body.I32(map.Load32(Height))), 0));
    });

    /// <summary>(map, key) → the address of the lowest key above that one, or 0.</summary>
    public Routine Above => Named("above", [ValType.I32, KeyType], [ValType.I32], body =>
    {
        var (map, key) = (body.Parameters[0], body.Parameters[1]);
        body.If(!map.Load32(Count), () => body.Return(0));
        var node = body.I32(map.Load32(Root));
        var height = body.I32(map.Load32(Height));
        var place = body.I32();
        // The nearest subtree to the right of the way down.
        var next = body.I32(0);
        var nextHeight = body.I32();
        var search = new SearchLoop(this, body, key);
        body.Forever(exit =>
        {
            search.Write(node);
            body.Set(place, search.Place + search.Found);
            body.BreakIf(exit, !height);
            body.Set(height, height - 1);
            body.If(place.Below(node.Load32(Count)), () =>
            {
                body.Set(next, ChildAt(node, place + 1).Load32());
                body.Set(nextHeight, height);
            });
            body.Set(node, ChildAt(node, place).Load32());
        });
        body.If(place.Below(node.Load32(Count)), () => body.Return(KeyAt(node, place)));
        body.If(!next, () => body.Return(0));
        body.Push(KeyAt(LeafUnder(body, next, nextHeight), 0)); // I4
    });

    private Variable LeafUnder(Body body, Variable node, Variable height)
    {
        body.While(height, () =>
        {
            body.Set(node, node.Load32(_childrenAt));
            body.Set(height, height - 1);
        });
        return node;
    }

    /// <summary>(cursor, map) → the first leaf, or 0.</summary>
    private Routine First => Named("first", [ValType.I32, ValType.I32], [ValType.I32], body =>
    {
        var (cursor, map) = (body.Parameters[0], body.Parameters[1]);
        body.If(!map.Load32(Count), () =>
        {
            body.Store32(cursor, 0);
            body.Return(0);
        });
        body.Store32(cursor, map.Load32(Height));
        body.Push(Descend.Call(cursor, map.Load32(Height), map.Load32(Root)));
    });

    /// <summary>(cursor) → the leaf after the one that was answered last, or 0.</summary>
    private Routine NextLeaf => Named("next", [ValType.I32], [ValType.I32], body =>
    {
        var cursor = body.Parameters[0];
        var level = body.I32(1);
        var at = body.I32();
        var place = body.I32();
        body.While(level.AtMost(cursor.Load32()), () =>
        {
            body.Set(at, cursor + (level << 3));
            body.Set(place, at.Load32(4) + 1);
            body.If(place.AtMost(at.Load32().Load32(Count)), () =>
            {
                body.Store32(at, place, 4);
                body.Return(Descend.Call(cursor, level - 1, ChildAt(at.Load32(), place).Load32()));
            });
            body.Set(level, level + 1);
        });
        body.Push(0);
    });

    /// <summary>(cursor, height, node) → the leftmost leaf below the node; the cursor notes the way.</summary>
    private Routine Descend => Named("descend", [ValType.I32, ValType.I32, ValType.I32], [ValType.I32], body =>
    {
        var (cursor, height, node) = (body.Parameters[0], body.Parameters[1], body.Parameters[2]);
        body.While(height, () =>
        {
            body.Store32(cursor + (height << 3), node);
            body.Store32(cursor + (height << 3), 0, 4);
            body.Set(node, node.Load32(_childrenAt));
            body.Set(height, height - 1);
        });
        body.Push(node);
    });

    /// <summary>(node, key) → twice the place of the first key not less than it, plus 1 when that is equal.</summary>
    private Routine Search => Keyed("search", [ValType.I32, KeyType], [ValType.I32], body =>
    {
        var search = new SearchLoop(this, body, body.Parameters[1]);
        search.Write(body.Parameters[0]);
        body.Push((search.Place << 1) | search.Found);
    });

    /// <summary>(node, key) → which child the key is below.</summary>
    private Routine ChildPlace => Keyed("child", [ValType.I32, KeyType], [ValType.I32], body =>
    {
        var place = body.I32(Search.Call(body.Parameters[0], body.Parameters[1]));
        body.Push((place >>> 1) + (place & 1));
    });

    /// <summary>
    /// (place, key, which is new) → the address of its value, which is zeros. The place holds the map.
    /// </summary>
    public Routine InsertNew => Named("insert_new", [ValType.I32, KeyType], [ValType.I32], body =>
    {
        var (place, key) = (body.Parameters[0], body.Parameters[1]);
        var map = body.I32(place.Load32());
        body.If(!map, () =>
        {
            body.Set(map, NewBlock(HeadSize));
            body.Store32(place, map);
            body.Store64(map, 0L, Count);
            body.Store64(map, 0L, Height);
            body.Store32(map, NewBlock(LeafSize), Root);
            body.Store32(map.Load32(Root), 0, Count);
        });
        Undo.Touch(body, map);
        var node = body.I32(map.Load32(Root));
        var height = body.I32(map.Load32(Height));
        var child = body.I32();
        var at = body.I32();
        body.If(node.Load32(Count).Is(MaxAt(height)), () =>
        {
            body.TrapIf(height.AtLeast(Limits.MapHeightMax), GuestTrap.OutOfMemory);
            body.Set(child, NewBlock(InnerSize));
            body.Store32(child, 0, Count);
            body.Store32(child, node, _childrenAt);
            body.Call(Split, child, 0, height);
            body.Store32(map, child, Root);
            body.Set(height, height + 1);
            body.Store32(map, height, Height);
            body.Set(node, child);
        });
        body.While(height, () =>
        {
            body.Set(height, height - 1);
            body.Set(at, ChildPlace.Call(node, key));
            body.Set(child, ChildAt(node, at).Load32());
            body.If(child.Load32(Count).Is(MaxAt(height)), () =>
            {
                body.Call(Split, node, at, height);
                body.Set(child, ChildAt(node, ChildPlace.Call(node, key)).Load32());
            });
            body.Set(node, child);
        });
        body.Store32(map, map.Load32(Count) + 1, Count);
        body.Push(InsertInLeaf.Call(node, key));
    });

    private void DropKey(Body body, Term address) => _values.DropAt(body, _key, address);

    private Term OwnKey(Term key) => _key.Owns ? _values.Copy(_key).Call(key) : key;

    private Term NewBlock(int size) => Heap.Allocate.Call(size);

    private Term MaxAt(Variable height) => Term.Select(height, Limits.MapEntriesMax, _leafMax);

    private Term EntryAt(Term node, Term place) => node + Keys + (place * _stride);

    private Term KeyAt(Term node, Term place) => node + (Keys + _keyAt) + (place * _stride);

    private Term ValueAt(Term node, Term place) => node + _valuesAt + (place * _value.Size);

    private Term ChildAt(Term node, Term place) => node + _childrenAt + (place << 2);

    // I3
    private void StoreKey(Body body, Term entry, Term key)
    {
        Values.Store(body, _key, entry, key, _keyAt);
        if (_keyAt != 0)
        {
            body.Store64(entry, _values.Texts.Prefix.Call(entry.Load64(_keyAt)));
        }
    }

    // What depends on both types.
    private Routine Named(string name, ValType[] parameters, ValType[] results, Action<Body> write) =>
        Module.Routine($"map.{name}#{_key.Id}.{_value.Id}", parameters, results, write);

    // What depends on the key alone, as keys begin at one place in every block.
    private Routine Keyed(string name, ValType[] parameters, ValType[] results, Action<Body> write) =>
        Module.Routine($"map.{name}#{_key.Id}", parameters, results, write);
}
