using Tars.Base;
using Tars.Bundle.Wasm;
using Tars.Bundle.Wasm.Interpreter;
using Tars.Engine.Cil.Compiling;
using Tars.Engine.Cil.Runtime;
using Tars.Kernel.Ports;
using Tars.Sim.Fuzz;
using Xunit;

namespace Tars.Tests.Engine;

/// <summary>On modules made from seeds the engine does what the oracle does: results, traps, fuel and memory.</summary>
public sealed class DifferentialTests
{
    private const int ModuleCount = 250;
    private const long Fuel = 20_000;
    private const int DepthSlots = 4_000;

    [Fact]
    public void Engine_and_oracle_agree_on_every_call()
    {
        for (ulong seed = 0; seed < ModuleCount; seed++)
        {
            Compare(seed, WasmGenerator.Module(seed));
        }
    }

    /// <summary>Runs every function of a generated module some times in both.</summary>
    internal static void Compare(ulong seed, WasmModule module)
    {
        var valid = Assert.IsType<ValidationResult.Valid>(ModuleValidator.Validate(module)).Module;
        using var instance = Instantiate(valid);
        var oracle = Assert.IsType<Instantiation.Ready>(OracleInstance.Instantiate(
            valid, _ => null, new OracleLimits(Fuel, DepthSlots, MemoryPages: 16, TableElements: 100))).Instance;
        var random = new Xoshiro256(seed);
        for (int call = 0; call < 12; call++)
        {
            string export = $"run{call % 3}";
            ulong argument = call < 3 ? (ulong)call : (ulong)random.Next(int.MaxValue);
            string expected = Show(oracle.Invoke(export, [new Value(argument)]));
            string actual = Invoke(instance, export, argument);

            Assert.True(
                expected == actual, $"seed {seed}, call {call} of {export}:\n oracle {expected}\n engine {actual}");
            Assert.True(
                oracle.Memory!.Bytes.SequenceEqual(instance.State.Memory(instance.Code.Layout.Memory)),
                $"seed {seed}, call {call} of {export}: the memories differ");
        }
    }

    private static Instance Instantiate(ValidatedModule module)
    {
        var code = ModuleCompiler.Compile(module, [], new TypeNumbers(), ModuleUse.Linked, out string refusal);
        Assert.True(code is not null, refusal);
        var instance = Instance.Create(code, new GuestLimits(1 << 20, DepthSlots, TableElementsMax: 100), []);
        Assert.NotNull(instance);
        Assert.Null(instance.CopySegments());
        return instance;
    }

    private static string Invoke(Instance instance, string export, ulong argument)
    {
        var function = Assert.IsType<Extern.Function>(instance.Export(export));
        instance.State.SetValue(StateLayout.ScratchOf(0), argument);
        var result = GuestRun.Run(instance, Fuel, instance.Code.EntryOf(function.Index));
        var type = instance.Code.Validated.FunctionTypes[function.Index].Results[0];
        ulong bits = (ulong)instance.State.Value(StateLayout.ScratchOf(0));
        return result.Fault is { } fault
            ? $"{fault.Kind} after {result.FuelUsed}"
            : $"{(type is ValType.I32 or ValType.F32 ? (uint)bits : bits):X} after {result.FuelUsed}";
    }

    private static string Show(OracleResult result) => result switch
    {
        OracleResult.Returned returned => $"{returned.Values[0].Low:X} after {returned.FuelUsed}",
        OracleResult.Trapped trapped => $"{trapped.Trap} after {trapped.FuelUsed}",
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
