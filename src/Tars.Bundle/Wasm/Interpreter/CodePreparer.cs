using System.Buffers.Binary;
using Tars.Base;

namespace Tars.Bundle.Wasm.Interpreter;

/// <summary>Turns a valid function into <see cref="PreparedCode"/>, in one walk.</summary>
internal sealed class CodePreparer
{
    // A branch to a block whose end is not known yet.
    private const int Unpatched = int.MinValue;

    private readonly ValidatedFunction _function;
    private readonly List<PreparedInstruction> _instructions = [];
    private readonly List<PreparedBranch> _branches = [];
    private readonly List<OpenBlock> _open = [];
    private int _region;

    private CodePreparer(ValidatedFunction function) => _function = function;

    public static PreparedCode Prepare(ValidatedModule module, ValidatedFunction function)
    {
        var preparer = new CodePreparer(function);
        preparer._open.Add(new OpenBlock(LoopTarget: null, ElseBranch: null, []));
        var walker = module.Walk(function);
        while (walker.Next())
        {
            preparer.Add(ref walker);
        }

        Invariant.Holds(preparer._branches.TrueForAll(branch => branch.Target != Unpatched));
        Invariant.Holds(preparer._region == function.Regions.Length);
        return new PreparedCode(function, [.. preparer._instructions], [.. preparer._branches]);
    }

    private void Add(ref FunctionWalker walker)
    {
        ref readonly var at = ref walker.At;
        int first = _branches.Count;
        int place = _instructions.Count;
        switch (at.Opcode)
        {
            case Opcode.Block or Opcode.Loop:
                _open.Add(new OpenBlock(at.Opcode is Opcode.Loop ? place + 1 : null, ElseBranch: null, []));
                break;
            case Opcode.If:
                _open.Add(new OpenBlock(LoopTarget: null, ElseBranch: first, []));
                _branches.Add(new PreparedBranch(Unpatched, Height: 0, Keep: 0));
                break;
            case Opcode.Else:
                Patch(_open[^1].ElseBranch!.Value, place + 1);
                _open[^1].ToEnd.Add(first);
                _open[^1] = _open[^1] with { ElseBranch = null };
                _branches.Add(new PreparedBranch(Unpatched, Height: 0, Keep: 0));
                break;
            case Opcode.End:
                Close(place);
                break;
            case Opcode.Br or Opcode.BrIf:
                Branch(ref walker, at.Index);
                break;
            case Opcode.BrTable:
                foreach (int label in at.Labels)
                {
                    Branch(ref walker, label);
                }

                break;
            case Opcode.Return:
                Branch(ref walker, _open.Count - 1);
                break;
            default:
                break;
        }

        _instructions.Add(Instruction(in at) with { Branch = first, BranchCount = _branches.Count - first });
    }

    // A branch to the function's own label leads to its last end, which returns.
    private void Close(int place)
    {
        var closed = _open[^1];
        _open.RemoveAt(_open.Count - 1);
        int target = _open.Count == 0 ? place : place + 1;
        closed.ToEnd.ForEach(branch => Patch(branch, target));
        if (closed.ElseBranch is { } branch)
        {
            Patch(branch, target);
        }
    }

    private void Branch(ref FunctionWalker walker, int label)
    {
        var frame = walker.Label(label);
        var block = _open[^(label + 1)];
        if (block.LoopTarget is null)
        {
            block.ToEnd.Add(_branches.Count);
        }

        _branches.Add(new PreparedBranch(block.LoopTarget ?? Unpatched, frame.Height, frame.LabelTypes.Length));
    }

    private void Patch(int branch, int target) => _branches[branch] = _branches[branch] with { Target = target };

    private PreparedInstruction Instruction(in InstructionReader at)
    {
        int fuel = 0;
        if (_region < _function.Regions.Length && _function.Regions[_region].Offset == at.Position)
        {
            fuel = _function.Regions[_region++].Cost;
        }

        return new PreparedInstruction(at.Opcode, at.Position, fuel)
        {
            Index = at.Index,
            SecondIndex = at.SecondIndex,
            MemoryOffset = at.Offset,
            Lane = at.Info.Immediate is Immediate.Lane or Immediate.MemoryLane ? at.Lane : (byte)0,
            Constant = ConstantOf(in at),
        };
    }

    public static Value ConstantOf(in InstructionReader at) => at.Info.Immediate switch
    {
        Immediate.I32 => Value.Of(at.I32),
        Immediate.I64 => Value.Of(at.I64),
        Immediate.F32 => Value.Of(at.F32Bits),
        Immediate.F64 => Value.Of(at.F64Bits),
        Immediate.V128 or Immediate.Lanes => new Value(
            BinaryPrimitives.ReadUInt64LittleEndian(at.Bytes), BinaryPrimitives.ReadUInt64LittleEndian(at.Bytes[8..])),
        _ => default,
    };

    /// <param name="LoopTarget">Where a branch to it leads, when it is a loop.</param>
    /// <param name="ElseBranch">The branch of an if whose else has not come yet.</param>
    /// <param name="ToEnd">The branches that lead behind its end.</param>
    private sealed record OpenBlock(int? LoopTarget, int? ElseBranch, List<int> ToEnd);
}
