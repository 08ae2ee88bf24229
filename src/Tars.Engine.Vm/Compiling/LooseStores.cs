using Tars.Bundle.Wasm;
using Tars.Bundle.Wasm.Loops;

namespace Tars.Engine.Vm.Compiling;

/// <summary>Stores of a straight loop whose NaNs may be made canonical once, behind the loop.</summary>
/// <remarks>
/// Such a store writes what arithmetic gave. Until the loop has ended nobody may see these bits: what the loop loads of
/// them it gives to arithmetic of the same kind only, which answers with a NaN whatever the bits of a NaN are. And no
/// other store may write there what is not of that kind.
///
/// One walk over the loop follows each operand: what a load gave, what arithmetic gave, or anything else. It counts on
/// it that different walks through memory do not meet, which is checked before the loop.
/// </remarks>
internal sealed class LooseStores
{
    // Stores that are met after so many turns are taken for apart, if the loop takes no more.
    private const long FarTurnsMin = 128;

    private readonly LoopPlan _plan;
    private readonly IReadOnlyDictionary<Opcode, IrRow> _rows;
    private readonly List<Operand> _stack = [];
    private readonly Dictionary<int, Operand> _locals = [];
    private readonly List<Access> _accesses = [];
    private readonly Dictionary<int, Looseness> _absorbedAs = [];
    private readonly HashSet<int> _seen = [];

    private LooseStores(LoopPlan plan, IReadOnlyDictionary<Opcode, IrRow> rows)
    {
        _plan = plan;
        _rows = rows;
    }

    /// <summary>By where it stands, the kind of what each such store writes.</summary>
    public Dictionary<int, Looseness> Kinds { get; private set; } = [];

    /// <summary>All stores of the loop are such.</summary>
    public bool HasAll => _accesses.Count(access => !access.IsLoad) == Kinds.Count;

    /// <summary>They are such only while the loop takes no more turns.</summary>
    public long TurnsMax { get; private set; } = long.MaxValue;

    /// <param name="rows">What instructions take and give loose.</param>
    public static LooseStores Of(
        ValidatedFunction function, LoopPlan plan, int start, IReadOnlyDictionary<Opcode, IrRow> rows)
    {
        var stores = new LooseStores(plan, rows);
        var reader = new InstructionReader(function.Body.Span, start);
        while (reader.Next() && reader.Opcode is not Opcode.BrIf)
        {
            stores.Step(in reader);
        }

        stores.Kinds = stores.Choose();
        return stores;
    }

    private void Step(in InstructionReader at)
    {
        switch (at.Opcode)
        {
            case Opcode.LocalGet:
                _stack.Add(_locals.GetValueOrDefault(at.Index));
                return;
            case Opcode.LocalSet:
                _locals[at.Index] = Kept(Pop());
                return;
            case Opcode.LocalTee:
                _locals[at.Index] = Kept(_stack[^1]);
                return;
            case Opcode.GlobalSet or Opcode.Drop:
                See(Pop());
                return;
            case Opcode.Select or Opcode.SelectTyped:
                See(Pop());
                See(Pop());
                See(Pop());
                _stack.Add(default);
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
            _stack.Add(default); // A constant or a global.
            return;
        }

        var operands = new Operand[signature.Parameters.Length];
        for (int place = operands.Length - 1; 0 <= place; place--)
        {
            operands[place] = Pop();
        }

        if (_plan.Covered.TryGetValue(at.Position, out var covered))
        {
            Note(in at, covered, operands);
        }

        var row = _rows.GetValueOrDefault(at.Opcode);
        foreach (var operand in operands)
        {
            if (row is null or { Passes: true } or { Takes: Looseness.Exact })
            {
                See(operand);
            }
            else
            {
                Absorb(operand, row.Takes);
            }
        }

        if (!signature.Results.IsEmpty)
        {
            _stack.Add(covered is not null ? new Operand(at.Position, Looseness.Exact)
                : row is { Passes: false } ? new Operand(-1, row.Gives)
                : default);
        }
    }

    private void Note(in InstructionReader at, LoopPlan.Access covered, Operand[] operands)
    {
        int size = 1 << at.Info.Align!.Value;
        var kind = covered.IsLoad ? at.Opcode switch
        {
            Opcode.F32Load => Looseness.Single,
            Opcode.F64Load => Looseness.Double,
            Opcode.V128Load or Opcode.V128Load32Splat or Opcode.V128Load64Splat => Looseness.Known,
            _ => Looseness.Exact,
        }
        : at.Opcode is Opcode.F32Store or Opcode.F64Store or Opcode.V128Store ? operands[1].Gave
        : Looseness.Exact;
        _accesses.Add(new Access(at.Position, covered.Walk, covered.Distance + at.Offset, size, kind, covered.IsLoad));
    }

