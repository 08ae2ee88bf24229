using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Tars.Bundle.Wasm;

/// <summary>Walks the live code of a valid function with the types of the operands: what a translator needs.</summary>
/// <remarks>
/// Use:
///   var walker = module.Walk(function);
///   while (walker.Next()) { switch (walker.At.Opcode) … }
///   Stack and Frames are those before the instruction. Dead code is passed over; the first that is seen after it is
///   the else or end of the block that it ended, with FallsThrough false.
/// </remarks>
public ref struct FunctionWalker
{
    private readonly ModuleSpaces _spaces;
    private readonly ValidatedFunction _function;
    private readonly List<ValType> _stack = [];
    private readonly List<BlockFrame> _frames = [];
    private InstructionReader _reader;
    private bool _begun;

    internal FunctionWalker(ModuleSpaces spaces, ValidatedFunction function)
    {
        _spaces = spaces;
        _function = function;
        _reader = new InstructionReader(function.Body.Span);
        _frames.Add(new BlockFrame(Opcode.Block, function.Type, Height: 0, Offset: -1));
    }

    /// <summary>The instruction, with its immediates.</summary>
    [UnscopedRef]
    public readonly ref readonly InstructionReader At => ref _reader;

    /// <summary>The types of the operands before the instruction, the top last.</summary>
    public readonly ReadOnlySpan<ValType> Stack => CollectionsMarshal.AsSpan(_stack);

    /// <summary>The open blocks before the instruction, the function's own first.</summary>
    public readonly ReadOnlySpan<BlockFrame> Frames => CollectionsMarshal.AsSpan(_frames);

    /// <summary>False for an else or end that the code before it cannot reach.</summary>
    public bool FallsThrough { get; private set; }

    /// <summary>What a label leads to.</summary>
    public readonly BlockFrame Label(int label) => _frames[^(label + 1)];

    /// <summary>What the instruction takes and gives; of an indirect call, without the index on top.</summary>
    /// <remarks>Null for drop, select, ref.is_null, else, end and all that branches or returns.</remarks>
    public readonly FuncType? Signature => _spaces.SignatureOf(in _reader, _function.Locals);

    public bool Next()
    {
        FallsThrough = true;
        if (_begun)
        {
            FallsThrough = Apply();
        }

        _begun = true;
        if (!FallsThrough)
        {
            SkipDead();
            return _reader.Error is null && 0 < _frames.Count;
        }

        return 0 < _frames.Count && _reader.Next();
    }

    // The effect of the instruction that was last seen. False when what follows it is dead.
    private readonly bool Apply()
    {
        switch (_reader.Opcode)
        {
            case Opcode.Unreachable or Opcode.Br or Opcode.BrTable or Opcode.Return or Opcode.ReturnCall
                or Opcode.ReturnCallIndirect:
                return false;
            case Opcode.Block or Opcode.Loop or Opcode.If:
                Open();
                return true;
            case Opcode.Else:
                var taken = _frames[^1];
                Reset(taken.Height);
                _stack.AddRange(taken.Type.Parameters);
                _frames[^1] = taken with { Opcode = Opcode.Else };
                return true;
            case Opcode.End:
                _frames.RemoveAt(_frames.Count - 1);
                return true;
            case Opcode.BrIf or Opcode.Drop:
                Reset(_stack.Count - 1);
                return true;
            case Opcode.Select:
                Reset(_stack.Count - 2);
                return true;
            case Opcode.RefIsNull:
                _stack[^1] = ValType.I32;
                return true;
            default:
                int index = _reader.Opcode is Opcode.CallIndirect ? 1 : 0;
                var signature = Signature!;
                Reset(_stack.Count - index - signature.Parameters.Length);
                _stack.AddRange(signature.Results);
                return true;
        }
    }

    private readonly void Open()
    {
        if (_reader.Opcode is Opcode.If)
        {
            Reset(_stack.Count - 1);
        }

        var type = Signature!;
        int height = _stack.Count - type.Parameters.Length;
        _frames.Add(new BlockFrame(_reader.Opcode, type, height, _reader.Position));
    }

    // To the else or end of the block whose rest is dead; there the stack is as if the block had given its results.
    private void SkipDead()
    {
        int depth = 0;
        while (_reader.Next())
        {
            switch (_reader.Opcode)
            {
                case Opcode.Block or Opcode.Loop or Opcode.If:
                    depth++;
                    break;
                case Opcode.Else or Opcode.End when depth == 0:
                    Reset(_frames[^1].Height);
                    _stack.AddRange(_frames[^1].Type.Results);
                    return;
                case Opcode.End:
                    depth--;
                    break;
                default:
                    break;
            }
        }
    }

    private readonly void Reset(int height) => _stack.RemoveRange(height, _stack.Count - height);
}
