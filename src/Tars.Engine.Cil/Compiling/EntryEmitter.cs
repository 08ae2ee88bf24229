using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Emit;
using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;
using Tars.Engine.Cil.Runtime;

namespace Tars.Engine.Cil.Compiling;

/// <summary>Makes the small methods around a module's functions: ways in, ways out, and their addresses.</summary>
internal sealed class EntryEmitter
{
    private readonly ILGenerator _il;

    private EntryEmitter(ILGenerator il) => _il = il;

    public static DynamicMethod MethodFor(string name, FuncType type) =>
        NewMethod(name, IlTypes.ReturnOf(type), IlTypes.ParametersOf(type));

    /// <summary>The way in: arguments from the scratch of the state block, results into it.</summary>
    public static CompiledModule.Entry EntryOf(ModuleFacts facts, int function)
    {
        var type = facts.Module.FunctionTypes[function];
        var method = NewMethod("entry", typeof(void), [typeof(nint), typeof(int)]);
        var emitter = new EntryEmitter(method.GetILGenerator());
        emitter.EmitEntry(facts.Methods[function], type);
        return method.CreateDelegate<CompiledModule.Entry>();
    }

    /// <summary>Writes the body of an imported function that another instance gives.</summary>
    public static void EmitLink(ModuleFacts facts, int function)
    {
        var emitter = new EntryEmitter(facts.Methods[function].GetILGenerator());
        var type = facts.Module.FunctionTypes[function];
        emitter._il.Emit(OpCodes.Ldarg_0);
        emitter._il.Emit(OpCodes.Ldarg_1);
        emitter._il.Emit(OpCodes.Ldarg_2);
        emitter.EmitParameters(type);
        emitter._il.Emit(OpCodes.Ldarg_0);
        emitter._il.Emit(OpCodes.Ldc_I4, facts.Layout.Function(function));
        emitter._il.Emit(OpCodes.Add);
        emitter._il.Emit(OpCodes.Call, facts.Crossing(type));
        emitter._il.Emit(OpCodes.Ret);
    }

    /// <summary>Writes the body of an imported function that is a host call, for calls through a table.</summary>
    public static void EmitHostCall(ModuleFacts facts, int function, HostCallRow row)
    {
        var emitter = new EntryEmitter(facts.Methods[function].GetILGenerator());
        var type = facts.Module.FunctionTypes[function];
        emitter.EmitHandOver(type);
        emitter._il.Emit(OpCodes.Ldarg_0);
        emitter._il.Emit(OpCodes.Ldc_I4, facts.Layout.Memory);
        emitter._il.Emit(OpCodes.Ldc_I4, (int)row.Call);
        emitter._il.Emit(OpCodes.Ldc_I4, function);
        emitter._il.Emit(OpCodes.Call, typeof(EffectRing).GetMethod(nameof(EffectRing.WriteOrThrow))!);
        emitter._il.Emit(OpCodes.Ret);
    }

    /// <summary>Writes the body of an imported function that the host answers at once.</summary>
    public static void EmitAnswered(ModuleFacts facts, int function)
    {
        var emitter = new EntryEmitter(facts.Methods[function].GetILGenerator());
        var type = facts.Module.FunctionTypes[function];
        emitter.EmitHandOver(type);
        emitter._il.Emit(OpCodes.Ldarg_0);
        emitter._il.Emit(OpCodes.Ldc_I4, function);
        emitter._il.Emit(OpCodes.Call, typeof(CommandHost).GetMethod(nameof(CommandHost.Answer))!);
        if (!type.Results.IsEmpty)
        {
            emitter.EmitScratch(0);
            emitter.EmitLoad(type.Results[0]);
        }

        emitter._il.Emit(OpCodes.Ret);
    }

