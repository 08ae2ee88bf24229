using System.Collections.Immutable;
using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;
using Tars.Bundle.Wasm.Interpreter;
using Tars.Engine.Cil.Compiling;
using Tars.Engine.Cil.Runtime;
using Tars.Kernel.Ports;

namespace Tars.Sim.Spec;

/// <summary>The CIL engine, as the suite sees it: below its ports, because the suite links modules.</summary>
public sealed class CilSpecEngine : ISpecEngine
{
    private const long Fuel = 1L << 40;

    private static readonly GuestLimits _limits = new(
        WasmLimits.MemoryPagesMax * (long)WasmLimits.PageSize,
        DepthSlotsMax: 1 << 16,
        (int)WasmLimits.TableElementsMax);

    private readonly TypeNumbers _typeNumbers = new();

    public string Name => "cil";

    public SpecInstance Instantiate(ValidatedModule module, Func<Import, object?> imports)
    {
        var given = new List<Extern>();
        foreach (var import in module.Module.Imports)
        {
            string name = $"{import.Module}.{import.Name}";
            if (imports(import) is not Extern found)
            {
                return new SpecInstance(null, Unlinkable: $"unknown import {name}");
            }

            if (!Fits(import.Type, found, module))
            {
                return new SpecInstance(null, Unlinkable: $"incompatible import type {name}");
            }

            given.Add(found);
        }

        var noHostCalls = Enumerable.Repeat<HostCallRow?>(null, module.ImportedFunctionCount).ToImmutableArray();
        var code = ModuleCompiler.Compile(
            module, noHostCalls, _typeNumbers, ModuleUse.Linked, Metering.Fuel, out string refusal);
        if (code is null || Instance.Create(code, _limits, given) is not { } instance)
        {
            return new SpecInstance(null, Unlinkable: $"refused: {refusal}");
        }

        var fault = instance.CopySegments() ?? Start(instance);
        return fault is null
            ? new SpecInstance(instance.Export)
            : new SpecInstance(null, Trap: TrapOf(fault.Kind));
    }

    public OracleResult? Act(object export, ReadOnlySpan<Value> arguments) => export switch
    {
        Extern.Function function => Call(function.Owner, function.Index, arguments),
        Extern.Global global => new OracleResult.Returned(
            [ValueOf(new MemoryState(global.Address).Value(0), global.Type.Type)], FuelUsed: 0),
        _ => null,
    };

    private static OracleResult Call(Instance instance, int function, ReadOnlySpan<Value> arguments)
    {
        for (int place = 0; place < arguments.Length; place++)
        {
            instance.State.SetValue(StateLayout.ScratchOf(place), BitsOf(arguments[place]));
        }

        var result = GuestRun.Run(instance, Fuel, instance.Code.EntryOf(function));
        if (result.Fault is { } fault)
        {
            return new OracleResult.Trapped(TrapOf(fault.Kind), null, fault.Offset, result.FuelUsed);
        }

        var types = instance.Code.Validated.FunctionTypes[function].Results;
        return new OracleResult.Returned(
            [.. types.Select((type, place) => ValueOf(instance.State.Value(StateLayout.ScratchOf(place)), type))],
            result.FuelUsed);
    }

    private static GuestFault? Start(Instance instance) => instance.Code.Module.Start is { } start
        ? GuestRun.Run(instance, Fuel, instance.Code.EntryOf(start.Value)).Fault
        : null;

    // An external reference is the host's number and one, and zero when it is null.
    private static UInt128 BitsOf(Value value) => value.Reference is ulong number
        ? (UInt128)number + 1
        : new UInt128(value.High, value.Low);

    private static Value ValueOf(UInt128 bits, ValType type) => type switch
    {
        ValType.I32 or ValType.F32 => new Value((uint)bits),
        ValType.I64 or ValType.F64 => new Value((ulong)bits),
        ValType.V128 => new Value((ulong)bits, (ulong)(bits >> 64)),
        ValType.FuncRef or ValType.ExternRef =>
            Value.OfReference((ulong)bits == 0 ? null : (object)((ulong)bits - 1)),
    };

    private static WasmTrap TrapOf(FaultKind kind) => Enum.Parse<WasmTrap>(kind.ToString());

    private static bool Fits(ImportType wanted, Extern given, ValidatedModule module) => (wanted, given) switch
    {
        (ImportType.OfFunc func, Extern.Function found) => module.Module.Types[func.Type.Value].Equals(
            found.Owner.Code.Validated.FunctionTypes[found.Index]),
        (ImportType.OfTable table, Extern.Table found) =>
            table.Type.Element == found.Elements.Type.Element
            && Fits(table.Type.Size, found.Elements.Length, found.Elements.Type.Size.Maximum),
        (ImportType.OfMemory memory, Extern.Memory found) => Fits(
            memory.Type.Pages,
            (uint)(found.Owner.State.MemorySize / WasmLimits.PageSize),
            found.Owner.Code.Module.Memories[0].Pages.Maximum),
        (ImportType.OfGlobal global, Extern.Global found) => global.Type == found.Type,
        _ => false,
    };

    private static bool Fits(WasmRange wanted, uint size, uint? maximum) =>
        wanted.Minimum <= size && (wanted.Maximum is null || maximum <= wanted.Maximum);
}
