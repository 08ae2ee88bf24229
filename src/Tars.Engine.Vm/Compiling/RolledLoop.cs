using Tars.Bundle.Wasm;
using Tars.Bundle.Wasm.Loops;

namespace Tars.Engine.Vm.Compiling;

/// <summary>A straight loop whose turn does the same thing several times, one step further each time: what compilers
/// make of a loop that they unroll.</summary>
/// <remarks>
/// LLVM makes vectors of turns; of one that holds several it must take the vectors apart and together again. So such a
/// loop is rolled up again: its first part is run for all parts of all turns.
///
/// What each store writes is followed as a tree. A part has as many stores as every other, and the trees of the second
/// part are those of the first with all addresses one step further, and so on. Nothing but counters goes from turn to
/// turn.
///
/// Invariants:
///   I1  Stores keep their order: rolled up, each part has those of the first, one step further.
///   I2  A load that a store needs finds what it would have found: it stands on the same side of all stores that it
///       meets, those of its own part and those of the parts before. Those of later parts stand behind what needs it.
/// </remarks>
internal sealed class RolledLoop
{
    private readonly LoopPlan _plan;
    private readonly IReadOnlyDictionary<Opcode, IrRow> _rows;
    private readonly List<Node> _stack = [];
    private readonly Dictionary<int, Node> _locals = [];
    private readonly HashSet<int> _carried = [];
    private readonly List<Store> _stores = [];
    private readonly HashSet<(Node, Node, int)> _alike = [];
    private readonly HashSet<Node> _ordered = [];
    private bool _isStrange;

    private RolledLoop(LoopPlan plan, IReadOnlyDictionary<Opcode, IrRow> rows)
    {
        _plan = plan;
        _rows = rows;
    }

    /// <summary>How many parts a turn has.</summary>
    public int PartCount { get; private set; }

    /// <summary>Where the first part ends in the body.</summary>
    public int PartEnd { get; private set; }

    /// <summary>Null where a turn is not made of equal parts.</summary>
    public static RolledLoop? Of(
        ValidatedFunction function, LoopPlan plan, int start, IReadOnlyDictionary<Opcode, IrRow> rows)
    {
        var loop = new RolledLoop(plan, rows);
        var reader = new InstructionReader(function.Body.Span, start);
        while (reader.Next() && reader.Opcode is not Opcode.BrIf && !loop._isStrange)
        {
            loop.Step(in reader);
        }

        return !loop._isStrange && loop.IsCarriedByCounters() && loop.FindParts() ? loop : null;
    }

    private void Step(in InstructionReader at)
    {
        switch (at.Opcode)
        {
            case Opcode.LocalGet:
                _stack.Add(Local(at.Index));
                return;
            case Opcode.LocalSet:
                _locals[at.Index] = Pop();
                return;
            case Opcode.LocalTee:
                _locals[at.Index] = _stack[^1];
                return;
            case Opcode.I32Const or Opcode.I64Const or Opcode.F32Const or Opcode.F64Const:
                _stack.Add(new Node(at.Opcode, [], at.Bits));
                return;
            case Opcode.GlobalGet:
                _stack.Add(new Node(at.Opcode, [], at.Index));
                return;
            case Opcode.Select or Opcode.SelectTyped:
                _stack.Add(new Node(Opcode.Select, Pop(3), 0));
                return;
            case Opcode.Nop:
                return;
            default:
                Apply(in at);
                return;
        }
    }

    private void Apply(in InstructionReader at)
    {
        if (at.Info.Signature is not { } signature || signature.Parameters.Any(type => type is ValType.V128))
        {
            _isStrange = true; // Vectors need no rolling.
            return;
        }

        var operands = Pop(signature.Parameters.Length);
        if (!_plan.Covered.TryGetValue(at.Position, out var access))
        {
            _isStrange |= !_rows.ContainsKey(at.Opcode);
            _stack.Add(new Node(at.Opcode, operands, at.Lane));
            return;
        }

        var place = new Place(access.Walk, access.Distance + at.Offset, 1 << at.Info.Align!.Value, at.Position);
        if (access.IsLoad)
        {
            _stack.Add(new Node(at.Opcode, [], 0) { Place = place });
            return;
        }

        _stores.Add(new Store(at.Opcode, operands[1], place, at.End, IsCut: _stack.Count == 0));
        _isStrange |= Limits.RolledStoreCountMax < _stores.Count;
    }

    private Node Local(int index)
    {
        if (_locals.TryGetValue(index, out var known))
        {
            return known;
        }

        _carried.Add(index);
        return new Node(Opcode.LocalGet, [], index);
    }