    /// <summary>
    /// Makes a call into whichever instance a function's record names; the record is the last argument.
    /// </summary>
    /// <remarks>Fuel and its floor go along and come back, a trap included; so do the results in scratch.</remarks>
    public static DynamicMethod CrossingOf(FuncType type)
    {
        var method = NewMethod("crossing", IlTypes.ReturnOf(type), [.. IlTypes.ParametersOf(type), typeof(nint)]);
        new EntryEmitter(method.GetILGenerator()).EmitCrossing(type);
        return method;
    }

    /// <summary>The machine addresses of methods.</summary>
    public static nint[] AddressesOf(ImmutableArray<DynamicMethod> methods)
    {
        if (methods.IsEmpty)
        {
            return [];
        }

        var method = NewMethod("addresses", typeof(void), [typeof(nint[])]);
        // ILGenerator refuses ldftn of a dynamic method, which the runtime takes: so the bytes are written here.
        var info = method.GetDynamicILInfo();
        var code = new ByteWriter();
        for (int place = 0; place < methods.Length; place++)
        {
            code.U8((byte)OpCodes.Ldarg_0.Value);
            code.U8((byte)OpCodes.Ldc_I4.Value);
            code.U32((uint)place);
            code.U8((byte)(OpCodes.Ldftn.Value >> 8));
            code.U8((byte)OpCodes.Ldftn.Value);
            code.U32((uint)info.GetTokenFor(methods[place]));
            code.U8((byte)OpCodes.Stelem_I.Value);
        }

        code.U8((byte)OpCodes.Ret.Value);
        info.SetCode(code.ToArray(), maxStackSize: 3);
        info.SetLocalSignature(SignatureHelper.GetLocalVarSigHelper().GetSignature());
        var addresses = new nint[methods.Length];
        method.CreateDelegate<Action<nint[]>>()(addresses);
        return addresses;
    }

    /// <summary>A method that calls a function with no depth left, so that all it does is to be compiled.</summary>
    public static Action<nint> ProbeOf(ModuleFacts facts, int function)
    {
        var type = facts.Module.FunctionTypes[function];
        var method = NewMethod("probe", typeof(void), [typeof(nint)]);
        var il = method.GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        foreach (var parameter in IlTypes.ParametersOf(type).Skip(1))
        {
            il.Emit(OpCodes.Ldloc, il.DeclareLocal(parameter));
        }

        il.Emit(OpCodes.Call, facts.Methods[function]);
        if (!type.Results.IsEmpty)
        {
            il.Emit(OpCodes.Pop);
        }

        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<Action<nint>>();
    }

    // Generated code calls internal methods of this assembly, so visibility is not checked.
    private static DynamicMethod NewMethod(string name, Type result, Type[] parameters) =>
        new(name, result, parameters, typeof(EntryEmitter).Module, skipVisibility: true);

    private void EmitEntry(DynamicMethod target, FuncType type)
    {
        _il.Emit(OpCodes.Ldarg_0);
        _il.Emit(OpCodes.Ldarg_1);
        _il.Emit(OpCodes.Ldarg_0);
        _il.Emit(OpCodes.Ldind_I8); // The fuel is the first word of the state block.
        for (int place = 0; place < type.Parameters.Length; place++)
        {
            EmitScratch(place);
            EmitLoad(type.Parameters[place]);
        }

        _il.Emit(OpCodes.Call, target);
        if (!type.Results.IsEmpty)
        {
            var result = _il.DeclareLocal(IlTypes.Of(type.Results[0]));
            _il.Emit(OpCodes.Stloc, result);
            EmitScratch(0);
            _il.Emit(OpCodes.Ldloc, result);
            EmitStore(type.Results[0]);
        }

        _il.Emit(OpCodes.Ret);
    }

