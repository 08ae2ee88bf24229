using System.Diagnostics;
using System.Globalization;
using Tars.Base;
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
    private const int DepthSlots = 4_000;
    private const int MixedCallCount = 24;
    private const int TableElements = 100;
    private const long MemoryBytesMax = 1 << 20;

    private static readonly VmShape _shape = new(
        TextSize: 4 << 20,
        ReadOnlySize: 1 << 20,
        ControlSize: 1 << 17,
        StackSize: 64 << 20,
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
    /// <returns>Null when both agree, otherwise what differs.</returns>
    public static string? Run(
        VmHost host,
        ulong seed,
        WasmModule module,
        CodeTier tier,
        ProcessorLevel? level = null) =>
        Judge(host, new Trial(seed, module, EngineDifferential.Calls(seed), DepthSlots, tier, level));

    /// <summary>The same for the module of unrolled loops of a seed.</summary>
    public static string? RunUnrolled(VmHost host, ulong seed, CodeTier tier, ProcessorLevel? level = null) =>
        Run(host, seed, UnrolledGenerator.Module(seed), tier, level);

    /// <summary>The same for the module of accesses side by side of a seed: each faults in its turn.</summary>
    /// <param name="needsPlaces">A fault of memory without a place differs too; with a wrong one it always
    /// does.</param>
    public static string? RunPlaces(
        VmHost host, ulong seed, CodeTier tier, ProcessorLevel? level = null, bool needsPlaces = false)
    {
        var trial = new Trial(
            seed, PlaceGenerator.Module(seed), PlaceGenerator.Calls(seed), DepthSlots, tier, level);
        return Judge(host, trial with { NeedsPlaces = needsPlaces });
    }

    /// <summary>The same for the mixed module of a seed, with calls that seldom have fuel enough and a stack that may
    /// be short.</summary>
    public static string? RunMixed(VmHost host, ulong seed, CodeTier tier, ProcessorLevel? level = null)
    {
        var random = new Xoshiro256(seed);
        int depthSlots = random.Next(4) == 0 ? 20 + random.Next(600) : DepthSlots;
        var calls = Enumerable.Range(0, MixedCallCount).Select(call => AnyMixed(call, random)).ToList();
        return Judge(host, new Trial(seed, MixedGenerator.Module(seed), calls, depthSlots, tier, level));
    }

    // An argument is small, or any; never a NaN for the function that takes a float.
    private static GeneratedCall AnyMixed(int call, Xoshiro256 random)
    {
        const int SmallCount = 6;
        ulong argument = call < SmallCount ? (ulong)call
            : random.Next(2) == 0 ? (ulong)random.Next(70_000)
            : random.Next();
        ulong kept = (call % 3) switch
        {
            0 => uint.MaxValue,
            1 => ulong.MaxValue,
            _ => 0xFF7F_FFFF,
        };
        long fuel = random.Next(3) == 0 ? GeneratedCall.FuelOfMost : random.Next(600);
        return new GeneratedCall($"run{call % 3}", argument & kept, fuel);
    }

    private static string? Judge(VmHost host, Trial trial)
    {
        var valid = ((ValidationResult.Valid)ModuleValidator.Validate(trial.Module)).Module;
        var oracle = EngineDifferential.Oracle(valid);
        var limits = new VmStoreLimits(_shape, trial.DepthSlots, TableElements, MemoryBytesMax, IsShared: false);
        using var store = new VmStore(host, limits with { Level = trial.Level });
        if (store.Add(valid, [], trial.Tier, out string? refusal, out var fault) is not { } instance
            || fault is not null)
        {
            return $"seed {trial.Seed}: microvm refuses the module: {refusal} {fault}";
        }

        foreach (var call in trial.Calls)
        {
            var function = ((OracleExtern.OfFunc)oracle.Export(call.Export)!).Function;
            var expected = OracleInstance.Call(
                function,
                [new Value(call.Argument)],
                oracle.Limits with { Fuel = call.Fuel, DepthSlots = trial.DepthSlots });
            string where = $"seed {trial.Seed}, {call.Export}({call.Argument}) with {call.Fuel} fuel";
            string wanted = Show(expected);
            string actual = Invoke(store, instance, call, expected, trial.NeedsPlaces);
            if (wanted != actual)
            {
                return $"{where}:\n  oracle  {wanted}\n  microvm {actual}";
            }

            if (!oracle.Memory!.Bytes.SequenceEqual(store.Machine.Memory(window: 0)))
            {
                return $"{where}: the memory of microvm differs";
            }

            if (GlobalThatDiffers(oracle, store, instance) is { } global)
            {
                return $"{where}: global {global} of microvm differs";
            }
        }

        return null;
    }

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
        var result = store.Call(instance, function.Index, call.Fuel);
        if (result.Fault is not { } fault)
        {
            var types = instance.Module.FunctionTypes[function.Index].Results;
            var values = types.Select((type, place) => OfWidth(type, store.Slot(place)));
            return string.Create(CultureInfo.InvariantCulture, $"{Show(values)} after {result.FuelUsed}");
        }

        // LLVM may have lost the place of an access; it may not have given it another's.
        bool hasNone = fault is { Kind: FaultKind.MemoryOutOfBounds, Offset: -1 } && !needsPlaces;
        int offset = hasNone && expected is OracleResult.Trapped trapped ? trapped.Offset : fault.Offset;
        return string.Create(CultureInfo.InvariantCulture, $"{fault.Kind} at {offset} after {result.FuelUsed}");
    }

    // Of a slot of the call block; what stands above a narrow value is nobody's.
    private static UInt128 OfWidth(ValType type, UInt128 slot) => type switch
    {
        ValType.V128 => slot,
        ValType.I32 or ValType.F32 => (uint)slot,
        _ => (ulong)slot,
    };

    private static IEnumerable<UInt128> ValuesOf(OracleResult.Returned returned) =>
        returned.Values.Select(value => new UInt128(value.High, value.Low));

    private static string Show(IEnumerable<UInt128> values) =>
        string.Join(", ", values.Select(value => value.ToString("X", CultureInfo.InvariantCulture)));

    private static string Show(OracleResult result) => result switch
    {
        OracleResult.Returned returned => string.Create(
            CultureInfo.InvariantCulture, $"{Show(ValuesOf(returned))} after {returned.FuelUsed}"),
        OracleResult.Trapped trapped => string.Create(
            CultureInfo.InvariantCulture, $"{trapped.Trap} at {OffsetOf(trapped)} after {trapped.FuelUsed}"),
        _ => throw new UnreachableException(),
    };

    // Fuel and depth run out at the entry of a region or function, for which engines tell no place.
    private static int OffsetOf(OracleResult.Trapped trapped) =>
        trapped.Trap is WasmTrap.OutOfFuel or WasmTrap.StackExhausted ? -1 : trapped.Offset;

    /// <param name="Level">What code is compiled for; null for all that the processor has.</param>
    private sealed record Trial(
        ulong Seed,
        WasmModule Module,
        IEnumerable<GeneratedCall> Calls,
        int DepthSlots,
        CodeTier Tier,
        ProcessorLevel? Level)
    {
        /// <summary>A fault of memory without a place differs too.</summary>
        public bool NeedsPlaces { get; init; }
    }
}
