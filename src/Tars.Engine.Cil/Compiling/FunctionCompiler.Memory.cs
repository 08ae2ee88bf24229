using System.Reflection;
using System.Reflection.Emit;
using Tars.Bundle.Wasm;
using Tars.Engine.Cil.Runtime;
using Tars.Kernel.Ports;

namespace Tars.Engine.Cil.Compiling;

/// <summary>Loads, stores and the bulk instructions of the memory.</summary>
/// <remarks>
/// Invariants:
///   I3  Before an access stands a comparison of its end with the memory's size, in 64 bits, unless its operand can
///       never be so large that it ends outside the smallest size of the memory, or a comparison that was passed
///       before covers it.
/// </remarks>
internal sealed partial class FunctionCompiler
{
    private const int PageSizeLog2 = 16;

    private static readonly MethodInfo _memoryFill = Method(typeof(Bulk), nameof(Bulk.MemoryFill));
    private static readonly MethodInfo _memoryCopy = Method(typeof(Bulk), nameof(Bulk.MemoryCopy));
    private static readonly MethodInfo _memoryInit = Method(typeof(Bulk), nameof(Bulk.MemoryInit));
    private static readonly MethodInfo _dataDrop = Method(typeof(Bulk), nameof(Bulk.DataDrop));
    private static readonly MethodInfo _memoryGrow = Method(typeof(Bulk), nameof(Bulk.MemoryGrow));

    private bool EmitMemory(in InstructionReader at)
    {
        if (MemoryAccess.Find(at.Opcode) is { } access)
        {
            if (at.Info.Signature!.Results.IsEmpty)
            {
                Store(access, at.Offset, at.Position);
            }
            else
            {
                Load(access, at.Info.Signature.Results[0], at.Offset, at.Position);
            }

            return true;
        }

        switch (at.Opcode)
        {
            case Opcode.MemorySize:
                EmitMemorySize();
                _il.Emit(OpCodes.Ldc_I4, PageSizeLog2);
                _il.Emit(OpCodes.Shr_Un);
                _il.Emit(OpCodes.Conv_I4);
                _stack.PushFromIl(ValType.I32);
                return true;
            case Opcode.MemoryGrow:
                GrowMemory();
                return true;
            case Opcode.MemoryFill:
                BulkMemory(_memoryFill, segment: null, at.Position);
                return true;
            case Opcode.MemoryCopy:
                BulkMemory(_memoryCopy, segment: null, at.Position);
                return true;
            case Opcode.MemoryInit:
                BulkMemory(_memoryInit, at.Index, at.Position);
                return true;
            case Opcode.DataDrop:
                _il.Emit(OpCodes.Ldarg_0);
                _il.Emit(OpCodes.Ldc_I4, at.Index);
                _il.Emit(OpCodes.Call, _dataDrop);
                return true;
            default:
                return false;
        }
    }

    private void Load(MemoryAccess access, ValType type, uint offset, int position)
    {
        var address = EmitCheck(_stack.Pop(), offset, access.Size, position);
        EmitAddress(address, offset);
        if (1 < access.Size)
        {
            _il.Emit(OpCodes.Unaligned, (byte)1);
        }

        _il.Emit(access.Access);
        if (access.Widening is { } widening)
        {
            _il.Emit(widening);
        }

        _stack.PushFromIl(type, OperandRange.MaxOf(access.Opcode));
    }

    private void Store(MemoryAccess access, uint offset, int position)
    {
        var value = ExpressionEmitter.Exact(_stack.Pop(), isAwaited: _plan?.IsLeftBehind(position) is not true);
        var address = EmitCheck(_stack.Pop(), offset, access.Size, position);
        EmitAddress(address, offset);
        _emitter.Emit(value);
        if (access.Widening is { } narrowing)
        {
            _il.Emit(narrowing);
        }

        if (1 < access.Size)
        {
            _il.Emit(OpCodes.Unaligned, (byte)1);
        }

        _il.Emit(access.Access);
    }

