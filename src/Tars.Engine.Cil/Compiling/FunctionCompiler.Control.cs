using System.Reflection.Emit;
using Tars.Bundle.Wasm;
using Tars.Engine.Cil.Runtime;
using Tars.Kernel.Ports;

namespace Tars.Engine.Cil.Compiling;

/// <summary>Blocks, branches and returns.</summary>
internal sealed partial class FunctionCompiler
{
    private bool EmitControl(ref InstructionReader at)
    {
        switch (at.Opcode)
        {
            case Opcode.Nop:
                return true;
            case Opcode.Unreachable:
                _il.Emit(OpCodes.Br, TrapAt(FaultKind.Unreachable, at.Position));
                SkipDead(ref at);
                return true;
            case Opcode.Block or Opcode.Loop or Opcode.If:
                Open(in at);
                return true;
            case Opcode.Else:
                Else(fallsThrough: true);
                return true;
            case Opcode.End:
                End(fallsThrough: true);
                return true;
            case Opcode.Br:
                Branch(at.Index);
                SkipDead(ref at);
                return true;
            case Opcode.BrIf:
                BranchIf(at.Index);
                return true;
            case Opcode.BrTable when Limits.BranchTargetCountMax < at.Labels.Count:
                return false;
            case Opcode.BrTable:
                BranchTable(at.Labels);
                SkipDead(ref at);
                return true;
            case Opcode.Return:
                Return();
                SkipDead(ref at);
                return true;
            case Opcode.Call:
                Call(at.Index, at.Position);
                return true;
            case Opcode.CallIndirect:
                CallIndirect(_module.Module.Module.Types[at.Index], at.SecondIndex, at.Position);
                return true;
            case Opcode.ReturnCall:
                ReturnCall(at.Index, at.Position);
                SkipDead(ref at);
                return true;
            case Opcode.ReturnCallIndirect:
                ReturnCallIndirect(_module.Module.Module.Types[at.Index], at.SecondIndex, at.Position);
                SkipDead(ref at);
                return true;
            default:
                return false;
        }
    }

    private ControlFrame Label(int label) => _frames[^(label + 1)];

    // Several ways may lead there, of which each has passed other checks.
    private void MarkLabel(Label label)
    {
        _il.MarkLabel(label);
        _checked.Clear();
    }

    private void Open(in InstructionReader at)
    {
        var condition = at.Opcode is Opcode.If ? _stack.Pop() : null;
        var type = at.BlockType.TypeIn(_module.Module.Module.Types);
        int height = _stack.Height - type.Parameters.Length;
        var frame = new ControlFrame(at.Opcode, type, height, _il.DefineLabel());
        if (at.Opcode is Opcode.Loop)
        {
            StoreJoined(type.Parameters.AsSpan(), height);
            _stack.SettleAll();
            bool isPlain = type.Parameters.IsEmpty && type.Results.IsEmpty;
            frame.Straight = isPlain ? StraightLoop.Of(_function, at.End) : null;
            frame.After = EmitPlanned(in at, frame);
            _loopStart = at.End;
        }

        _frames.Add(frame);
        if (condition is not null)
        {
            // Both arms take the parameters, so they must not be given back to the pool by the first.
            frame.Otherwise = _il.DefineLabel();
            StoreJoined(type.Parameters.AsSpan(), height);
            _stack.SettleAll();
            PushJoined(type.Parameters.AsSpan(), height);
            _emitter.Emit(condition);
            _il.Emit(OpCodes.Brfalse, frame.Otherwise.Value);
            return;
        }

        if (at.Opcode is Opcode.Block)
        {
            _stack.SettleAll();
            return;
        }

        MarkLabel(frame.Target);
        foreach (var (place, parameter) in type.Parameters.Index())
        {
            // A copy, because a branch back writes the joined local while the operand may still be wanted.
            _emitter.EmitLeaf(_emitter.Joined(height + place, parameter));
            _stack.PushFromIl(parameter);
        }
    }

    private void Else(bool fallsThrough)
    {
        var frame = _frames[^1];
        if (fallsThrough)
        {
            StoreJoined(frame.Type.Results.AsSpan(), frame.Height);
            _il.Emit(OpCodes.Br, frame.Target);
            frame.IsTargeted = true;
        }

        _stack.DropTo(frame.Height);
        MarkLabel(frame.Otherwise!.Value);
        frame.Otherwise = null;
        PushJoined(frame.Type.Parameters.AsSpan(), frame.Height);
    }

    private void End(bool fallsThrough)
    {
        var frame = _frames[^1];
        _frames.RemoveAt(_frames.Count - 1);
        if (frame.IsFunction)
        {
            if (fallsThrough)
            {
                Return();
            }

            return;
        }

        if (frame.Opcode is Opcode.Loop || (frame.Otherwise is null && !frame.IsTargeted))
        {
            EndUntargeted(frame, fallsThrough);
            if (frame.After is { } after)
            {
                MarkLabel(after);
            }

            return;
        }

        if (fallsThrough)
        {
            StoreJoined(frame.Type.Results.AsSpan(), frame.Height);
        }

        _stack.DropTo(frame.Height);
        if (frame.Otherwise is { } otherwise)
        {
            MarkLabel(otherwise);
        }

        MarkLabel(frame.Target);
        PushJoined(frame.Type.Results.AsSpan(), frame.Height);
    }

    // The code after it is reached from the code before it, or never; in that case its operands do not matter.
    private void EndUntargeted(ControlFrame frame, bool fallsThrough)
    {
        if (fallsThrough)
        {
            return;
        }

        _stack.DropTo(frame.Height);
        foreach (var type in frame.Type.Results)
        {
            _stack.Push(Operand.Zero(type));
        }
    }

