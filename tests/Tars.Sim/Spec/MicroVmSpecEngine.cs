using System.Buffers.Binary;
using Tars.Bundle.Wasm;
using Tars.Bundle.Wasm.Interpreter;
using Tars.Engine.Vm.Kvm;
using Tars.Engine.Vm.Llvm;
using Tars.Engine.Vm.Loading;
using Tars.Engine.Vm.Machine;
using Tars.Kernel.Ports;

namespace Tars.Sim.Spec;

/// <summary>The micro-VM engine, as the suite sees it: modules that are linked share one machine.</summary>
/// <remarks>A module that imports nothing, in a script that links none, has a machine of its own.</remarks>
public sealed class MicroVmSpecEngine(int level) : ISpecEngine, IDisposable
{
    private const long Fuel = 1L << 40;
    private const int DepthSlots = 1 << 16;
    private const int TableElementsMax = 1 << 17;
    private const int TextSize = 2 << 20;
    private const long OwnMemoryMax = 4L << 30;
    private const long SharedMemoryMax = 64L << 20;
    private const int SharedMemoryCount = 63;

    // What a slot of depth takes of the machine stack, and what any function may take besides.
    private const int StackSize = (DepthSlots * 24) + (1 << 20);

    private readonly List<VmStore> _stores = [];
    private VmHost? _host;
    private VmStore? _shared;
    private bool _isLinked;

    public string Name => "microvm";

    public string? Missing
    {
        get
        {
            try
            {
                VmHost.Open().Dispose();
                return LlvmLibrary.Missing;
            }
            catch (KvmException why)
            {
                return why.Message;
            }
        }
    }

    public void Begin(bool isLinked)
    {
        _stores.ForEach(store => store.Dispose());
        _stores.Clear();
        _shared = null;
        _isLinked = isLinked;
    }

    public SpecInstance Instantiate(ValidatedModule module, Func<Import, object?> imports)
    {
        var given = new List<VmExtern>();
        foreach (var import in module.Module.Imports)
        {
            string name = $"{import.Module}.{import.Name}";
            if (imports(import) is not Given found)
            {
                return new SpecInstance(null, Unlinkable: $"unknown import {name}");
            }

            if (!Fits(import.Type, found, module))
            {
                return new SpecInstance(null, Unlinkable: $"incompatible import type {name}");
            }

            given.Add(found.Export);
        }

        bool isAlone = !_isLinked && given.Count == 0 && !IsSpecTest(module);
        var store = isAlone ? NewStore(isShared: false) : _shared ??= NewStore(isShared: true);
        if (store.Add(module, given, (CodeTier)level, out string? refusal, out var fault) is not { } instance)
        {
            return new SpecInstance(null, Unlinkable: $"refused: {refusal}");
        }

        if (fault is null && module.Module.Start is { } start)
        {
            fault = Start(store, instance, start.Value);
        }

        return fault is null
            ? new SpecInstance(name => instance.Export(name) is { } export ? new Given(store, export) : null)
            : new SpecInstance(null, Trap: TrapOf(fault.Kind));
    }

    public OracleResult? Act(object export, ReadOnlySpan<Value> arguments) => (Given)export switch
    {
        { Export: VmExtern.Function function } given => Call(given.Store, function, arguments),
        { Export: VmExtern.Global global } given => new OracleResult.Returned(
            [ValueOf(InstanceStart.Global(given.Store.Machine.Control, global.At), global.Type.Type)], FuelUsed: 0),
        _ => null,
    };

    public void Dispose()
    {
        Begin(isLinked: false);
        _host?.Dispose();
    }

    private static bool IsSpecTest(ValidatedModule module) =>
        module.Module.Exports.Any(export => export.Name == "print_f64_f64");

    private VmStore NewStore(bool isShared)
    {
        _host ??= VmHost.Open();
        var shape = new VmShape(
            TextSize,
            ReadOnlySize: 1 << 20,
            ControlSize: 24 << 20,
            StackSize,
            MemorySize: 0,
            MemoryMax: isShared ? 0 : OwnMemoryMax,
            isShared ? SharedMemoryCount + 1 : 1,
            isShared ? SharedMemoryCount * SharedMemoryMax : 0);
        var store = new VmStore(_host, new VmStoreLimits(
            shape, DepthSlots, TableElementsMax, isShared ? SharedMemoryMax : OwnMemoryMax, isShared)
        {
            TableGrowthMax = 1 << 12,
        });
        _stores.Add(store);
        return store;
    }

    private static OracleResult Call(VmStore store, VmExtern.Function function, ReadOnlySpan<Value> arguments)
    {
        for (int place = 0; place < arguments.Length; place++)
        {
            store.SetSlot(place, BitsOf(arguments[place]));
        }

        var result = store.Call(function.Owner, function.Index, Fuel);
        if (result.Fault is { } fault)
        {
            return new OracleResult.Trapped(TrapOf(fault.Kind), null, fault.Offset, result.FuelUsed);
        }

        var types = function.Owner.Module.FunctionTypes[function.Index].Results;
        return new OracleResult.Returned(
            [.. types.Select((type, place) => ValueOf(store.Slot(place), type))], result.FuelUsed);
    }

    // A start function may be an import, which is entered where it is exported.
    private static GuestFault? Start(VmStore store, VmInstance instance, int function)
    {
        if (instance.Module.ImportedFunctionCount <= function)
        {
            return store.Call(instance, function, Fuel).Fault;
        }

        var imported = (VmExtern.Function)instance.Imports.OfType<VmExtern.Function>().ElementAt(function);
        return store.Call(imported.Owner, imported.Index, Fuel).Fault;
    }

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

    private static bool Fits(ImportType wanted, Given given, ValidatedModule module) => (wanted, given.Export) switch
    {
        (ImportType.OfFunc func, VmExtern.Function found) => module.Module.Types[func.Type.Value].Equals(
            found.Owner.Module.FunctionTypes[found.Index]),
        (ImportType.OfTable table, VmExtern.Table found) =>
            table.Type.Element == found.Type.Element
            && Fits(table.Type.Size, LengthOf(given.Store, found), found.Type.Size.Maximum),
        (ImportType.OfMemory memory, VmExtern.Memory found) => Fits(
            memory.Type.Pages,
            (uint)(given.Store.Machine.MemorySize(found.Window) / WasmLimits.PageSize),
            found.Type.Pages.Maximum),
        (ImportType.OfGlobal global, VmExtern.Global found) => global.Type == found.Type,
        _ => false,
    };

    private static uint LengthOf(VmStore store, VmExtern.Table table) =>
        BinaryPrimitives.ReadUInt32LittleEndian(store.Machine.Control[table.Place.Length..]);

    private static bool Fits(WasmRange wanted, uint size, uint? maximum) =>
        wanted.Minimum <= size && (wanted.Maximum is null || maximum <= wanted.Maximum);

    /// <summary>An export, and the machine it is in.</summary>
    private sealed record Given(VmStore Store, VmExtern Export);
}