    /// <summary>Emits the range check of an access.</summary>
    private CheckedAddress EmitCheck(Operand address, uint offset, int size, int position)
    {
        if (_plan?.Covered.GetValueOrDefault(position) is { } access) // I4
        {
            _emitter.Drop(address);
            return new CheckedAddress(Pointer: _pointers[access.Walk], Constant: access.Distance);
        }

        long end = (long)offset + size;
        if (address.IsConstant)
        {
            if (_module.MemoryBytesMin < address.Max + end)
            {
                EmitWord(address.Max + end);
                EmitMemorySize();
                _il.Emit(OpCodes.Bgt_Un, TrapAt(FaultKind.MemoryOutOfBounds, position)); // I3
            }

            return new CheckedAddress(Constant: address.Max);
        }

        if (address.Max + end <= _module.MemoryBytesMin || _checked.Covers(address, end)) // I3
        {
            return new CheckedAddress(Operand: address);
        }

        _checked.Note(address, end);
        var local = _emitter.Rent(typeof(nint));
        _emitter.Emit(address);
        _il.Emit(OpCodes.Conv_U);
        _il.Emit(OpCodes.Stloc, local);
        _il.Emit(OpCodes.Ldloc, local);
        if (_module.MemoryIsFixed && end <= _module.MemoryBytesMin)
        {
            EmitWord(_module.MemoryBytesMin - end);
        }
        else
        {
            EmitWord(end);
            _il.Emit(OpCodes.Add);
            EmitMemorySize();
        }

        _il.Emit(OpCodes.Bgt_Un, TrapAt(FaultKind.MemoryOutOfBounds, position)); // I3
        return new CheckedAddress(Local: local);
    }

    // The machine address; the local goes back to the pool.
    private void EmitAddress(CheckedAddress address, uint offset)
    {
        long constant = address.Constant + offset;
        if (address.Pointer is { } pointer)
        {
            _il.Emit(OpCodes.Ldloc, pointer);
        }
        else if (_memory is not null)
        {
            _il.Emit(OpCodes.Ldloc, _memory);
        }
        else
        {
            _il.Emit(OpCodes.Ldarg_0);
            constant += _module.Layout.Memory;
        }

        if (address.Local is { } local)
        {
            _il.Emit(OpCodes.Ldloc, local);
            _il.Emit(OpCodes.Add);
            _emitter.Return(local);
        }
        else if (address.Operand is { } operand)
        {
            _emitter.Emit(operand);
            _il.Emit(OpCodes.Conv_U);
            _il.Emit(OpCodes.Add);
        }

        if (constant != 0)
        {
            EmitWord(constant);
            _il.Emit(OpCodes.Add);
        }
    }

    private void EmitMemorySize()
    {
        if (_module.MemoryIsFixed)
        {
            EmitWord(_module.MemoryBytesMin);
        }
        else if (_limit is not null)
        {
            _il.Emit(OpCodes.Ldloc, _limit);
        }
        else
        {
            EmitLoadMemorySize();
        }
    }

    private void EmitMemoryBase()
    {
        if (_memory is not null)
        {
            _il.Emit(OpCodes.Ldloc, _memory);
        }
        else
        {
            EmitStateAddress(_module.Layout.Memory);
        }
    }

    private void GrowMemory()
    {
        var pages = _stack.Pop();
        _il.Emit(OpCodes.Ldarg_0);
        _emitter.Emit(pages);
        _il.Emit(OpCodes.Call, _memoryGrow);
        _stack.PushFromIl(ValType.I32);
        LoadLimit();
    }

    private void BulkMemory(MethodInfo method, int? segment, int position)
    {
        var operands = _stack.Pop(3);
        StoreFuel(); // I1
        _il.Emit(OpCodes.Ldarg_0);
        EmitMemoryBase();
        EmitMemorySize();
        _il.Emit(OpCodes.Conv_U8);
        if (segment is { } index)
        {
            _il.Emit(OpCodes.Ldc_I4, index);
        }

        EmitAll(operands);
        _il.Emit(OpCodes.Call, method);
        EmitStatusCheck(position, fuelIsStored: true);
        LoadFuel();
    }

    private void EmitAll(Operand[] operands)
    {
        foreach (var operand in operands)
        {
            _emitter.Emit(ExpressionEmitter.Exact(operand));
        }
    }

    private void EmitWord(long value)
    {
        if (value is >= int.MinValue and <= int.MaxValue)
        {
            _il.Emit(OpCodes.Ldc_I4, (int)value);
        }
        else
        {
            _il.Emit(OpCodes.Ldc_I8, value);
        }

        _il.Emit(OpCodes.Conv_I);
    }

    /// <summary>
    /// A zero-extended address in a local, an operand that is still to be extended, or a machine address; and a number.
    /// </summary>
    private readonly record struct CheckedAddress(
        LocalBuilder? Local = null, Operand? Operand = null, LocalBuilder? Pointer = null, long Constant = 0);
}
