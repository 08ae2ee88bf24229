using System.Diagnostics;
using System.Globalization;
using Tars.Bundle.Wasm;
using Tars.Bundle.Wasm.Interpreter;
using Tars.Engine.Vm.Kvm;
using Tars.Engine.Vm.Llvm;
using Tars.Engine.Vm.Loading;
using Tars.Engine.Vm.Machine;
using Tars.Kernel.Ports;

namespace Tars.Sim.Fuzz;

/// <summary>The micro-VM engine beside the oracle on generated modules: results, traps and their places, fuel and
/// memory, call by call.</summary>
internal static class VmDifferential
{
    private const long Fuel = 20_000;
    private const int DepthSlots = 4_000;
    private const int TableElements = 100;
    private const long MemoryBytesMax = 1 << 20;

    private static readonly VmShape _shape = new(
        TextSize: 1 << 20,
        ReadOnlySize: 1 << 16,
        ControlSize: 1 << 16,
        StackSize: 1 << 20,
        MemorySize: 0,
        MemoryBytesMax);

    /// <summary>What machines are made with; null where there can be none, and why.</summary>
    public static VmHost? Open(out string missing)
    {
        missing = LlvmLibrary.Missing is { } llvm ? $"microvm judged nothing: {llvm}" : "";
        try
        {
            return missing == "" ? VmHost.Open() : null;
        }
        catch (KvmException why)
        {
            missing = $"microvm judged nothing: {why.Message}";
            return null;
        }
    }

    /// <param name="level">What code is compiled for; null for all that the processor has.</param>
    /// <param name="needsPlaces">A fault of memory without a place differs too; with a wrong one it always
    /// does.</param>
    /// <param name="calls">What is called; null for the calls of <see cref="EngineDifferential"/>.</param>
    /// <returns>Null when both agree, otherwise what differs.</returns>
    public static string? Run(
        VmHost host,
        ulong seed,
        WasmModule module,
        CodeTier tier,
        ProcessorLevel? level = null,
        IEnumerable<GeneratedCall>? calls = null,
        bool needsPlaces = false)
    {
        var valid = ((ValidationResult.Valid)ModuleValidator.Validate(module)).Module;
        var oracle = EngineDifferential.Oracle(valid);
        var limits = new VmStoreLimits(_shape, DepthSlots, TableElements, MemoryBytesMax, IsShared: false);
        using var store = new VmStore(host, limits with { Level = level });
        if (store.Add(valid, [], tier, out string? refusal, out var fault) is not { } instance || fault is not null)
        {
            return $"seed {seed}: microvm refuses the module: {refusal} {fault}";
        }

        foreach (var call in calls ?? EngineDifferential.Calls(seed))
        {
            var expected = oracle.Invoke(call.Export, [new Value(call.Argument)]);
            string wanted = Show(expected);
            string actual = Invoke(store, instance, call, expected, needsPlaces);
            if (wanted != actual)
            {
                return $"seed {seed}, {call.Export}({call.Argument}):\n  oracle  {wanted}\n  microvm {actual}";
            }

            if (!oracle.Memory!.Bytes.SequenceEqual(store.Machine.Memory(window: 0)))
            {
                return $"seed {seed}, {call.Export}({call.Argument}): the memory of microvm differs";
            }

            if (GlobalThatDiffers(oracle, store, instance) is { } global)
            {
                return $"seed {seed}, {call.Export}({call.Argument}): global {global} of microvm differs";
            }
        }

        return null;
    }

    /// <summary>The same for the module of unrolled loops of a seed.</summary>
    public static string? RunUnrolled(VmHost host, ulong seed, CodeTier tier, ProcessorLevel? level = null) =>
        Run(host, seed, UnrolledGenerator.Module(seed), tier, level);

    /// <summary>The same for the module of accesses side by side of a seed: each faults in its turn.</summary>
    public static string? RunPlaces(
        VmHost host, ulong seed, CodeTier tier, ProcessorLevel? level = null, bool needsPlaces = false) =>
        Run(host, seed, PlaceGenerator.Module(seed), tier, level, PlaceGenerator.Calls(seed), needsPlaces);

    /// <summary>The same for all modules of a seed that are made for this engine.</summary>
    public static string? RunOwn(VmHost host, ulong seed, CodeTier tier) =>
        RunUnrolled(host, seed, tier) ?? RunPlaces(host, seed, tier);

    // References are addresses here and indices there.
    private static int? GlobalThatDiffers(OracleInstance oracle, VmStore store, VmInstance instance)
    {
        var globals = oracle.Save().Globals;
        for (int index = 0; index < globals.Length; index++)
        {
            var actual = InstanceStart.Global(store.Machine.Control, instance.Image.Facts.GlobalAt(index));
            if (!instance.Module.Globals[index].Type.IsReference() && actual != globals[index])
            {
                return index;
            }
        }

        return null;
    }

    private static string Invoke(
        VmStore store, VmInstance instance, GeneratedCall call, OracleResult expected, bool needsPlaces)
    {
        var function = (VmExtern.Function)instance.Export(call.Export)!;
        store.SetSlot(0, call.Argument);
        var result = store.Call(instance, function.Index, Fuel);
        var type = instance.Module.FunctionTypes[function.Index].Results[0];
        ulong bits = (ulong)store.Slot(0);
        if (result.Fault is not { } fault)
        {
            ulong shown = type is ValType.I32 or ValType.F32 ? (uint)bits : bits;
            return string.Create(CultureInfo.InvariantCulture, $"{shown:X} after {result.FuelUsed}");
        }

        // LLVM may have lost the place of an access; it may not have given it another's.
        bool hasNone = fault is { Kind: FaultKind.MemoryOutOfBounds, Offset: -1 } && !needsPlaces;
        int offset = hasNone && expected is OracleResult.Trapped trapped ? trapped.Offset : fault.Offset;
        return string.Create(CultureInfo.InvariantCulture, $"{fault.Kind} at {offset} after {result.FuelUsed}");
    }

    private static string Show(OracleResult result) => result switch
    {
        OracleResult.Returned returned => string.Create(
            CultureInfo.InvariantCulture, $"{returned.Values[0].Low:X} after {returned.FuelUsed}"),
        OracleResult.Trapped trapped => string.Create(
            CultureInfo.InvariantCulture, $"{trapped.Trap} at {OffsetOf(trapped)} after {trapped.FuelUsed}"),
        _ => throw new UnreachableException(),
    };

    // Fuel and depth run out at the entry of a region or function, for which engines tell no place.
    private static int OffsetOf(OracleResult.Trapped trapped) =>
        trapped.Trap is WasmTrap.OutOfFuel or WasmTrap.StackExhausted ? -1 : trapped.Offset;
}