    private void EmitCrossing(FuncType type)
    {
        int record = type.Parameters.Length;
        var callee = _il.DeclareLocal(typeof(nint));
        var result = type.Results.IsEmpty ? null : _il.DeclareLocal(IlTypes.Of(type.Results[0]));
        EmitParameter(record);
        _il.Emit(OpCodes.Ldc_I4, StateLayout.FunctionState);
        _il.Emit(OpCodes.Add);
        _il.Emit(OpCodes.Ldind_I);
        _il.Emit(OpCodes.Stloc, callee);
        EmitStoreFuel(() => _il.Emit(OpCodes.Ldloc, callee));
        EmitCopy(() => _il.Emit(OpCodes.Ldarg_0), () => _il.Emit(OpCodes.Ldloc, callee), StateLayout.Floor);
        _il.BeginExceptionBlock();
        _il.Emit(OpCodes.Ldloc, callee);
        _il.Emit(OpCodes.Ldarg_1);
        _il.Emit(OpCodes.Ldarg_2);
        EmitParameters(type);
        EmitParameter(record);
        _il.Emit(OpCodes.Ldind_I);
        _il.EmitCalli(
            OpCodes.Calli, CallingConventions.Standard, IlTypes.ReturnOf(type), IlTypes.ParametersOf(type), null);
        if (result is not null)
        {
            _il.Emit(OpCodes.Stloc, result);
        }

        _il.BeginFinallyBlock();
        EmitCopy(() => _il.Emit(OpCodes.Ldloc, callee), () => _il.Emit(OpCodes.Ldarg_0), StateLayout.Fuel);
        _il.EndExceptionBlock();
        for (int place = 1; place < type.Results.Length; place++)
        {
            int offset = StateLayout.ScratchOf(place);
            EmitCopy(() => _il.Emit(OpCodes.Ldloc, callee), () => _il.Emit(OpCodes.Ldarg_0), offset);
            EmitCopy(() => _il.Emit(OpCodes.Ldloc, callee), () => _il.Emit(OpCodes.Ldarg_0), offset + sizeof(long));
        }

        if (result is not null)
        {
            _il.Emit(OpCodes.Ldloc, result);
        }

        _il.Emit(OpCodes.Ret);
    }

    // Fuel and arguments go where managed code finds them.
    private void EmitHandOver(FuncType type)
    {
        EmitStoreFuel(() => _il.Emit(OpCodes.Ldarg_0));
        for (int place = 0; place < type.Parameters.Length; place++)
        {
            EmitScratch(place);
            EmitParameter(place);
            EmitStore(type.Parameters[place]);
        }
    }

    private void EmitStoreFuel(Action state)
    {
        state();
        _il.Emit(OpCodes.Ldarg_2);
        _il.Emit(OpCodes.Stind_I8);
    }

    private void EmitCopy(Action from, Action to, int offset)
    {
        to();
        _il.Emit(OpCodes.Ldc_I4, offset);
        _il.Emit(OpCodes.Add);
        from();
        _il.Emit(OpCodes.Ldc_I4, offset);
        _il.Emit(OpCodes.Add);
        _il.Emit(OpCodes.Ldind_I8);
        _il.Emit(OpCodes.Stind_I8);
    }

    private void EmitParameters(FuncType type)
    {
        for (int place = 0; place < type.Parameters.Length; place++)
        {
            EmitParameter(place);
        }
    }

    private void EmitParameter(int place) => _il.Emit(OpCodes.Ldarg, (short)(place + IlTypes.LeadingParameterCount));

    private void EmitScratch(int place)
    {
        _il.Emit(OpCodes.Ldarg_0);
        _il.Emit(OpCodes.Ldc_I4, StateLayout.ScratchOf(place));
        _il.Emit(OpCodes.Add);
    }

    // Scratch places are wide enough for a vector, but the state block is aligned for words only.
    private void EmitLoad(ValType type)
    {
        _il.Emit(OpCodes.Unaligned, (byte)1);
        _il.Emit(OpCodes.Ldobj, IlTypes.Of(type));
    }

    private void EmitStore(ValType type)
    {
        _il.Emit(OpCodes.Unaligned, (byte)1);
        _il.Emit(OpCodes.Stobj, IlTypes.Of(type));
    }
}
