using System.Collections.Immutable;

namespace Tars.Bundle.Wasm;

/// <summary>Types the code of one function after another; finds fuel regions, blocks and stack height.</summary>
/// <remarks>
/// The method is that of the specification's appendix on validation. One pass: the work on an instruction is bounded by
/// the operands that it takes and gives, and their number by <see cref="WasmLimits"/>.
///
/// Invariants:
///   I1  The first error is kept, and the walk ends with it.
///   I2  No operand below the height of the innermost frame is ever taken.
/// </remarks>
internal sealed class FunctionValidator
{
    // What an operand is in dead code when nothing says so.
    private const ValType Unknown = 0;

    private readonly ModuleSpaces _spaces;
    private readonly IReadOnlySet<int> _declared;
    private readonly List<ValType> _stack = [];

    // The function's own frame first, the innermost last.
    private readonly List<Frame> _frames = [];
    private readonly ImmutableArray<FuelRegion>.Builder _regions = ImmutableArray.CreateBuilder<FuelRegion>();
    private readonly ImmutableArray<BlockShape>.Builder _blocks = ImmutableArray.CreateBuilder<BlockShape>();
    private ImmutableArray<ValType> _locals;
    private string? _error;
    private int _maxStack;
    private FuelRegion _region;

    /// <param name="declared">The functions that <c>ref.func</c> may name.</param>
    public FunctionValidator(ModuleSpaces spaces, IReadOnlySet<int> declared)
    {
        _spaces = spaces;
        _declared = declared;
    }

    private Frame Top
    {
        get => _frames[^1];
        set => _frames[^1] = value;
    }

    private bool IsLive => Top is { IsDead: false, IsUnreachable: false };

    private FuncType FunctionType => _frames[0].Type;

    public ValidatedFunction? Validate(FuncIndex index, WasmFunction function, out WasmError? error)
    {
        var type = _spaces.Functions[index.Value];
        _locals = LocalsOf(type, function);
        _error = null;
        _maxStack = 0;
        _region = default;
        _stack.Clear();
        _frames.Clear();
        _frames.Add(new Frame(Opcode.Block, type, Height: 0, Block: -1, IsDead: false));

        var reader = new InstructionReader(function.Body.Span);
        bool ended = false;
        while (_error is null && !ended && reader.Next())
        {
            ended = reader.Opcode is Opcode.End && _frames.Count == 1;
            Step(in reader);
        }

        if (!ended || reader.End != function.Body.Length)
        {
            _error ??= reader.Error ?? "unexpected end of section or function";
        }

        error = _error is null ? null : new WasmError(_error, reader.Position, index);
        CloseRegion();
        var regions = _regions.DrainToImmutable();
        var blocks = _blocks.DrainToImmutable();
        return _error is not null ? null : new ValidatedFunction(index, type, _locals)
        {
            Body = function.Body,
            MaxStack = _maxStack,
            Regions = regions,
            Blocks = blocks,
        };
    }

    private static ImmutableArray<ValType> LocalsOf(FuncType type, WasmFunction function)
    {
        var locals = ImmutableArray.CreateBuilder<ValType>();
        locals.AddRange(type.Parameters);
        foreach (var group in function.Locals)
        {
            locals.AddRange(Enumerable.Repeat(group.Type, (int)group.Count));
        }

        return locals.DrainToImmutable();
    }

    private void Step(in InstructionReader at)
    {
        _error = ImmediateChecks.ErrorIn(in at, _spaces, _locals.Length, _declared);
        if (_error is not null)
        {
            return;
        }

        if (IsLive)
        {
            _region = _region with { Cost = _region.Cost + at.Info.Fuel };
        }

        Type(in at);
        if (IsLive)
        {
            _maxStack = Math.Max(_maxStack, _stack.Count);
        }
    }