    // A local that a turn reads before it sets it.
    private bool IsCarriedByCounters() => _carried.Intersect(_locals.Keys)
        .All(local => _plan.Turns!.Counters.Any(counter => counter.Local == local));

    private bool FindParts()
    {
        for (int size = 1; size <= _stores.Count / 2; size++)
        {
            int count = _stores.Count / size;
            if (_stores.Count % size == 0 && _stores[size - 1].IsCut && IsMadeOf(count, size))
            {
                PartCount = count;
                PartEnd = _stores[size - 1].End;
                return true;
            }
        }

        return false;
    }

    private bool IsMadeOf(int count, int size)
    {
        if (_plan.Walks.Any(walk => !walk.Step.IsConstant || (int)walk.Step.Constant % count != 0))
        {
            return false;
        }

        for (int place = size; place < _stores.Count; place++)
        {
            var first = _stores[place % size];
            var store = _stores[place];
            int part = place / size;
            _ordered.Clear();
            if (store.Opcode != first.Opcode || !IsFurther(first.Place, store.Place, part, count)
                || !IsAlike(first.Value, store.Value, part, count)
                || !KeepsOrder(store.Value, part * size))
            {
                return false;
            }
        }

        return true;
    }

    private bool IsFurther(Place first, Place other, int part, int count) => first.Walk == other.Walk
        && other.Distance - first.Distance == (long)(int)_plan.Walks[first.Walk].Step.Constant / count * part;

    private bool IsAlike(Node first, Node other, int part, int count)
    {
        if (!_alike.Add((first, other, (count << 16) | part)))
        {
            return true; // Looked at before, or being looked at; what is not alike ends it all.
        }

        if (first.Opcode != other.Opcode || first.Bits != other.Bits || first.Operands.Length != other.Operands.Length)
        {
            return false;
        }

        if (first.Opcode is Opcode.LocalGet && _locals.ContainsKey((int)first.Bits))
        {
            return false; // A counter as a number.
        }

        if (first.Place is { } from)
        {
            return other.Place is { } to && IsFurther(from, to, part, count) && StandsAlike(from, to, part, count);
        }

        return first.Operands.Zip(other.Operands).All(pair => IsAlike(pair.First, pair.Second, part, count));
    }

    // Rolled up, each part loads and stores in the order of the first. What its own part stores over a load must stand
    // on the same side of it in both.
    private bool StandsAlike(Place first, Place other, int part, int count)
    {
        int size = _stores.Count / count;
        for (int place = 0; place < size; place++)
        {
            var store = _stores[place].Place;
            if (store.Meets(first)
                && (store.Position < first.Position)
                != (_stores[(part * size) + place].Place.Position < other.Position))
            {
                return false;
            }
        }

        return true;
    }

    // Rolled up, what a part loads is loaded behind the stores of all parts before it: it must not be theirs, unless
    // it was loaded behind them before.
    private bool KeepsOrder(Node value, int storesBefore)
    {
        if (!_ordered.Add(value))
        {
            return true;
        }

        if (value.Place is { } load)
        {
            return _stores.Take(storesBefore)
                .All(store => !store.Place.Meets(load) || store.Place.Position < load.Position);
        }

        return value.Operands.All(operand => KeepsOrder(operand, storesBefore));
    }

    private Node Pop()
    {
        if (_stack.Count == 0)
        {
            _isStrange = true;
            return new Node(Opcode.Nop, [], 0);
        }

        var node = _stack[^1];
        _stack.RemoveAt(_stack.Count - 1);
        return node;
    }

    private Node[] Pop(int count)
    {
        var nodes = new Node[count];
        for (int place = count - 1; 0 <= place; place--)
        {
            nodes[place] = Pop();
        }

        return nodes;
    }

    /// <summary>What an instruction gives; compared by reference, so that a value that is used twice is one.</summary>
    private sealed class Node(Opcode opcode, Node[] operands, long bits)
    {
        public Opcode Opcode => opcode;

        public Node[] Operands => operands;

        /// <summary>The constant, the index or the lane.</summary>
        public long Bits => bits;

        /// <summary>Set where it is loaded.</summary>
        public Place? Place { get; init; }
    }

    /// <param name="Distance">From the lowest address of the walk.</param>
    private sealed record Place(int Walk, long Distance, int Size, int Position)
    {
        /// <summary>Whether both use an octet in one turn; of different walks they do not, which is checked before the
        /// loop.</summary>
        public bool Meets(Place other) => Walk == other.Walk
            && Distance < other.Distance + other.Size && other.Distance < Distance + Size;
    }

    /// <param name="IsCut">Behind it no operand is left over.</param>
    private sealed record Store(Opcode Opcode, Node Value, Place Place, int End, bool IsCut);
}
