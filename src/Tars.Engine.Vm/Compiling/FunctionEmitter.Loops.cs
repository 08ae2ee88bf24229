using Tars.Bundle.Wasm;
using Tars.Bundle.Wasm.Loops;

namespace Tars.Engine.Vm.Compiling;

/// <summary>Loops that are translated twice: once with plain accesses for turns that surely stay inside the
/// memory.</summary>
/// <remarks>
/// Before the first copy stands how many turns the loop surely takes, whether all their accesses lie inside the memory,
/// and whether there is fuel for them. Then nothing in the copy can fault: its accesses are plain, its fuel is charged
/// before, and LLVM may make of it what it makes of a loop in C. Else, and where it turns out that the loop goes on,
/// the second copy runs, which is translated like all other code. Decisions 113 and 144.
///
/// Invariants:
///   I4  A plain store is written before anything behind the copy can fault, and not before what stands before it.
///   I5  Two accesses that are said to be apart are of one run of the copy: a fence stands between any two runs.
/// </remarks>
internal sealed partial class FunctionEmitter
{
    private static readonly LoopBounds _bounds =
        new(Limits.PlainLoopBodyBytesMax, Limits.PlainLoopWalkCountMax);

    // Fewer turns than these are sooner done than looked at, where there are no floats to make canonical.
    private const int CopyTurnsMin = 16;

    // Of the copy that is being written: its plan, and for each of its walks a pointer in this turn and what is said
    // of all accesses.
    private LoopPlan? _plan;
    private string[] _pointers = [];
    private string[] _apart = [];

    /// <summary>Writes the copy with plain accesses of a loop, where there can be one.</summary>
    /// <param name="start">Where the loop's body begins.</param>
    /// <returns>The label behind the branch back of the second copy; null when it is the only one.</returns>
    private string? EmitPlainCopy(int start)
    {
        if (LoopPlan.Of(_function, _facts.Module.Module.Types, _bounds, start, _region) is not
            { Turns: { CanTrap: false } count } plan)
        {
            return null;
        }

        string after = _ir.Label();
        string second = _ir.Label();
        string turns = TurnsOf(count);
        var loose = LooseStores.Of(_function, plan, start, _rows);
        if (plan.Stores && loose.Kinds.Count == 0)
        {
            LeaveIfShort(turns, plan, second);
        }

        var checks = new List<string>();
        WalkPlace[] walks = [.. plan.Walks.Select(walk => CheckWalk(walk, turns, checks))];
        bool isApart = CheckApart(plan, walks, checks);
        var rolled = isApart ? RolledLoop.Of(_function, plan, start, _rows) : null;
        if (!loose.HasAll && rolled is { HasLanes: true })
        {
            rolled = null; // Vectors are made canonical without a branch.
        }

        bool isLoose = isApart && (rolled is null || loose.HasAll);
        if (isLoose && loose.TurnsMax < Limits.PlainLoopTurnsMax)
        {
            checks.Add(_ir.Value($"icmp ule i64 {turns}, {Text(loose.TurnsMax)}"));
        }

        string left = "";
        if (_facts.IsMetered)
        {
            string cost = _ir.Value($"mul i64 {turns}, {Text(plan.HeadFuel)}");
            string before = _ir.Value($"load i64, ptr {_fuel}");
            left = _ir.Value($"sub i64 {before}, {cost}");
            checks.Add(_ir.Value($"icmp sge i64 {left}, 0"));
        }

        string all = checks.Aggregate((both, check) => _ir.Value($"and i1 {both}, {check}"));
        _ir.Unlikely(_ir.Value($"xor i1 {all}, true"), second);
        if (_facts.IsMetered)
        {
            _ir.Do($"store i64 {left}, ptr {_fuel}");
        }

        _plan = plan;
        _apart = isApart ? _metadata.Apart(walks.Length) : [.. walks.Select(_ => "")];
        BeginLoose(isLoose ? loose.Kinds : [], rolled is { HasLanes: true });
        Fence(plan);
        string goesOn = rolled is null ? EmitTurns(start, turns, walks)
            : rolled.HasLanes ? EmitLanes(rolled, start, turns, walks)
            : EmitRolled(rolled, start, turns, walks);
        EndLoose(walks, turns);
        Fence(plan);
        _plan = null;
        _ir.End($"br i1 {goesOn}, label %{second}, label %{after}, !prof !{Metadata.Unlikely}");
        _ir.Begin(second);
        return after;
    }

