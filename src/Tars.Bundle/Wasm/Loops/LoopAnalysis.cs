using System.Collections.Immutable;

namespace Tars.Bundle.Wasm.Loops;

/// <summary>Walks once over an innermost loop to see how its addresses change from turn to turn.</summary>
/// <remarks>
/// Every value is followed as a sum of what locals held when the turn began, or as nothing. A local that every way
/// back to the head leaves with the same constant more than it had is a counter; addresses made of counters and of
/// locals that the loop does not set walk through memory at an even pace.
///
/// Loops that end when some datum says so tend to be short, and then looking ahead costs more than it saves: only
/// those are planned whose every branch outwards depends on counters. Where the branch back is the only one, and what
/// it compares goes at an even pace, the turns are counted before the first.
/// </remarks>
internal sealed partial class LoopAnalysis
{
    private const int BackCountMax = 4;
    private const int BlockCountMax = 32;

    private static readonly Value _unknown = new(null, IsCounted: false, Locals: 0);

    private readonly ValidatedFunction _function;
    private readonly ImmutableArray<FuncType> _types;
    private readonly LoopBounds _bounds;
    private readonly Dictionary<int, Affine?> _locals = [];
    private readonly Dictionary<int, Affine?> _steps = [];
    private readonly List<Value> _stack = [];
    private readonly List<Block> _blocks = [];
    private readonly List<int> _assigned = [];
    private readonly List<(int Position, Affine Address, long Offset, int Size, bool IsLoad)> _accesses = [];
    private readonly List<(int Position, ulong Locals)> _readers = [];
    private readonly Dictionary<int, ulong> _madeOf = [];
    private ulong _deciders;
    private ulong _wanted;
    private int _backCount;
    private Value _goesOn;
    private bool _branches;
    private bool _canTrap;

    private LoopAnalysis(ValidatedFunction function, ImmutableArray<FuncType> types, LoopBounds bounds)
    {
        _function = function;
        _types = types;
        _bounds = bounds;
    }

    /// <inheritdoc cref="LoopPlan.Of"/>
    public static LoopPlan? Of(
        ValidatedFunction function, ImmutableArray<FuncType> types, LoopBounds bounds, int start, int region)
    {
        if (region == function.Regions.Length || function.Regions[region].Offset != start)
        {
            return null;
        }

        var analysis = new LoopAnalysis(function, types, bounds);
        return analysis.Look(start) is { } end ? analysis.Plan(end, region) : null;
    }

    // Answers where the loop ends, or null when something stands in it that is not followed.
    private int? Look(int start)
    {
        var reader = new InstructionReader(_function.Body.Span, start);
        _blocks.Add(new Block(0, 0));
        while (reader.Next())
        {
            if (_bounds.BodyBytesMax < reader.Position - start || !Step(ref reader))
            {
                return null;
            }

            if (_blocks.Count == 0)
            {
                return _backCount is > 0 and <= BackCountMax ? reader.Position : null;
            }
        }

        return null;
    }

    private bool Step(ref InstructionReader at)
    {
        switch (at.Opcode)
        {
            case Opcode.Nop:
                return true;
            case Opcode.LocalGet:
                Push(ReadLocal(at.Index));
                return true;
            case Opcode.LocalSet or Opcode.LocalTee:
                bool stays = at.Opcode is Opcode.LocalTee;
                SetLocal(at.Index, stays ? Peek() : Pop(), _stack.Count - (stays ? 1 : 0));
                return true;
            case Opcode.I32Const:
                Push(Affine.Of((uint)at.I32));
                return true;
            case Opcode.I64Const or Opcode.F32Const or Opcode.F64Const or Opcode.V128Const or Opcode.GlobalGet:
                Push(_unknown);
                return true;
            case Opcode.GlobalSet or Opcode.Drop:
                Want(Pop());
                return true;
            case Opcode.Select or Opcode.SelectTyped:
                Want(Pop(3));
                Push(_unknown);
                return true;
            case Opcode.Block or Opcode.If:
                return Open(in at);
            case Opcode.End:
                Close();
                return true;
            case Opcode.Else:
                Forget(_blocks[^1]);
                return true;
            case Opcode.BrIf:
                return BranchIf(at.Index);
            case Opcode.Br:
                _branches |= _backCount == 0;
                NoteIfBack(at.Index);
                SkipDead(ref at);
                return true;
            default:
                return at.Info.Signature is { } signature && Apply(in at, signature);
        }
    }

