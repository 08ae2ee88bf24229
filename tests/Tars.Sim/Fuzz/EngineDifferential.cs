using System.Diagnostics;
using Tars.Base;
using Tars.Bundle.Wasm;
using Tars.Bundle.Wasm.Interpreter;
using Tars.Engine.Cil.Compiling;
using Tars.Engine.Cil.Runtime;
using Tars.Kernel.Ports;

namespace Tars.Sim.Fuzz;

/// <summary>The CIL engine beside the oracle on generated modules: results, traps, fuel and memory, call by
/// call.</summary>
internal static class EngineDifferential
{
    private const int CallCount = 12;
    private const int DepthSlots = 4_000;

    /// <summary>The calls that are made of a module of <see cref="WasmGenerator"/>, in their order.</summary>
    public static IEnumerable<GeneratedCall> Calls(ulong seed)
    {
        var random = new Xoshiro256(seed);
        for (int call = 0; call < CallCount; call++)
        {
            // Arguments are small, or wild but never NaN for the function that takes a float.
            ulong argument = call < 3 ? (ulong)call : (ulong)random.Next(0x7F000000);
            yield return new GeneratedCall($"run{call % 3}", argument);
        }
    }

    /// <returns>Null when both agree, otherwise what differs.</returns>
    public static string? Run(ulong seed, WasmModule module)
    {
        var valid = ((ValidationResult.Valid)ModuleValidator.Validate(module)).Module;
        var oracle = Oracle(valid);
        if (Instantiate(valid, out string refusal) is not { } instance)
        {
            return $"seed {seed}: the engine refuses the module: {refusal}";
        }

        using (instance)
        {
            foreach (var call in Calls(seed))
            {
                string expected = Show(oracle.Invoke(call.Export, [new Value(call.Argument)]));
                string actual = Invoke(instance, call);
                if (expected != actual)
                {
                    return $"seed {seed}, {call.Export}({call.Argument}):\n  oracle {expected}\n  engine {actual}";
                }

                if (!oracle.Memory!.Bytes.SequenceEqual(instance.State.Memory(instance.Code.Layout.Memory)))
                {
                    return $"seed {seed}, {call.Export}({call.Argument}): the memories differ";
                }
            }
        }

        return null;
    }

    /// <summary>
    /// Half of the calls, then the state moves to a fresh instance, then the other half on both: the same, and again
    /// the same once the first is put back to where it was.
    /// </summary>
    /// <returns>Null, or what differs.</returns>
    public static string? RunMoved(ulong seed, WasmModule module)
    {
        var valid = ((ValidationResult.Valid)ModuleValidator.Validate(module)).Module;
        using var first = Instantiate(valid, out _)!;
        using var second = Instantiate(valid, out _)!;
        var calls = Calls(seed).ToList();
        foreach (var call in calls.Take(CallCount / 2))
        {
            Invoke(first, call);
        }

        foreach (var call in calls.Skip(CallCount / 3))
        {
            Invoke(second, call); // What it was before leaves no trace.
        }

        var saved = first.Save();
        string whole = Rest(first);
        second.Restore(saved);
        string moved = Rest(second);
        first.Restore(saved);
        string again = Rest(first);
        return whole == moved && whole == again
            ? null
            : $"seed {seed}:\n  went on {whole}\n  moved   {moved}\n  again   {again}";

        string Rest(Instance instance) =>
            string.Join(", ", calls.Skip(CallCount / 2).Select(call => Invoke(instance, call)))
            + " memory " + Convert.ToHexString(
                System.Security.Cryptography.SHA256.HashData(instance.State.Memory(instance.Code.Layout.Memory)));
    }

    public static OracleInstance Oracle(ValidatedModule module) =>
        ((Instantiation.Ready)OracleInstance.Instantiate(
            module,
            _ => null,
            new OracleLimits(GeneratedCall.FuelOfMost, DepthSlots, MemoryPages: 16, TableElements: 100))).Instance;

    private static Instance? Instantiate(ValidatedModule module, out string refusal)
    {
        var code = ModuleCompiler.Compile(
            module, [], new TypeNumbers(), ModuleUse.Linked, Metering.Fuel, out refusal);
        if (code is null || Instance.Create(code, new GuestLimits(1 << 20, DepthSlots, 100), []) is not { } instance)
        {
            return null;
        }

        refusal = instance.CopySegments()?.Kind.ToString() ?? "";
        return refusal == "" ? instance : null;
    }

    private static string Invoke(Instance instance, GeneratedCall call)
    {
        var function = (Extern.Function)instance.Export(call.Export)!;
        instance.State.SetValue(StateLayout.ScratchOf(0), call.Argument);
        var result = GuestRun.Run(instance, call.Fuel, instance.Code.EntryOf(function.Index));
        var type = instance.Code.Validated.FunctionTypes[function.Index].Results[0];
        ulong bits = (ulong)instance.State.Value(StateLayout.ScratchOf(0));
        return result.Fault is { } fault
            ? $"{fault.Kind} at {OffsetOf(fault)} after {result.FuelUsed}"
            : $"{(type is ValType.I32 or ValType.F32 ? (uint)bits : bits):X} after {result.FuelUsed}";
    }

    private static string Show(OracleResult result) => result switch
    {
        OracleResult.Returned returned => $"{returned.Values[0].Low:X} after {returned.FuelUsed}",
        OracleResult.Trapped trapped => $"{trapped.Trap} at {OffsetOf(trapped)} after {trapped.FuelUsed}",
        _ => throw new UnreachableException(),
    };

    // Fuel and depth run out at the entry of a region or function, and the engine tells no place for them.
    private static int OffsetOf(OracleResult.Trapped trapped) =>
        trapped.Trap is WasmTrap.OutOfFuel or WasmTrap.StackExhausted ? -1 : trapped.Offset;

    private static int OffsetOf(GuestFault fault) =>
        fault.Kind is FaultKind.OutOfFuel or FaultKind.StackExhausted ? -1 : fault.Offset;
}