    // What a load gave must not be kept: whoever reads the local later may look at its bits.
    private Operand Kept(Operand operand)
    {
        See(operand);
        return operand.IsLoaded ? default : operand;
    }

    private void See(Operand operand)
    {
        if (operand.IsLoaded)
        {
            _seen.Add(operand.Load);
        }
    }

    private void Absorb(Operand operand, Looseness kind)
    {
        if (operand.IsLoaded && _absorbedAs.TryAdd(operand.Load, kind) && _absorbedAs[operand.Load] != kind)
        {
            _seen.Add(operand.Load);
        }
    }

    private Operand Pop()
    {
        var operand = _stack[^1];
        _stack.RemoveAt(_stack.Count - 1);
        return operand;
    }

    // One that may not be loose makes others not loose, until none does.
    private Dictionary<int, Looseness> Choose()
    {
        if (Limits.LooseAccessCountMax < _accesses.Count)
        {
            return [];
        }

        var chosen = _accesses.Where(access => !access.IsLoad && access.Kind is not Looseness.Exact)
            .ToDictionary(access => access.Position, access => access.Kind);
        for (int before = -1; before != chosen.Count;)
        {
            before = chosen.Count;
            TurnsMax = long.MaxValue; // In the last round none goes: it sees all that stay, and only those.
            foreach (var store in _accesses.Where(access => chosen.ContainsKey(access.Position)).ToList())
            {
                if (_accesses.Any(other => other.Walk == store.Walk && IsInTheWay(store, other, chosen)))
                {
                    chosen.Remove(store.Position);
                }
            }
        }

        return chosen;
    }

    private bool IsInTheWay(Access store, Access other, Dictionary<int, Looseness> chosen)
    {
        if (_plan.Walks[store.Walk].Step is not { IsConstant: true } step)
        {
            return true;
        }

        long pace = (int)step.Constant;
        if (FirstMeeting(store, other, pace) is not { } turns)
        {
            return false;
        }

        if (FarTurnsMin <= turns)
        {
            TurnsMax = Math.Min(TurnsMax, turns);
            return false;
        }

        long lane = store.Kind is Looseness.Single ? sizeof(float) : sizeof(double);
        bool isAligned = (other.Distance - store.Distance) % lane == 0 && pace % lane == 0 && other.Size % lane == 0;
        var kind = !other.IsLoad ? chosen.GetValueOrDefault(other.Position)
            : other.Kind is Looseness.Exact || _seen.Contains(other.Position) ? Looseness.Exact
            : _absorbedAs.GetValueOrDefault(other.Position, store.Kind);
        return !isAligned || kind != store.Kind;
    }

    // After how many turns the other first uses octets that the store wrote; of two stores, whichever came first.
    private static long? FirstMeeting(Access store, Access other, long pace)
    {
        long soonest = !other.IsLoad ? long.MinValue : store.Position < other.Position ? 0 : 1;
        long distance = store.Distance - other.Distance;
        long low = distance - other.Size + 1;
        long high = distance + store.Size - 1;
        if (pace == 0)
        {
            return low <= 0 && 0 <= high ? Math.Max(soonest, 0) : null;
        }

        // So many turns lie between them where pace times that is from low to high.
        var (near, far) = pace < 0 ? (-high, -low) : (low, high);
        pace = Math.Abs(pace);
        long least = Math.Max(soonest, -FloorOf(-near, pace));
        long most = FloorOf(far, pace);
        return most < least ? null
            : most < 0 ? -most
            : Math.Max(least, 0);
    }

    private static long FloorOf(long number, long by) => (number / by) - (number % by < 0 ? 1 : 0);

    /// <param name="Load">Where the load stands whose result it is.</param>
    /// <param name="Gave">The kind of arithmetic that gave it.</param>
    private readonly record struct Operand(int Load, Looseness Gave)
    {
        public bool IsLoaded => 0 < Load;
    }

    /// <param name="Distance">From the lowest address of the walk.</param>
    private readonly record struct Access(
        int Position, int Walk, long Distance, int Size, Looseness Kind, bool IsLoad);
}