    private bool Apply(in InstructionReader at, FuncType signature)
    {
        // Calls end in other functions and bulk operations charge fuel of their own: neither has a fixed price.
        if (at.Opcode is Opcode.MemoryGrow or Opcode.MemoryFill or Opcode.MemoryCopy or Opcode.MemoryInit
            or Opcode.TableGrow or Opcode.TableFill or Opcode.TableCopy or Opcode.TableInit)
        {
            return false;
        }

        var parts = Pop(signature.Parameters.Length);
        bool isAccess = at.Info.Immediate is Immediate.Memory or Immediate.MemoryLane;
        if (isAccess)
        {
            _readers.Add((at.Position, parts[0].Locals));
            if (parts[0].Sum is { IsConstant: false } sum)
            {
                _accesses.Add((at.Position, sum, at.Offset, 1 << at.Info.Align!.Value, !signature.Results.IsEmpty));
            }
        }

        _canTrap |= CanTrap(at.Opcode);
        var made = Compute(in at, parts);
        if (made.Sum is null && made.Test is null)
        {
            Want(parts.AsSpan(isAccess ? 1 : 0));
        }

        foreach (var _ in signature.Results)
        {
            Push(made);
        }

        return true;
    }

    // The locals that these were made of must hold what they should in every turn.
    private void Want(params ReadOnlySpan<Value> values)
    {
        foreach (var value in values)
        {
            _wanted |= value.Locals;
        }
    }

    // Accesses of memory aside.
    private static bool CanTrap(Opcode opcode) => opcode
        is Opcode.I32DivS or Opcode.I32DivU or Opcode.I32RemS or Opcode.I32RemU
        or Opcode.I64DivS or Opcode.I64DivU or Opcode.I64RemS or Opcode.I64RemU
        or Opcode.I32TruncF32S or Opcode.I32TruncF32U or Opcode.I32TruncF64S or Opcode.I32TruncF64U
        or Opcode.I64TruncF32S or Opcode.I64TruncF32U or Opcode.I64TruncF64S or Opcode.I64TruncF64U;

    private static Value Compute(in InstructionReader at, Value[] parts)
    {
        if (at.Info.Immediate is Immediate.Memory or Immediate.MemoryLane)
        {
            return _unknown;
        }

        bool isCounted = true;
        ulong locals = 0;
        foreach (var part in parts)
        {
            isCounted &= part.IsCounted;
            locals |= part.Locals;
        }

        return new Value(SumOf(at.Opcode, parts), isCounted, locals) { Test = TestOf(at.Opcode, parts) };
    }

    private static Test? TestOf(Opcode opcode, Value[] parts) =>
        opcode is Opcode.I32Ne or Opcode.I32LtS or Opcode.I32LtU or Opcode.I32GtS or Opcode.I32GtU
            or Opcode.I32LeS or Opcode.I32LeU or Opcode.I32GeS or Opcode.I32GeU
        && parts is [{ Sum: { } left }, { Sum: { } right }] ? new Test(opcode, left, right) : null;

    private static Affine? SumOf(Opcode opcode, Value[] parts) => (opcode, parts) switch
    {
        (Opcode.I32Add, [{ Sum: { } first }, { Sum: { } second }]) => Affine.Sum(first, second),
        (Opcode.I32Sub, [{ Sum: { } first }, { Sum: { } second }]) => Affine.Sum(first, second.Times(uint.MaxValue)),
        (Opcode.I32Mul, [{ Sum: { } first }, { Sum: { IsConstant: true } second }]) => first.Times(second.Constant),
        (Opcode.I32Mul, [{ Sum: { IsConstant: true } first }, { Sum: { } second }]) => second.Times(first.Constant),
        (Opcode.I32Shl, [{ Sum: { } first }, { Sum: { IsConstant: true } second }]) =>
            first.Times(1u << (int)(second.Constant & 31)),
        _ => null,
    };

    private bool Open(in InstructionReader at)
    {
        _branches = true;
        if (at.Opcode is Opcode.If)
        {
            Pop();
        }

        var type = at.BlockType.TypeIn(_types);
        if (!type.Parameters.IsEmpty || BlockCountMax <= _blocks.Count)
        {
            return false;
        }

        _blocks.Add(new Block(_stack.Count, _assigned.Count) { Results = type.Results.Length });
        return true;
    }

    // Some ways to the end have set these locals, and others not.
    private void Close()
    {
        var block = _blocks[^1];
        _blocks.RemoveAt(_blocks.Count - 1);
        if (0 < _blocks.Count)
        {
            Forget(block);
            for (int result = 0; result < block.Results; result++)
            {
                Push(_unknown);
            }
        }
    }