    // Whether there are enough turns for looking ahead. What it would look at counts, and a vector is much.
    private void LeaveIfShort(string turns, LoopPlan plan, string second)
    {
        bool hasVectors = plan.Covered.Keys.Any(position => OpcodeAt(position) is Opcode.V128Store);
        string isShort = _ir.Value($"icmp ult i64 {turns}, {(hasVectors ? LaneTurnsMin : CopyTurnsMin)}");
        string next = _ir.Label();
        _ir.Branch(isShort, second, next);
        _ir.Begin(next);
    }

    private Opcode OpcodeAt(int position)
    {
        var reader = new InstructionReader(_function.Body.Span, position);
        reader.Next();
        return reader.Opcode;
    }

    // Answers whether the loop would go on after all these turns.
    private string EmitTurns(int start, string turns, WalkPlace[] walks)
    {
        string goesOn = "";
        EmitCounted(turns, turn =>
        {
            _pointers = [.. walks.Select(walk => Pointer(walk, walk.Step, turn))];
            goesOn = EmitBody(start);
        });
        return goesOn;
    }

    // Writes a loop of so many turns, at least one.
    private void EmitCounted(string turns, Action<string> body)
    {
        string counter = _ir.Variable("i64");
        _ir.Do($"store i64 0, ptr {counter}");
        string head = _ir.Label();
        _ir.Begin(head);
        string turn = _ir.Value($"load i64, ptr {counter}");
        body(turn);
        string next = _ir.Value($"add nuw nsw i64 {turn}, 1");
        _ir.Do($"store i64 {next}, ptr {counter}");
        string end = _ir.Label();
        _ir.Branch(_ir.Value($"icmp ult i64 {next}, {turns}"), head, end);
        _ir.Begin(end);
    }

    // One turn; answers whether the branch back would be taken.
    private string EmitBody(int start)
    {
        var reader = new InstructionReader(_function.Body.Span, start);
        while (reader.Next() && reader.Opcode is not Opcode.BrIf)
        {
            Plain(in reader);
        }

        return _ir.Value($"icmp ne i32 {Pop().Text}, 0");
    }

    // I4. LLVM takes it for code that may use any memory.
    private void Fence(LoopPlan plan)
    {
        if (plan.Stores)
        {
            _ir.Do("call void asm sideeffect \"\", \"~{memory}\"()");
        }
    }

    private string Pointer(WalkPlace walk, string step, string turn)
    {
        string way = _ir.Value($"mul nuw nsw i64 {turn}, {step}");
        string sum = _ir.Value($"{(walk.IsDown ? "sub" : "add")} nuw nsw i64 {walk.First}, {way}");
        return _ir.Value($"getelementptr nusw nuw i8, {WindowPointer}, i64 {sum}");
    }

    // All turns' accesses of the walk lie inside the memory.
    private WalkPlace CheckWalk(LoopPlan.Walk walk, string turns, List<string> checks)
    {
        string first = Sum(walk.First);
        string step = Magnitude(walk.Step);
        string last = _ir.Value($"sub i64 {turns}, 1");
        string way = _ir.Value($"mul i64 {last}, {step}");
        string lowest = first;
        string highest = first;
        if (IsDown(walk.Step))
        {
            lowest = _ir.Value($"sub i64 {first}, {way}");
            checks.Add(_ir.Value($"icmp sge i64 {lowest}, 0"));
        }
        else
        {
            highest = _ir.Value($"add i64 {first}, {way}");
        }

        string end = _ir.Value($"add i64 {highest}, {Text(walk.Width)}");
        string size = _facts.MemoryIsFixed ? Text(_facts.MemoryBytesMin) : MemorySize();
        checks.Add(_ir.Value($"icmp ule i64 {end}, {size}"));
        return new WalkPlace(first, step, IsDown(walk.Step), lowest, end);
    }

