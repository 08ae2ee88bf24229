using System.Buffers.Binary;
using System.Collections.Immutable;
using Tars.Bundle.Wasm;
using Tars.Bundle.Wasm.Loops;

namespace Tars.Engine.Vm.Compiling;

/// <summary>A straight loop whose turn does the same thing several times, one step further each time: what compilers
/// make of a loop that they unroll, or make vectors of.</summary>
/// <remarks>
/// LLVM makes vectors of turns; of one that holds several it must take the vectors apart and together again, and
/// vectors of vectors it does not make at all. So such a loop is rolled up again: its first part is run for all parts
/// of all turns. A vector of floats is as many parts as it has lanes.
///
/// What each store writes is followed as a tree. A part has as many stores as every other, and the trees of the second
/// part are those of the first with all addresses one step further, and so on. Nothing but counters goes from turn to
/// turn.
///
/// Invariants:
///   I1  Rolled up, each part has the stores of the first, one step further, in their order. Where that is another
///       order than the turn's, no two of its stores meet.
///   I2  A load that a store needs finds what it would have found: it stands on the same side of all stores that it
///       meets, those of its own part and those of the parts before. Those of later parts stand behind what needs it.
/// </remarks>
internal sealed partial class RolledLoop
{
    private readonly LoopPlan _plan;
    private readonly ValidatedFunction _function;
    private readonly IReadOnlyDictionary<Opcode, IrRow> _rows;
    private readonly List<Node> _stack = [];
    private readonly Dictionary<int, Node> _locals = [];
    private readonly HashSet<int> _carried = [];
    private readonly HashSet<(int Local, ValType Lane)> _splats = [];
    private readonly List<Store> _stores = [];
    private readonly HashSet<(Node, Node, int)> _alike = [];
    private readonly HashSet<Node> _ordered = [];
    private bool _isStrange;

    private RolledLoop(ValidatedFunction function, LoopPlan plan, IReadOnlyDictionary<Opcode, IrRow> rows)
    {
        _function = function;
        _plan = plan;
        _rows = rows;
    }

    /// <summary>How many parts a turn has.</summary>
    public int PartCount { get; private set; }

    /// <summary>The stores of the first part, in their order.</summary>
    public ImmutableArray<Store> FirstPart { get; private set; } = [];

    /// <summary>What must be set when turns were left out.</summary>
    public ImmutableArray<LoopPlan.Counter> Counters { get; private set; } = [];

    /// <summary>Vectors are taken apart into lanes.</summary>
    public bool HasLanes { get; private set; }

    /// <summary>Locals of vectors that must have the same in all lanes, which are of that type.</summary>
    public IReadOnlyCollection<(int Local, ValType Lane)> Splats => _splats;

    /// <summary>Null where a turn is not made of equal parts.</summary>
    public static RolledLoop? Of(
        ValidatedFunction function, LoopPlan plan, int start, IReadOnlyDictionary<Opcode, IrRow> rows)
    {
        var loop = new RolledLoop(function, plan, rows);
        var reader = new InstructionReader(function.Body.Span, start);
        while (reader.Next() && reader.Opcode is not Opcode.BrIf && !loop._isStrange)
        {
            loop.Step(in reader);
        }

        return !loop._isStrange && loop.IsCarriedByCounters() && loop.TakeApart() && loop.FindParts() ? loop : null;
    }