    private void Forget(Block block)
    {
        _stack.RemoveRange(block.Height, _stack.Count - block.Height);
        for (int place = block.AssignedFrom; place < _assigned.Count; place++)
        {
            _locals[_assigned[place]] = null;
        }
    }

    private bool BranchIf(int label)
    {
        var condition = Pop();
        bool leaves = _blocks.Count - 1 <= label;
        _branches |= label != _blocks.Count - 1 || _backCount != 0 || 0 < _stack.Count;
        _goesOn = condition.Sum is { } sum
            ? condition with { Test = new Test(Opcode.I32Ne, sum, Affine.Of(0)) }
            : condition;
        if (leaves && !condition.IsCounted)
        {
            return false;
        }

        _deciders |= leaves ? condition.Locals : 0;
        NoteIfBack(label);
        return true;
    }

    private void NoteIfBack(int label)
    {
        if (label == _blocks.Count - 1 && _backCount <= BackCountMax)
        {
            NoteSteps();
        }
    }

    // What a turn that ends here has added to each local that it set.
    private void NoteSteps()
    {
        foreach (int local in _assigned)
        {
            var step = _locals[local] is { } value
                ? Affine.Sum(value, Affine.OfLocal(local).Times(uint.MaxValue))
                : null;
            _steps[local] = !_steps.TryGetValue(local, out var known) ? (_backCount == 0 ? step : null)
                : step is not null && known is not null && known.Equals(step) ? step
                : null;
        }

        foreach (int local in _steps.Keys.Except(_assigned).ToList())
        {
            _steps[local] = null;
        }

        _backCount++;
    }

    // To the else or end of the block whose rest can never run.
    private void SkipDead(ref InstructionReader at)
    {
        int depth = 0;
        while (at.Next())
        {
            if (depth == 0 && at.Opcode is Opcode.Else or Opcode.End)
            {
                if (at.Opcode is Opcode.End)
                {
                    Close();
                }
                else
                {
                    Forget(_blocks[^1]);
                }

                return;
            }

            depth += at.Opcode switch
            {
                Opcode.Block or Opcode.Loop or Opcode.If => 1,
                Opcode.End => -1,
                _ => 0,
            };
        }
    }

    private Value ReadLocal(int local)
    {
        ulong bit = 1UL << (local & 63);
        return _locals.TryGetValue(local, out var sum) ? new Value(sum, IsCounted: sum is not null, bit)
            : _function.Locals[local] is ValType.I32 ? new Value(Affine.OfLocal(local), IsCounted: true, bit)
            : new Value(null, IsCounted: true, bit);
    }

    private void SetLocal(int local, Value value, int keptFrom)
    {
        // What it was is still to be used, so each turn has to set it.
        ulong bit = 1UL << (local & 63);
        if (0 < keptFrom)
        {
            _wanted |= (_stack[keptFrom - 1].Below | _stack[keptFrom - 1].Locals) & bit;
        }

        _madeOf[local] = _madeOf.GetValueOrDefault(local) | value.Locals;
        _branches |= _backCount != 0;
        _locals[local] = value.Sum;
        _assigned.Add(local);
    }

    private void Push(Affine sum) => Push(new Value(sum, IsCounted: true, Locals: 0));

    private void Push(Value value) =>
        _stack.Add(value with { Below = _stack.Count == 0 ? 0 : _stack[^1].Below | _stack[^1].Locals });

    private Value Peek() => _stack[^1];

    private Value Pop()
    {
        var value = _stack[^1];
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private Value[] Pop(int count)
    {
        Value[] values = [.. _stack.TakeLast(count)];
        _stack.RemoveRange(_stack.Count - count, count);
        return values;
    }

    /// <param name="Sum">What it is in terms of the locals when the turn began, where that is known.</param>
    /// <param name="IsCounted">It is made of locals and constants only, and of no datum.</param>
    /// <param name="Locals">A bit for each local that it was made of, by the index modulo 64.</param>
    private readonly record struct Value(Affine? Sum, bool IsCounted, ulong Locals)
    {
        /// <summary>Set where it is a comparison of two sums.</summary>
        public Test? Test { get; init; }

        /// <summary>A bit for each local that what lies below it on the stack was made of.</summary>
        public ulong Below { get; init; }
    }

    private sealed record Test(Opcode Opcode, Affine Left, Affine Right);

    private sealed record Block(int Height, int AssignedFrom)
    {
        public int Results { get; init; }
    }
}