    private void Branch(int label)
    {
        var frame = Label(label);
        if (frame.IsFunction)
        {
            Return();
            return;
        }

        var types = LabelTypes(frame);
        StoreJoined(types, frame.Height);
        frame.IsTargeted = true;
        _il.Emit(OpCodes.Br, frame.Target);
    }

    private void BranchIf(int label)
    {
        var frame = Label(label);
        var condition = _stack.Pop();
        var types = LabelTypes(frame);
        if (types.IsEmpty && !frame.IsFunction)
        {
            if (frame.Turns is { } turns)
            {
                EmitEndOfTurn(turns.Left, frame.Target);
                if (turns.IsBare)
                {
                    TakeBack();
                }
            }

            frame.IsTargeted = true;
            if (frame is { Turns: not null, Straight: not null })
            {
                MakeExact(frame);
            }

            _emitter.Emit(condition);
            _il.Emit(OpCodes.Brtrue, frame.Turns?.Again ?? frame.Target);
            MakeExact(frame);
            return;
        }

        _stack.SettleAll();
        var stay = _il.DefineLabel();
        _emitter.Emit(condition);
        _il.Emit(OpCodes.Brfalse, stay);
        JumpKeeping(frame, types);
        _il.MarkLabel(stay);
    }

    // Locals that held loose results in the turns of a straight loop.
    private void MakeExact(ControlFrame frame)
    {
        if (frame.Straight is null)
        {
            return;
        }

        frame.Straight = null;
        foreach (int local in _emitter.Held())
        {
            _emitter.Emit(ExpressionEmitter.Exact(_emitter.ReadLocal(local)));
            _emitter.StoreLocal(local);
            _emitter.Hold(local, FloatShape.None);
        }
    }

    private void BranchTable(LabelTable labels)
    {
        var index = _stack.Pop();
        _stack.SettleAll();
        var jumps = new Dictionary<int, Label>();
        var targets = new Label[labels.Count];
        int place = 0;
        foreach (int label in labels)
        {
            var frame = Label(label);
            if (!jumps.TryGetValue(label, out var jump))
            {
                bool isDirect = !frame.IsFunction && LabelTypes(frame).IsEmpty;
                jumps[label] = jump = isDirect ? frame.Target : _il.DefineLabel();
                frame.IsTargeted = true;
            }

            targets[place++] = jump;
        }

        _emitter.Emit(index);
        _il.Emit(OpCodes.Switch, targets[..^1]);
        _il.Emit(OpCodes.Br, targets[^1]);
        foreach (var (label, jump) in jumps)
        {
            var frame = Label(label);
            if (jump != frame.Target)
            {
                _il.MarkLabel(jump);
                JumpKeeping(frame, LabelTypes(frame));
            }
        }
    }

    // Leaves for a block with operands that are settled and stay on the stack for the code that follows.
    private void JumpKeeping(ControlFrame frame, ReadOnlySpan<ValType> types)
    {
        if (frame.IsFunction)
        {
            EmitReturn(_stack.Top(_function.Type.Results.Length), keeps: true);
            return;
        }

        for (int place = 0; place < types.Length; place++)
        {
            _emitter.EmitKeeping(_stack.Peek(types.Length - 1 - place));
            _il.Emit(OpCodes.Stloc, _emitter.Joined(frame.Height + place, types[place]).Slot!);
        }

        frame.IsTargeted = true;
        _il.Emit(OpCodes.Br, frame.Target);
    }

    private void Return() => EmitReturn(_stack.Pop(_function.Type.Results.Length), keeps: false);

    // The first result is returned, the others go through the scratch of the state block.
    private void EmitReturn(Operand[] results, bool keeps)
    {
        for (int place = 1; place < results.Length; place++)
        {
            EmitStateAddress(StateLayout.ScratchOf(place));
            EmitResult(results[place], keeps);
            EmitStore(results[place].Type);
        }

        StoreFuel(); // I1
        if (results.Length != 0)
        {
            EmitResult(results[0], keeps);
        }

        _il.Emit(OpCodes.Ret);
    }

    private void EmitResult(Operand result, bool keeps)
    {
        if (keeps)
        {
            _emitter.EmitKeeping(result);
        }
        else
        {
            _emitter.Emit(ExpressionEmitter.Exact(result));
        }
    }

    // Pops the operands and puts them where those of all other ways to a label are.
    private void StoreJoined(ReadOnlySpan<ValType> types, int height)
    {
        var operands = _stack.Pop(types.Length);
        for (int place = 0; place < operands.Length; place++)
        {
            _emitter.Emit(ExpressionEmitter.Exact(operands[place]));
            _il.Emit(OpCodes.Stloc, _emitter.Joined(height + place, types[place]).Slot!);
        }
    }

    private void PushJoined(ReadOnlySpan<ValType> types, int height)
    {
        for (int place = 0; place < types.Length; place++)
        {
            _stack.Push(_emitter.Joined(height + place, types[place]));
        }
    }

    private static ReadOnlySpan<ValType> LabelTypes(ControlFrame frame) =>
        frame.Opcode is Opcode.Loop ? frame.Type.Parameters.AsSpan() : frame.Type.Results.AsSpan();

    // To the else or end of the block whose rest can never run.
    private void SkipDead(ref InstructionReader at)
    {
        int depth = 0;
        while (at.Next())
        {
            switch (at.Opcode)
            {
                case Opcode.Block or Opcode.Loop or Opcode.If:
                    depth++;
                    break;
                case Opcode.Else when depth == 0:
                    Else(fallsThrough: false);
                    return;
                case Opcode.End when depth == 0:
                    End(fallsThrough: false);
                    return;
                case Opcode.End:
                    depth--;
                    break;
                default:
                    break;
            }
        }
    }
}