    private void Type(in InstructionReader at)
    {
        switch (at.Opcode)
        {
            case Opcode.Unreachable:
                SetUnreachable();
                break;
            case Opcode.Block or Opcode.Loop or Opcode.If:
                Open(in at);
                break;
            case Opcode.Else:
                Else(in at);
                break;
            case Opcode.End:
                Close(in at);
                break;
            case Opcode.Br:
                Pop(LabelTypes(at.Index));
                SetUnreachable();
                break;
            case Opcode.BrIf:
                Pop(ValType.I32);
                var label = LabelTypes(at.Index);
                Pop(label);
                Push(label);
                break;
            case Opcode.BrTable:
                BrTable(at.Labels);
                break;
            case Opcode.Return:
                Pop(FunctionType.Results);
                SetUnreachable();
                break;
            case Opcode.Call or Opcode.CallIndirect:
                Call(in at);
                break;
            case Opcode.ReturnCall or Opcode.ReturnCallIndirect:
                ReturnCall(in at);
                break;
            case Opcode.Drop:
                Pop();
                break;
            case Opcode.Select:
                Select();
                break;
            case Opcode.RefIsNull:
                IsNull();
                break;
            default:
                Apply(_spaces.SignatureOf(in at, _locals)!);
                break;
        }
    }

    private void Open(in InstructionReader at)
    {
        if (at.Opcode is Opcode.If)
        {
            Pop(ValType.I32);
        }

        var type = at.BlockType.TypeIn(_spaces.Types);
        bool isDead = !IsLive;
        Pop(type.Parameters);
        int block = isDead ? -1 : _blocks.Count;
        if (!isDead)
        {
            _blocks.Add(new BlockShape(at.Position, type, _stack.Count, ElseOffset: -1, EndOffset: -1));
        }

        _frames.Add(new Frame(at.Opcode, type, _stack.Count, block, isDead));
        Push(type.Parameters);
        if (at.Opcode is Opcode.Loop or Opcode.If)
        {
            StartRegion(at.End);
        }
    }

    private void Else(in InstructionReader at)
    {
        if (Top.Opcode is not Opcode.If)
        {
            Fail("END opcode expected");
            return;
        }

        PopResults();
        Top = Top with { Opcode = Opcode.Else, IsUnreachable = false };
        Push(Top.Type.Parameters);
        if (0 <= Top.Block)
        {
            _blocks[Top.Block] = _blocks[Top.Block] with { ElseOffset = at.Position };
        }

        StartRegion(at.End);
    }

    private void Close(in InstructionReader at)
    {
        PopResults();
        var closed = Top;
        if (closed.Opcode is Opcode.If && !closed.Type.Parameters.AsSpan().SequenceEqual(closed.Type.Results.AsSpan()))
        {
            Fail("type mismatch: an if without else must give what it takes");
        }

        if (0 <= closed.Block)
        {
            _blocks[closed.Block] = _blocks[closed.Block] with { EndOffset = at.Position };
        }

        if (_frames.Count == 1)
        {
            _maxStack = Math.Max(_maxStack, closed.Type.Results.Length);
            return;
        }

        _frames.RemoveAt(_frames.Count - 1);
        Push(closed.Type.Results);
        // After a loop too: else its body, which runs often, would pay each time for what comes after it.
        StartRegion(at.End);
    }

    private void PopResults()
    {
        Pop(Top.Type.Results);
        if (_stack.Count != Top.Height)
        {
            Fail($"type mismatch: {_stack.Count - Top.Height} operands are left over at the end of a block");
        }
    }

    private void BrTable(LabelTable labels)
    {
        Pop(ValType.I32);
        int arity = -1;
        int last = 0;
        foreach (int label in labels)
        {
            var types = LabelTypes(label);
            if (_error is null && 0 <= arity && types.Length != arity)
            {
                Fail("type mismatch: the labels of a br_table differ in arity");
            }

            if (_error is not null)
            {
                return;
            }

            arity = types.Length;
            last = label;
            CheckTop(types);
        }

        Pop(LabelTypes(last));
        SetUnreachable();
    }

    private void Call(in InstructionReader at)
    {
        if (at.Opcode is Opcode.CallIndirect)
        {
            Pop(ValType.I32);
        }

        Apply(_spaces.SignatureOf(in at, _locals)!);
        StartRegion(at.End);
    }