    // What is written in one walk is not reached by another; LLVM need not find that out again for itself.
    private bool CheckApart(LoopPlan plan, WalkPlace[] walks, List<string> checks)
    {
        var writes = plan.Covered.Values.Where(access => !access.IsLoad).Select(access => access.Walk).ToHashSet();
        (int First, int Second)[] pairs =
        [
            .. from first in Enumerable.Range(0, walks.Length)
               from second in Enumerable.Range(first + 1, walks.Length - first - 1)
               where writes.Contains(first) || writes.Contains(second)
               select (first, second),
        ];
        if (Limits.PlainLoopPairsMax < pairs.Length)
        {
            return false;
        }

        foreach (var (first, second) in pairs)
        {
            string isBelow = _ir.Value($"icmp ule i64 {walks[first].End}, {walks[second].Lowest}");
            string isAbove = _ir.Value($"icmp ule i64 {walks[second].End}, {walks[first].Lowest}");
            checks.Add(_ir.Value($"or i1 {isBelow}, {isAbove}"));
        }

        return true;
    }

    // At least so many turns the loop takes: one more than those that surely do not reach its end.
    private string TurnsOf(LoopPlan.Count count)
    {
        string pace = count.Pace.IsConstant ? Text(count.Pace.Constant) : AtLeastOne(Sum(count.Pace));
        string way = WayOf(count.Way, pace);
        if (pace != "1")
        {
            way = _ir.Value($"udiv i64 {way}, {pace}");
        }

        // So few that no sum below wraps: a walk's step is of 32 bits.
        string most = Text(Limits.PlainLoopTurnsMax);
        string isMuch = _ir.Value($"icmp uge i64 {way}, {most}");
        string turns = _ir.Value($"add nuw nsw i64 {way}, 1");
        return _ir.Value($"select i1 {isMuch}, i64 {most}, i64 {turns}");
    }

    private string WayOf(LoopPlan.Distance way, string pace)
    {
        if (way.To is not { } to)
        {
            return Sum(way.From);
        }

        string end = Sum(to, way.IsSigned);
        string from = Sum(way.From, way.IsSigned);
        string distance = _ir.Value($"sub i64 {end}, {from}");
        string sum = _ir.Value($"add i64 {distance}, {pace}");
        string rest = way.IsStrict ? _ir.Value($"sub i64 {sum}, 1") : sum;
        string isNone = _ir.Value($"icmp slt i64 {rest}, 0");
        return _ir.Value($"select i1 {isNone}, i64 0, i64 {rest}");
    }

    // A pace of zero takes any number of turns; one is as good a divisor.
    private string AtLeastOne(string number)
    {
        string isNone = _ir.Value($"icmp eq i64 {number}, 0");
        return _ir.Value($"select i1 {isNone}, i64 1, i64 {number}");
    }

    private static bool IsDown(Affine step) => step.IsConstant && (int)step.Constant < 0;

    private string Magnitude(Affine step) => IsDown(step) ? Text(-(long)(int)step.Constant)
        : step.IsConstant ? Text(step.Constant)
        : Sum(step);

    // What the locals make of it now, in 64 bits.
    private string Sum(Affine sum, bool isSigned = false)
    {
        if (sum.IsConstant)
        {
            return Text(isSigned ? (int)sum.Constant : sum.Constant);
        }

        string total = Text((int)sum.Constant);
        foreach (var (local, factor) in sum.Terms)
        {
            string value = _ir.Value($"load i32, ptr {_locals[local]}");
            string term = factor == 1 ? value : _ir.Value($"mul i32 {value}, {Text((int)factor)}");
            total = _ir.Value($"add i32 {term}, {total}");
        }

        return _ir.Value($"{(isSigned ? "sext" : "zext")} i32 {total} to i64");
    }

    /// <summary>Where a walk goes, as i64 from the start of the memory.</summary>
    /// <param name="First">The lowest address of the first turn.</param>
    /// <param name="Step">How far a turn goes.</param>
    /// <param name="IsDown">It goes towards the start of the memory.</param>
    /// <param name="Lowest">The lowest address of all turns.</param>
    /// <param name="End">Behind the highest.</param>
    private readonly record struct WalkPlace(string First, string Step, bool IsDown, string Lowest, string End);
}