    /// <summary>What the stores of the first part need from memory.</summary>
    public HashSet<Node> LoadsOfFirstPart()
    {
        var seen = new HashSet<Node>();
        var left = new Stack<Node>(FirstPart.Select(store => store.Value));
        while (left.TryPop(out var node))
        {
            if (seen.Add(node))
            {
                Array.ForEach(node.Operands, left.Push);
            }
        }

        seen.RemoveWhere(node => node.Place is null);
        return seen;
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
            case Opcode.V128Const:
                _stack.Add(new Node(at.Opcode, [], BinaryPrimitives.ReadInt64LittleEndian(at.Bytes))
                {
                    HighBits = BinaryPrimitives.ReadInt64LittleEndian(at.Bytes[8..]),
                });
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
        if (at.Info.Signature is not { } signature)
        {
            _isStrange = true;
            return;
        }

        var operands = Pop(signature.Parameters.Length);
        if (!_plan.Covered.TryGetValue(at.Position, out var access))
        {
            _isStrange |= !_rows.ContainsKey(at.Opcode) || !CanTakeApart(at.Opcode, signature);
            _stack.Add(new Node(at.Opcode, operands, at.Lane));
            return;
        }

        if (at.Info.Immediate is Immediate.MemoryLane)
        {
            _isStrange = true;
            return;
        }

        var place = new Place(access.Walk, access.Distance + at.Offset, 1 << at.Info.Align!.Value, at.Position);
        if (access.IsLoad)
        {
            _stack.Add(new Node(at.Opcode, [], 0) { Place = place });
            return;
        }

        _stores.Add(new Store(at.Opcode, operands[1], place));
        _isStrange |= Limits.RolledStoreCountMax < _stores.Count || Limits.RolledDepthMax < operands[1].Depth;
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

    // A local that a turn reads before it sets it must be a counter. The plan has those only that no datum is made of.
    private bool IsCarriedByCounters()
    {
        var known = _plan.Turns!.Counters.ToDictionary(counter => counter.Local);
        foreach (int local in _carried.Intersect(_locals.Keys).Where(local => !known.ContainsKey(local)))
        {
            if (_locals[local] is not { Opcode: Opcode.I32Add, Operands: [var from, { Opcode: Opcode.I32Const } by] }
                || from.Opcode is not Opcode.LocalGet || from.Bits != local)
            {
                return false;
            }

            var step = Affine.Of((uint)by.Bits);
            known[local] = new LoopPlan.Counter(local, Affine.OfLocal(local).WithConstant(step.Constant), step);
        }

        Counters = [.. known.Values];
        return true;
    }

    private bool FindParts()
    {
        for (int count = _stores.Count; 1 < count; count--)
        {
            if (_stores.Count % count == 0 && IsMadeOf(count))
            {
                PartCount = count;
                return true;
            }
        }

        return false;
    }

    private bool IsMadeOf(int count)
    {
        if (_plan.Walks.Any(walk => !walk.Step.IsConstant || (int)walk.Step.Constant % count != 0)
            || PartsOf(count) is not { } parts)
        {
            return false;
        }

        bool keepsOrder = parts.SelectMany(part => part).SequenceEqual(_stores);
        if (!keepsOrder && _stores.Any(one => _stores.Any(other => one != other && one.Place.Meets(other.Place))))
        {
            return false; // I1
        }

        for (int part = 0; part < count; part++)
        {
            for (int place = 0; place < parts[0].Length; place++)
            {
                _ordered.Clear();
                var first = parts[0][place];
                var store = parts[part][place];
                if (store.Opcode != first.Opcode || !IsAlike(first.Value, store.Value, parts, part)
                    || !KeepsOrder(store.Value, parts, part))
                {
                    return false;
                }
            }
        }

        FirstPart = [.. parts[0]];
        return true;
    }

    // The stores of each part in the order of the first; null when some have no counterpart there.
    private Store[][]? PartsOf(int count)
    {
        var byPlace = new Dictionary<(int Walk, long Distance, int Size), Store>();
        foreach (var store in _stores)
        {
            if (!byPlace.TryAdd((store.Place.Walk, store.Place.Distance, store.Place.Size), store))
            {
                return null;
            }
        }

        Store[] first = [.. _stores.Where(store => !byPlace.ContainsKey(Further(store, count, part: -1)))];
        if (first.Length * count != _stores.Count)
        {
            return null;
        }

        var parts = new Store[count][];
        for (int part = 0; part < count; part++)
        {
            parts[part] = new Store[first.Length];
            for (int place = 0; place < first.Length; place++)
            {
                if (!byPlace.TryGetValue(Further(first[place], count, part), out var store))
                {
                    return null;
                }

                parts[part][place] = store;
            }
        }

        return parts;
    }

    private (int Walk, long Distance, int Size) Further(Store store, int count, int part) =>
        (store.Place.Walk, store.Place.Distance + (PaceOf(store.Place.Walk, count) * part), store.Place.Size);

    private long PaceOf(int walk, int count) => (long)(int)_plan.Walks[walk].Step.Constant / count;

    private bool IsFurther(Place first, Place other, int part, int count) => first.Walk == other.Walk
        && first.Size == other.Size && other.Distance - first.Distance == PaceOf(first.Walk, count) * part;

    private bool IsAlike(Node first, Node other, Store[][] parts, int part)
    {
        int count = parts.Length;
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
            return other.Place is { } to && IsFurther(from, to, part, count) && StandsAlike(from, to, parts, part);
        }

        return first.Operands.Zip(other.Operands).All(pair => IsAlike(pair.First, pair.Second, parts, part));
    }

    // Rolled up, each part loads and stores in the order of the first. What its own part stores over a load must stand
    // on the same side of it in both.
    private static bool StandsAlike(Place first, Place other, Store[][] parts, int part)
    {
        for (int place = 0; place < parts[0].Length; place++)
        {
            var store = parts[0][place].Place;
            if (store.Meets(first)
                && (store.Position < first.Position) != (parts[part][place].Place.Position < other.Position))
            {
                return false;
            }
        }

        return true;
    }

    // Rolled up, what a part loads is loaded behind the stores of all parts before it: it must not be theirs, unless
    // it was loaded behind them before.
    private bool KeepsOrder(Node value, Store[][] parts, int part)
    {
        if (!_ordered.Add(value))
        {
            return true;
        }

        if (value.Place is { } load)
        {
            return parts.Take(part).All(stores => stores.All(
                store => !store.Place.Meets(load) || store.Place.Position < load.Position))
                && parts.Skip(part + 1).All(stores => stores.All(
                    store => !store.Place.Meets(load) || load.Position < store.Place.Position));
        }

        return value.Operands.All(operand => KeepsOrder(operand, parts, part));
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
    internal sealed class Node(Opcode opcode, Node[] operands, long bits)
    {
        public Opcode Opcode => opcode;

        public Node[] Operands => operands;

        /// <summary>Of the tree below it; trees are followed by recursion.</summary>
        public int Depth { get; } = 1 + operands.Select(operand => operand.Depth).DefaultIfEmpty().Max();

        /// <summary>The constant, the index or the lane.</summary>
        public long Bits => bits;

        /// <summary>Of a vector that is constant, the other eight octets.</summary>
        public long HighBits { get; init; }

        /// <summary>Set where it is loaded.</summary>
        public Place? Place { get; init; }
    }

    /// <param name="Distance">From the lowest address of the walk.</param>
    internal sealed record Place(int Walk, long Distance, int Size, int Position)
    {
        /// <summary>Whether both use an octet in one turn; of different walks they do not, which is checked before the
        /// loop.</summary>
        public bool Meets(Place other) => Walk == other.Walk
            && Distance < other.Distance + other.Size && other.Distance < Distance + Size;
    }

    /// <param name="Value">What it writes.</param>
    internal sealed record Store(Opcode Opcode, Node Value, Place Place);
}
