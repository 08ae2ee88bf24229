using Tars.Bundle.Wasm;
using Tars.Bundle.Wasm.Loops;

namespace Tars.Engine.Vm.Compiling;

/// <summary>Loops that are translated twice: once with plain accesses for turns that surely stay inside the
/// memory.</summary>
/// <remarks>
/// Before the first copy stands how many turns the loop surely takes, whether all their accesses lie inside the memory,
/// and whether there is fuel for them. Then nothing in the copy can fault: its accesses are plain, its fuel is charged
/// before, and LLVM may make of it what it makes of a loop in C. Else, and where it turns out that the loop goes on,
/// the second copy runs, which is translated like all other code.
///
/// Invariant:
///   I4  A plain store is written before anything behind the copy can fault, and not before what stands before it.
/// </remarks>
internal sealed partial class FunctionEmitter
{
    private static readonly LoopBounds _bounds =
        new(Limits.PlainLoopBodyBytesMax, Limits.PlainLoopWalkCountMax);

    // Of the copy that is being written: its plan, and a pointer for each of its walks in this turn.
    private LoopPlan? _plan;
    private string[] _pointers = [];

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
        var walks = plan.Walks.Select(walk => (First: Sum(walk.First), Step: Magnitude(walk.Step))).ToArray();
        var checks = new List<string>();
        for (int place = 0; place < walks.Length; place++)
        {
            CheckWalk(plan.Walks[place], walks[place].First, walks[place].Step, turns, checks);
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

        EmitTurns(plan, start, turns, walks, second, after);
        _ir.Begin(second);
        return after;
    }

    private void EmitTurns(
        LoopPlan plan, int start, string turns, (string First, string Step)[] walks, string second, string after)
    {
        string counter = _ir.Variable("i64");
        _ir.Do($"store i64 0, ptr {counter}");
        Fence(plan);
        string head = _ir.Label();
        _ir.Begin(head);
        string turn = _ir.Value($"load i64, ptr {counter}");
        _plan = plan;
        _pointers = [.. plan.Walks.Select((walk, place) => Pointer(walk, walks[place].First, walks[place].Step, turn))];
        var reader = new InstructionReader(_function.Body.Span, start);
        while (reader.Next() && reader.Opcode is not Opcode.BrIf)
        {
            Plain(in reader);
        }

        _plan = null;
        string goesOn = _ir.Value($"icmp ne i32 {Pop().Text}, 0");
        string next = _ir.Value($"add nuw nsw i64 {turn}, 1");
        _ir.Do($"store i64 {next}, ptr {counter}");
        string end = _ir.Label();
        _ir.Branch(_ir.Value($"icmp ult i64 {next}, {turns}"), head, end);
        _ir.Begin(end);
        Fence(plan);
        _ir.End($"br i1 {goesOn}, label %{second}, label %{after}, !prof !{Metadata.Unlikely}");
    }

    // I4. LLVM takes it for code that may use any memory.
    private void Fence(LoopPlan plan)
    {
        if (plan.Stores)
        {
            _ir.Do("call void asm sideeffect \"\", \"~{memory}\"()");
        }
    }

    private string Pointer(LoopPlan.Walk walk, string first, string step, string turn)
    {
        string way = _ir.Value($"mul nuw nsw i64 {turn}, {step}");
        string sum = _ir.Value($"{(IsDown(walk.Step) ? "sub" : "add")} nuw nsw i64 {first}, {way}");
        return _ir.Value($"getelementptr nusw nuw i8, {WindowPointer}, i64 {sum}");
    }

    // All turns' accesses of the walk lie inside the memory.
    private void CheckWalk(LoopPlan.Walk walk, string first, string step, string turns, List<string> checks)
    {
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
}
