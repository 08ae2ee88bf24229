using System.Reflection;
using System.Reflection.Emit;
using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;
using Tars.Engine.Cil.Runtime;
using Tars.Kernel.Ports;

namespace Tars.Engine.Cil.Compiling;

/// <summary>Calls: direct, through a table, of the host, and in tail position.</summary>
internal sealed partial class FunctionCompiler
{
    private static readonly MethodInfo _effectWrite = Method(typeof(EffectRing), nameof(EffectRing.Write));

    private void Call(int function, int position)
    {
        var type = _module.Module.FunctionTypes[function];
        var arguments = _stack.Pop(type.Parameters.Length);
        if (function < _module.HostCalls.Length && _module.HostCalls[function] is { } row)
        {
            CallHost(row, arguments, position);
            return;
        }

        _il.Emit(OpCodes.Ldarg_0);
        _il.Emit(OpCodes.Ldarg_1);
        _il.Emit(OpCodes.Ldarg_2);
        EmitAll(arguments);
        if (_module.Open.Contains(function))
        {
            EmitCallOfOpen(function, type);
        }
        else
        {
            _il.Emit(OpCodes.Call, _module.Methods[function]);
        }

        TakeResults(type);
    }

    // Each instance says whose code it is; the arguments are there.
    private void EmitCallOfOpen(int function, FuncType type)
    {
        EmitLoadState(_module.Layout.Function(function), OpCodes.Ldind_I); // The code is the record's first word.
        _il.EmitCalli(
            OpCodes.Calli, CallingConventions.Standard, IlTypes.ReturnOf(type), IlTypes.ParametersOf(type), null);
    }

    // The engine makes a host call into a record in the guest's own memory; nothing comes back.
    private void CallHost(HostCallRow row, Operand[] arguments, int position)
    {
        for (int place = 0; place < arguments.Length; place++)
        {
            EmitStateAddress(StateLayout.ScratchOf(place));
            _emitter.Emit(ExpressionEmitter.Exact(arguments[place]));
            EmitStore(arguments[place].Type);
        }

        _il.Emit(OpCodes.Ldarg_0);
        EmitMemoryBase();
        EmitMemorySize();
        _il.Emit(OpCodes.Conv_U8);
        _il.Emit(OpCodes.Ldc_I4, (int)row.Call);
        _il.Emit(OpCodes.Call, _effectWrite);
        EmitStatusCheck(position, fuelIsStored: false);
    }

    private void CallIndirect(FuncType type, int table, int position)
    {
        var record = EmitFunctionRecord(type, table, position);
        var arguments = _stack.Pop(type.Parameters.Length);
        _il.Emit(OpCodes.Ldarg_0);
        _il.Emit(OpCodes.Ldarg_1);
        _il.Emit(OpCodes.Ldarg_2);
        EmitAll(arguments);
        _il.Emit(OpCodes.Ldloc, record);
        _emitter.Return(record);
        if (_module.IsProcess)
        {
            _il.Emit(OpCodes.Ldind_I); // The code is the record's first word.
            _il.EmitCalli(
                OpCodes.Calli, CallingConventions.Standard, IlTypes.ReturnOf(type), IlTypes.ParametersOf(type), null);
        }
        else
        {
            _il.Emit(OpCodes.Call, _module.Crossing(type));
        }

        TakeResults(type);
    }

    // Checks the element and leaves the address of its record in a local.
    private LocalBuilder EmitFunctionRecord(FuncType type, int table, int position)
    {
        EmitElement(table, _stack.Pop(), position);
        var record = _emitter.Rent(typeof(nint));
        _il.Emit(OpCodes.Stloc, record);
        _il.Emit(OpCodes.Ldloc, record);
        _il.Emit(OpCodes.Brfalse, TrapAt(FaultKind.UninitializedElement, position));
        _il.Emit(OpCodes.Ldloc, record);
        _il.Emit(OpCodes.Ldc_I4, StateLayout.FunctionType);
        _il.Emit(OpCodes.Add);
        _il.Emit(OpCodes.Ldind_I4);
        _il.Emit(OpCodes.Ldc_I4, _module.TypeNumber(type));
        _il.Emit(OpCodes.Bne_Un, TrapAt(FaultKind.IndirectCallTypeMismatch, position));
        return record;
    }

    private void TakeResults(FuncType type)
    {
        if (!type.Results.IsEmpty)
        {
            _stack.PushFromIl(type.Results[0]);
        }

        for (int place = 1; place < type.Results.Length; place++)
        {
            EmitStateAddress(StateLayout.ScratchOf(place));
            EmitLoad(type.Results[place]);
            _stack.PushFromIl(type.Results[place]);
        }

        LoadFuel();
        LoadLimit();
    }

    // The callee gets the depth that this function was given, as if it had been called in its place.
    private void ReturnCall(int function, int position)
    {
        if (function < _module.HostCalls.Length || _module.Open.Contains(function))
        {
            Call(function, position);
            Return();
            return;
        }

        var type = _module.Module.FunctionTypes[function];
        var arguments = _stack.Pop(type.Parameters.Length);
        _il.Emit(OpCodes.Ldarg_0);
        EmitDepthBefore();
        _il.Emit(OpCodes.Ldarg_2);
        EmitAll(arguments);
        _il.Emit(OpCodes.Tailcall);
        _il.Emit(OpCodes.Call, _module.Methods[function]);
        _il.Emit(OpCodes.Ret);
    }

    private void ReturnCallIndirect(FuncType type, int table, int position)
    {
        var record = EmitFunctionRecord(type, table, position);
        var arguments = _stack.Pop(type.Parameters.Length);
        _il.Emit(OpCodes.Ldarg_0);
        EmitDepthBefore();
        _il.Emit(OpCodes.Ldarg_2);
        EmitAll(arguments);
        if (!_module.IsProcess)
        {
            EmitLeaveByCrossing(type, record);
        }

        _il.Emit(OpCodes.Ldloc, record);
        _emitter.Return(record);
        _il.Emit(OpCodes.Ldind_I);
        _il.Emit(OpCodes.Tailcall);
        _il.EmitCalli(
            OpCodes.Calli, CallingConventions.Standard, IlTypes.ReturnOf(type), IlTypes.ParametersOf(type), null);
        _il.Emit(OpCodes.Ret);
    }

    // A function of another instance is called and waited for; what we return is what it gave.
    private void EmitLeaveByCrossing(FuncType type, LocalBuilder record)
    {
        var own = _il.DefineLabel();
        _il.Emit(OpCodes.Ldloc, record);
        _il.Emit(OpCodes.Ldc_I4, StateLayout.FunctionState);
        _il.Emit(OpCodes.Add);
        _il.Emit(OpCodes.Ldind_I);
        _il.Emit(OpCodes.Ldarg_0);
        _il.Emit(OpCodes.Beq, own);
        _il.Emit(OpCodes.Ldloc, record);
        _il.Emit(OpCodes.Call, _module.Crossing(type));
        _il.Emit(OpCodes.Ret);
        _il.MarkLabel(own);
    }

    private void EmitDepthBefore()
    {
        _il.Emit(OpCodes.Ldarg_1);
        _il.Emit(OpCodes.Ldc_I4, _function.DepthSlots);
        _il.Emit(OpCodes.Add);
    }
}
