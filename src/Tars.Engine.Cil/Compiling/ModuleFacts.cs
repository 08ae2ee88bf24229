using System.Collections.Immutable;
using System.Reflection.Emit;
using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;
using Tars.Engine.Cil.Runtime;

namespace Tars.Engine.Cil.Compiling;

/// <summary>What the translation of every function of a module needs to know of the module.</summary>
internal sealed class ModuleFacts
{
    private readonly TypeNumbers _typeNumbers;
    private readonly Dictionary<FuncType, DynamicMethod> _crossings = [];

    /// <param name="methods">One for each function, the imported ones first.</param>
    /// <param name="grows">Some code of the module grows the memory.</param>
    public ModuleFacts(
        ValidatedModule module,
        StateLayout layout,
        ImmutableArray<DynamicMethod> methods,
        ImmutableArray<HostCallRow?> hostCalls,
        TypeNumbers typeNumbers,
        ModuleUse use,
        Metering metering,
        bool grows)
    {
        _typeNumbers = typeNumbers;
        Module = module;
        Layout = layout;
        Methods = methods;
        HostCalls = hostCalls;
        var inner = module.Module;
        ImportsMemory = inner.Imports.Any(import => import.Type is ImportType.OfMemory);
        ImportedGlobalCount = inner.Imports.Count(import => import.Type is ImportType.OfGlobal);
        ImportedTableCount = inner.Imports.Count(import => import.Type is ImportType.OfTable);
        IsProcess = use is not ModuleUse.Linked;
        AnswersImports = use is ModuleUse.Command;
        IsMetered = metering is Metering.Fuel;
        MemoryBytesMin = module.Memories.IsEmpty ? 0 : module.Memories[0].Pages.Minimum * (long)WasmLimits.PageSize;
        bool isShared = ImportsMemory || (!IsProcess && inner.Exports.Any(export => export.Kind is ExternKind.Memory));
        MemoryIsFixed = !grows && !isShared;
        ActiveData = [.. inner.DataSegments.Select(one => one.Mode is SegmentMode.Active)];
        DataOffsets = [.. inner.DataSegments.Select(one => OffsetOf(one.Mode))];
        GlobalNumbers = [.. inner.Globals.Select(one => ConstantExpression.NumberOf(one.Initial.Span))];
        ControlGlobal = inner.Exports
            .FirstOrDefault(one => one.Kind is ExternKind.Global && one.Name == ControlBlock.AddressExport)?.Index;
    }

    private ModuleFacts(ModuleFacts other, ImmutableArray<DynamicMethod> methods)
    {
        _typeNumbers = other._typeNumbers;
        _crossings = other._crossings;
        Module = other.Module;
        Layout = other.Layout;
        Methods = methods;
        HostCalls = other.HostCalls;
        ImportsMemory = other.ImportsMemory;
        ImportedGlobalCount = other.ImportedGlobalCount;
        ImportedTableCount = other.ImportedTableCount;
        IsProcess = other.IsProcess;
        AnswersImports = other.AnswersImports;
        IsMetered = other.IsMetered;
        MemoryBytesMin = other.MemoryBytesMin;
        MemoryIsFixed = other.MemoryIsFixed;
        ActiveData = other.ActiveData;
        DataOffsets = other.DataOffsets;
        GlobalNumbers = other.GlobalNumbers;
        ControlGlobal = other.ControlGlobal;
        Open = other.Open;
    }

    public ValidatedModule Module { get; }

    public StateLayout Layout { get; }

    public ImmutableArray<DynamicMethod> Methods { get; }

    /// <summary>
    /// For each imported function the host call that it is, or null when another instance gives it.
    /// </summary>
    public ImmutableArray<HostCallRow?> HostCalls { get; }

    /// <summary>No other instance ever shares or calls anything of its instances.</summary>
    public bool IsProcess { get; }

    public bool IsMetered { get; }

    /// <summary>Its imported functions are the host's, which answers each at once.</summary>
    public bool AnswersImports { get; }

    public bool ImportsMemory { get; }

    public int ImportedGlobalCount { get; }

    public int ImportedTableCount { get; }

    /// <summary>The memory is never smaller.</summary>
    public long MemoryBytesMin { get; }

    /// <summary>The memory is never larger either.</summary>
    public bool MemoryIsFixed { get; }

    /// <summary>For each data segment, whether it is active. Nobody changes it.</summary>
    public bool[] ActiveData { get; }

    /// <summary>For each data segment its address, where that is written as one number; each birth asks.</summary>
    public ImmutableArray<ulong?> DataOffsets { get; }

    /// <summary>For each global of its own what it begins with, where that is written as one number.</summary>
    public ImmutableArray<ulong?> GlobalNumbers { get; }

    /// <summary>The global that names the control block; null where none does.</summary>
    public int? ControlGlobal { get; }

    /// <summary>Functions that others may replace, so callers find them in the instance.</summary>
    public ImmutableArray<int> Open { get; init; } = [];

    /// <summary>The same with other methods for some functions.</summary>
    public ModuleFacts With(ImmutableArray<DynamicMethod> methods) => new(this, methods);

    public int TypeNumber(FuncType type) => _typeNumbers[type];

    /// <summary>The method that calls into another instance; see <see cref="EntryEmitter.CrossingOf"/>.</summary>
    public DynamicMethod Crossing(FuncType type)
    {
        if (!_crossings.TryGetValue(type, out var method))
        {
            _crossings[type] = method = EntryEmitter.CrossingOf(type);
        }

        return method;
    }

    /// <summary>The bits of a global that never changes and is written as one constant.</summary>
    public ulong? ConstantGlobal(int index)
    {
        var type = Module.Globals[index];
        return type.Mutable || index < ImportedGlobalCount ? null : GlobalNumbers[index - ImportedGlobalCount];
    }

    private static ulong? OffsetOf(SegmentMode mode) =>
        mode is SegmentMode.Active active ? ConstantExpression.NumberOf(active.Offset.Span) : null;
}

/// <summary>What instances of a module are for.</summary>
internal enum ModuleUse
{
    /// <summary>It imports host calls only, and nobody reaches its exports but the engine.</summary>
    Process,

    /// <summary>As a process, but what it imports are functions that the host answers at once.</summary>
    Command,

    /// <summary>What it imports and exports may be shared with instances of other modules.</summary>
    Linked,
}

/// <summary>Whether code charges fuel.</summary>
internal enum Metering
{
    Fuel,

    /// <summary>Regions cost nothing and a deadline aborts nothing: only for measuring what fuel costs.</summary>
    None,
}