    private void ReturnCall(in InstructionReader at)
    {
        FuncType callee;
        if (at.Opcode is Opcode.ReturnCallIndirect)
        {
            Pop(ValType.I32);
            callee = _spaces.Types[at.Index];
        }
        else
        {
            callee = _spaces.Functions[at.Index];
        }

        if (!callee.Results.AsSpan().SequenceEqual(FunctionType.Results.AsSpan()))
        {
            Fail("type mismatch: a tail call must give what its caller gives");
        }

        Pop(callee.Parameters);
        SetUnreachable();
    }

    private void Select()
    {
        Pop(ValType.I32);
        var second = Pop();
        var first = Pop();
        if (first.IsReference() || second.IsReference())
        {
            Fail("type mismatch: select without a type cannot choose between references");
        }
        else if (first != second && first != Unknown && second != Unknown)
        {
            Fail($"type mismatch: select between {first.Name()} and {second.Name()}");
        }

        Push(first == Unknown ? second : first);
    }

    private void IsNull()
    {
        var type = Pop();
        if (type != Unknown && !type.IsReference())
        {
            Fail($"type mismatch: ref.is_null of {type.Name()}");
        }

        Push(ValType.I32);
    }

    private void Apply(FuncType signature)
    {
        Pop(signature.Parameters);
        Push(signature.Results);
    }

    private ImmutableArray<ValType> LabelTypes(int label)
    {
        if ((uint)_frames.Count <= (uint)label)
        {
            Fail($"unknown label {(uint)label}");
            return [];
        }

        var frame = _frames[^(label + 1)];
        return frame.Opcode is Opcode.Loop ? frame.Type.Parameters : frame.Type.Results;
    }

    private void Push(ValType type) => _stack.Add(type);

    private void Push(ImmutableArray<ValType> types) => _stack.AddRange(types);

    private ValType Pop()
    {
        if (_stack.Count == Top.Height) // I2
        {
            if (!Top.IsUnreachable)
            {
                Fail("type mismatch: a value is missing");
            }

            return Unknown;
        }

        var type = _stack[^1];
        _stack.RemoveAt(_stack.Count - 1);
        return type;
    }

    private void Pop(ValType expected) => Expect(expected, Pop());

    private void Pop(ImmutableArray<ValType> expected)
    {
        for (int place = expected.Length - 1; 0 <= place; place--)
        {
            Pop(expected[place]);
        }
    }

    // Like popping the types and pushing what was popped back, which is what a br_table does for each label.
    private void CheckTop(ImmutableArray<ValType> expected)
    {
        for (int back = 1; back <= expected.Length; back++)
        {
            int place = _stack.Count - back;
            if (Top.Height <= place)
            {
                Expect(expected[^back], _stack[place]);
            }
            else if (!Top.IsUnreachable)
            {
                Fail("type mismatch: a value is missing");
            }
        }
    }

    private void Expect(ValType expected, ValType actual)
    {
        if (actual != expected && actual != Unknown)
        {
            Fail($"type mismatch: expected {expected.Name()}, found {actual.Name()}");
        }
    }

    private void SetUnreachable()
    {
        _stack.RemoveRange(Top.Height, _stack.Count - Top.Height);
        Top = Top with { IsUnreachable = true };
    }

    private void StartRegion(int offset)
    {
        if (IsLive)
        {
            CloseRegion();
            _region = new FuelRegion(offset, 0);
        }
    }

    private void CloseRegion()
    {
        if (_region.Cost != 0)
        {
            _regions.Add(_region);
        }
    }

    private void Fail(string error) => _error ??= error; // I1

    /// <param name="Opcode">What opened it; Else once the else of an if has been passed.</param>
    /// <param name="Block">The place among the blocks, or -1 for the function and for what began in dead code.</param>
    /// <param name="IsDead">It began in dead code.</param>
    private readonly record struct Frame(Opcode Opcode, FuncType Type, int Height, int Block, bool IsDead)
    {
        /// <summary>The rest of it is dead, up to its else or end.</summary>
        public bool IsUnreachable { get; init; }
    }
}
