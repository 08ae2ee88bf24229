using System.Reflection.Emit;
using System.Runtime.Intrinsics;
using Tars.Bundle.Wasm;

namespace Tars.Engine.Cil.Compiling;

/// <summary>Constants, locals, globals, references and what only rearranges operands.</summary>
internal sealed partial class FunctionCompiler
{
    private bool EmitVariable(in InstructionReader at)
    {
        switch (at.Opcode)
        {
            case Opcode.I32Const:
                _stack.PushI32(at.I32);
                return true;
            case Opcode.I64Const:
                PushConstant(ValType.I64, (ulong)at.I64);
                return true;
            case Opcode.F32Const:
                PushConstant(ValType.F32, at.F32Bits);
                return true;
            case Opcode.F64Const:
                PushConstant(ValType.F64, at.F64Bits);
                return true;
            case Opcode.LocalGet:
                _stack.Push(_emitter.ReadLocal(at.Index));
                return true;
            case Opcode.LocalSet:
                SetLocal(at.Index);
                return true;
            case Opcode.LocalTee:
                SetLocal(at.Index);
                _stack.Push(_emitter.ReadLocal(at.Index));
                return true;
            case Opcode.GlobalGet:
                GetGlobal(at.Index);
                return true;
            case Opcode.GlobalSet:
                SetGlobal(at.Index);
                return true;
            case Opcode.Drop:
                _emitter.Drop(_stack.Pop());
                return true;
            case Opcode.Select or Opcode.SelectTyped:
                Select();
                return true;
            case Opcode.RefNull:
                _stack.Push(Operand.Zero(at.RefType));
                return true;
            case Opcode.RefFunc:
                _stack.Push(new Operand
                {
                    Type = ValType.FuncRef,
                    Kind = OperandKind.Function,
                    Index = _module.Layout.Function(at.Index),
                });
                return true;
            case Opcode.RefIsNull:
                _emitter.Emit(_stack.Pop());
                _il.Emit(OpCodes.Ldc_I4_0);
                _il.Emit(OpCodes.Conv_I);
                _il.Emit(OpCodes.Ceq);
                _stack.PushFromIl(ValType.I32);
                return true;
            default:
                return false;
        }
    }

    private void PushConstant(ValType type, ulong bits) =>
        _stack.Push(new Operand { Type = type, Kind = OperandKind.Constant, Bits = bits });

    private void SetLocal(int index)
    {
        var value = _stack.Pop();
        if (_plan?.Turns is { } turns && turns.Counters.Any(counter => counter.Local == index)) // I5
        {
            _emitter.Drop(value);
            return;
        }

        _stack.SettleReadersOf(index);
        if (_facts.IsExact(index) && _frames[^1].Straight is { } loop)
        {
            bool isHeld = value.Loose is not FloatShape.None && loop.MayHold(index, value.Loose);
            _emitter.Hold(index, isHeld ? value.Loose : FloatShape.None);
        }

        _emitter.Emit(_emitter.IsExact(index) ? ExpressionEmitter.Exact(value, isAwaited: true) : value);
        _emitter.StoreLocal(index);
        _checked.Set(index, value);
    }

    private void Select()
    {
        var parts = _stack.Pop(3);
        parts[0] = ExpressionEmitter.Exact(parts[0]);
        parts[1] = ExpressionEmitter.Exact(parts[1]);
        _stack.Push(ExpressionEmitter.Expression(_select, parts[0].Type, parts));
    }

    private static readonly Translation _select = new(Opcode.Select, []);

    private void GetGlobal(int index)
    {
        var type = _module.Module.Globals[index].Type;
        if (_module.ConstantGlobal(index) is { } bits)
        {
            PushConstant(type, bits);
            return;
        }

        EmitGlobalAddress(index);
        EmitLoad(type);
        _stack.PushFromIl(type);
    }

    private void SetGlobal(int index)
    {
        var value = _stack.Pop();
        EmitGlobalAddress(index);
        _emitter.Emit(ExpressionEmitter.Exact(value));
        EmitStore(value.Type);
    }

    private void EmitGlobalAddress(int index)
    {
        if (index < _module.ImportedGlobalCount)
        {
            EmitLoadState(_module.Layout.Global(index), OpCodes.Ldind_I);
        }
        else
        {
            EmitStateAddress(_module.Layout.Global(index));
        }
    }

    // Of a whole value, as it lies in the state block.
    private void EmitLoad(ValType type)
    {
        switch (type)
        {
            case ValType.I32:
                _il.Emit(OpCodes.Ldind_I4);
                break;
            case ValType.I64:
                _il.Emit(OpCodes.Ldind_I8);
                break;
            case ValType.F32:
                _il.Emit(OpCodes.Ldind_R4);
                break;
            case ValType.F64:
                _il.Emit(OpCodes.Ldind_R8);
                break;
            case ValType.V128:
                _il.Emit(OpCodes.Unaligned, (byte)1);
                _il.Emit(OpCodes.Ldobj, typeof(Vector128<byte>));
                break;
            case ValType.FuncRef or ValType.ExternRef:
                _il.Emit(OpCodes.Ldind_I);
                break;
        }
    }

    private void EmitStore(ValType type)
    {
        switch (type)
        {
            case ValType.I32:
                _il.Emit(OpCodes.Stind_I4);
                break;
            case ValType.I64:
                _il.Emit(OpCodes.Stind_I8);
                break;
            case ValType.F32:
                _il.Emit(OpCodes.Stind_R4);
                break;
            case ValType.F64:
                _il.Emit(OpCodes.Stind_R8);
                break;
            case ValType.V128:
                _il.Emit(OpCodes.Unaligned, (byte)1);
                _il.Emit(OpCodes.Stobj, typeof(Vector128<byte>));
                break;
            case ValType.FuncRef or ValType.ExternRef:
                _il.Emit(OpCodes.Stind_I);
                break;
        }
    }
}
