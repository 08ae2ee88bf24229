using System.Reflection;
using System.Reflection.Emit;
using Tars.Bundle.Wasm;
using Tars.Engine.Cil.Runtime;
using Tars.Kernel.Ports;

namespace Tars.Engine.Cil.Compiling;

/// <summary>Instructions on tables but the calls through them.</summary>
internal sealed partial class FunctionCompiler
{
    private static readonly MethodInfo _tableSet = Method(typeof(TableOperations), nameof(TableOperations.Set));
    private static readonly MethodInfo _tableFill = Method(typeof(TableOperations), nameof(TableOperations.Fill));
    private static readonly MethodInfo _tableCopy = Method(typeof(TableOperations), nameof(TableOperations.Copy));
    private static readonly MethodInfo _tableInit = Method(typeof(TableOperations), nameof(TableOperations.Init));
    private static readonly MethodInfo _tableGrow = Method(typeof(TableOperations), nameof(TableOperations.Grow));
    private static readonly MethodInfo _elemDrop = Method(typeof(TableOperations), nameof(TableOperations.Drop));

    private bool EmitTable(in InstructionReader at)
    {
        switch (at.Opcode)
        {
            case Opcode.TableGet:
                EmitElement(at.Index, _stack.Pop(), at.Position);
                _stack.PushFromIl(_module.Module.Tables[at.Index].Element);
                return true;
            case Opcode.TableSet:
                TableCall(_tableSet, [at.Index], operandCount: 2, at.Position);
                return true;
            case Opcode.TableFill:
                TableCall(_tableFill, [at.Index], operandCount: 3, at.Position);
                return true;
            case Opcode.TableCopy:
                TableCall(_tableCopy, [at.Index, at.SecondIndex], operandCount: 3, at.Position);
                return true;
            case Opcode.TableInit:
                TableCall(_tableInit, [at.SecondIndex, at.Index], operandCount: 3, at.Position);
                return true;
            case Opcode.TableGrow:
                GrowTable(at.Index, at.Position);
                return true;
            case Opcode.TableSize:
                EmitTableHead(at.Index);
                _il.Emit(OpCodes.Ldc_I4, StateLayout.TableLength);
                _il.Emit(OpCodes.Add);
                _il.Emit(OpCodes.Ldind_I4);
                _stack.PushFromIl(ValType.I32);
                return true;
            case Opcode.ElemDrop:
                _il.Emit(OpCodes.Ldarg_0);
                _il.Emit(OpCodes.Ldc_I4, at.Index);
                _il.Emit(OpCodes.Call, _elemDrop);
                return true;
            default:
                return false;
        }
    }

    private void TableCall(MethodInfo method, ReadOnlySpan<int> indices, int operandCount, int position)
    {
        var operands = _stack.Pop(operandCount);
        StoreFuel(); // I1
        _il.Emit(OpCodes.Ldarg_0);
        foreach (int index in indices)
        {
            _il.Emit(OpCodes.Ldc_I4, index);
        }

        EmitAll(operands);
        _il.Emit(OpCodes.Call, method);
        EmitStatusCheck(position, fuelIsStored: true);
        LoadFuel();
    }

    private void GrowTable(int table, int position)
    {
        var operands = _stack.Pop(2);
        StoreFuel(); // I1
        _il.Emit(OpCodes.Ldarg_0);
        _il.Emit(OpCodes.Ldc_I4, table);
        EmitAll(operands);
        _il.Emit(OpCodes.Call, _tableGrow);
        var answer = _emitter.StoreInPool(ValType.I32);
        _stack.Push(answer);

        // Below -1 it is a status: see TableOperations.Grow.
        var fine = _il.DefineLabel();
        _emitter.EmitLeaf(answer);
        _il.Emit(OpCodes.Ldc_I4_M1);
        _il.Emit(OpCodes.Bge, fine);
        _il.Emit(OpCodes.Ldc_I4_M1);
        _emitter.EmitLeaf(answer);
        _il.Emit(OpCodes.Sub);
        EmitStatusCheck(position, fuelIsStored: true);
        _il.MarkLabel(fine);
        LoadFuel();
    }

    private void EmitTableHead(int table)
    {
        if (table < _module.ImportedTableCount)
        {
            EmitLoadState(_module.Layout.Table(table), OpCodes.Ldind_I);
        }
        else
        {
            EmitStateAddress(_module.Layout.Table(table));
        }
    }

    // Leaves the element on the IL stack.
    private void EmitElement(int table, Operand index, int position)
    {
        var place = _emitter.Pool(index);
        _emitter.EmitLeaf(place);
        EmitTableHead(table);
        _il.Emit(OpCodes.Ldc_I4, StateLayout.TableLength);
        _il.Emit(OpCodes.Add);
        _il.Emit(OpCodes.Ldind_I4);
        _il.Emit(OpCodes.Bge_Un, TrapAt(FaultKind.TableOutOfBounds, position));
        EmitTableHead(table);
        _il.Emit(OpCodes.Ldind_I); // The pointer to the elements is the head's first word.
        _emitter.Emit(place);
        _il.Emit(OpCodes.Conv_U);
        _il.Emit(OpCodes.Ldc_I4_3);
        _il.Emit(OpCodes.Shl);
        _il.Emit(OpCodes.Add);
        _il.Emit(OpCodes.Ldind_I);
    }
}
