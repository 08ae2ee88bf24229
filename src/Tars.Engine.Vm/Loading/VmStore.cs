using System.Buffers.Binary;
using System.Collections.Immutable;
using Tars.Bundle.Wasm;
using Tars.Engine.Vm.Compiling;
using Tars.Engine.Vm.Kvm;
using Tars.Engine.Vm.Llvm;
using Tars.Engine.Vm.Machine;
using Tars.Kernel.Ports;

namespace Tars.Engine.Vm.Loading;

/// <summary>Instances of several modules in one machine, which may import from each other.</summary>
/// <remarks>
/// What tests and measurements need: it compiles in its own process and knows no pool. Each instance adds its code,
/// its constants and its part of the control area behind those that are there.
/// </remarks>
internal sealed class VmStore : IDisposable
{
    private const int CodeAlignment = 64;

    private readonly VmStoreLimits _limits;
    private readonly ProcessorLevel _level;
    private readonly MicroVm _vm;
    private readonly List<VmInstance> _instances = [];
    private readonly Dictionary<string, long> _symbols = [];
    private readonly Dictionary<FuncType, int> _types = [];
    private readonly Dictionary<int, long> _memoryMax = [];
    private readonly byte[] _text;
    private readonly byte[] _readOnly;
    private int _textSize;
    private int _readOnlySize;
    private int _control = GuestMap.Control.Module;

    public VmStore(VmHost host, VmStoreLimits limits)
    {
        _limits = limits;
        _level = limits.Level ?? host.System.Level;
        _vm = host.Create(limits.Shape);
        _text = new byte[limits.Shape.TextSize];
        _readOnly = new byte[limits.Shape.ReadOnlySize];
    }

    /// <summary>The machine.</summary>
    public MicroVm Machine => _vm;

    private VmShape Shape => _limits.Shape;

    /// <summary>Compiles a module and adds an instance of it, whose start function has not run.</summary>
    /// <param name="imports">What each import is, in the order of the module.</param>
    /// <param name="refusal">Why there is none, or null.</param>
    /// <param name="fault">The fault of a segment that does not fit; what it wrote before stays.</param>
    public VmInstance? Add(
        ValidatedModule module,
        IReadOnlyList<VmExtern> imports,
        CodeTier tier,
        out string? refusal,
        out GuestFault? fault)
    {
        fault = null;
        if (Plan(module, imports, out refusal) is not { } plan || refusal is not null)
        {
            return null;
        }

        var facts = new ModuleFacts(plan);
        var objects = new List<ReadOnlyMemory<byte>>();
        foreach (byte[]? text in ModuleEmitter.Emit(facts))
        {
            if (text is null)
            {
                refusal = ModuleEmitter.TooLong;
                return null;
            }

            if (LlvmCompiler.Compile(text, tier, out string why) is not { } made)
            {
                refusal = why;
                return null;
            }

            objects.Add(made);
        }

        return Load(facts, objects, imports, out refusal, out fault);
    }

    /// <summary>Calls a function; its arguments stand in the call block, and so do its results afterwards.</summary>
    public GuestResult Call(VmInstance instance, int function, long fuel)
    {
        if (instance.Image.EntryOf(function) is not { } entry)
        {
            throw new ArgumentException("a function that cannot be entered", nameof(function));
        }

        var control = _vm.Control;
        BinaryPrimitives.WriteInt64LittleEndian(control[GuestMap.Control.Fuel..], fuel);
        BinaryPrimitives.WriteInt64LittleEndian(control[GuestMap.Control.Depth..], _limits.DepthSlots);
        var exit = _vm.Run(entry);
        while (exit.Kind is VmExitKind.HostCall)
        {
            Answer(exit.Number);
            exit = _vm.Resume();
        }

        long left = BinaryPrimitives.ReadInt64LittleEndian(_vm.Control[GuestMap.Control.Fuel..]);
        return new GuestResult(fuel - left, exit.Kind is VmExitKind.Done ? null : FaultOf(exit));
    }

    /// <summary>A slot of the call block.</summary>
    public UInt128 Slot(int place) => BinaryPrimitives.ReadUInt128LittleEndian(
        _vm.Control[(GuestMap.Control.CallBlock + (place * GuestMap.Control.CallSlotSize))..]);

    public void SetSlot(int place, UInt128 value) => BinaryPrimitives.WriteUInt128LittleEndian(
        _vm.Control[(GuestMap.Control.CallBlock + (place * GuestMap.Control.CallSlotSize))..], value);

    /// <summary>The instance and index of a function that a reference is to.</summary>
    public (VmInstance Instance, int Function)? FunctionOf(long reference)
    {
        foreach (var instance in _instances)
        {
            if (instance.Image.FunctionOf(reference) is { } function
                && instance.Module.ImportedFunctionCount <= function)
            {
                return (instance, function);
            }
        }

        return null;
    }

    public void Dispose() => _vm.Dispose();

    private ModulePlan? Plan(ValidatedModule module, IReadOnlyList<VmExtern> imports, out string? refusal)
    {
        int growth = Math.Min(_limits.TableGrowthMax, _limits.TableElementsMax);
        var layout = new StateLayout(module, _control, growth, _limits.IsShared);
        refusal = Shape.ControlSize - _control < layout.Size ? "its tables and globals are too large"
            : _limits.TableElementsMax < InstanceStart.ElementsAtStart(module) ? "tables beyond the limit"
            : null;
        int window = -1;
        if (refusal is null && !module.Memories.IsEmpty)
        {
            window = imports.OfType<VmExtern.Memory>().FirstOrDefault()?.Window ?? NewWindow(module, out refusal);
        }

        return refusal is not null ? null : new ModulePlan(module, _instances.Count, window, layout)
        {
            Functions = [.. imports.OfType<VmExtern.Function>().Select(
                import => new ImportedCode.Linked(import.Owner.Number, import.Index))],
            Tables = [.. imports.OfType<VmExtern.Table>().Select(import => import.Place)],
            Globals = [.. imports.OfType<VmExtern.Global>().Select(import => import.At)],
            TypeNumber = type => _types.TryGetValue(type, out int number) ? number : _types[type] = _types.Count,
            Level = _level,
            IsMetered = _limits.IsMetered,
            IsShared = _limits.IsShared,
            HasTailCalls = _limits.IsShared ? _limits.HasTailCalls : ModulePlan.TailCallsIn(module),
        };
    }

    private int NewWindow(ValidatedModule module, out string? refusal)
    {
        refusal = null;
        var pages = module.Memories[0].Pages;
        long size = pages.Minimum * (long)WasmLimits.PageSize;
        long declared = (pages.Maximum ?? WasmLimits.MemoryPagesMax) * (long)WasmLimits.PageSize;
        long most = Math.Min(_limits.MemoryBytesMax, declared);
        if (most < size)
        {
            refusal = "memory beyond the limit";
            return -1;
        }

        int window = _limits.IsShared ? _vm.AddWindow(size, most) : 0;
        if (!_limits.IsShared && !_vm.TryResize(window, size))
        {
            refusal = "the system has no memory for it";
        }

        _memoryMax[window] = most;
        return window;
    }

    private VmInstance? Load(
        ModuleFacts facts,
        List<ReadOnlyMemory<byte>> objects,
        IReadOnlyList<VmExtern> imports,
        out string? refusal,
        out GuestFault? fault)
    {
        fault = null;
        long readOnlyBase = GuestMap.ReadOnlyBase(Shape.TextSize);
        var place = new ImagePlace(GuestMap.TextBase + _textSize, readOnlyBase + _readOnlySize);
        if (ImageLinker.Link(facts, objects, _symbols, place, out string why) is not { } image)
        {
            refusal = why;
            return null;
        }

        if (_text.Length - _textSize < image.Text.Length || _readOnly.Length - _readOnlySize < image.ReadOnly.Length)
        {
            refusal = "the machine has no room for its code";
            return null;
        }

        image.Text.CopyTo(_text.AsMemory(_textSize));
        image.ReadOnly.CopyTo(_readOnly.AsMemory(_readOnlySize));
        var instance = new VmInstance(_instances.Count, image, imports, place.Text);
        _textSize = Aligned(_textSize + image.Text.Length);
        _readOnlySize = Aligned(_readOnlySize + image.ReadOnly.Length);
        _control = facts.Plan.Layout.End;
        foreach (var (name, address) in image.Symbols)
        {
            _symbols[name] = address;
        }

        _instances.Add(instance);
        _vm.Load(new VmImage(
            Shape, _text.AsMemory(0, _textSize), _readOnly.AsMemory(0, _readOnlySize), ReadOnlyMemory<byte>.Empty));
        refusal = null;
        int window = facts.Plan.Window;
        fault = InstanceStart.Run(
            image,
            _vm.Control,
            window < 0 ? 0 : _vm.MemorySize(window),
            (address, octets) => _vm.Write(window, address, octets),
            _limits.TableElementsMax);
        return instance;
    }

    private static int Aligned(int size) => (size + CodeAlignment - 1) & -CodeAlignment;

    private void Answer(int number)
    {
        if (number != GuestMap.HostCall.MemoryGrow)
        {
            throw new InvalidOperationException("a host call that nobody answers");
        }

        int window = (int)(uint)Slot(0);
        long before = _vm.MemorySize(window);
        long after = before + ((uint)Slot(1) * (long)WasmLimits.PageSize);
        bool isGrown = after <= _memoryMax.GetValueOrDefault(window) && _vm.TryResize(window, after);
        SetSlot(0, isGrown ? (uint)(before / WasmLimits.PageSize) : uint.MaxValue);
    }

    private GuestFault FaultOf(VmExit exit)
    {
        var fault = exit.Fault;
        return (exit.Kind, fault.Kind) switch
        {
            (VmExitKind.Fault, VmFaultKind.Trap) when GuestImage.IsTrap(fault.Trap) =>
                ImageAt(fault.Instruction).ExplicitFault(
                    fault.Trap, BinaryPrimitives.ReadInt64LittleEndian(_vm.Control[GuestMap.Control.TrapPlace..])),
            (VmExitKind.Fault, VmFaultKind.OutOfMemoryBounds) =>
                ImageAt(fault.Instruction).AccessFault(fault.Instruction),
            (VmExitKind.Fault, VmFaultKind.StackExhausted) => new GuestFault(FaultKind.StackExhausted),
            _ => throw Unforeseen(exit),
        };
    }

    private static InvalidOperationException Unforeseen(VmExit exit) => new($"the machine broke: {exit}");

    private GuestImage ImageAt(long address) =>
        (_instances.LastOrDefault(instance => instance.TextStart <= address) ?? _instances[0]).Image;
}

/// <summary>How much a store may take.</summary>
/// <param name="IsShared">Instances import from each other: each memory gets a window of its own.</param>
internal sealed record VmStoreLimits(
    VmShape Shape, int DepthSlots, int TableElementsMax, long MemoryBytesMax, bool IsShared)
{
    /// <summary>How far a table that can grow has room.</summary>
    public int TableGrowthMax { get; init; } = 1 << 16;

    /// <summary>What code may use; null for all that the machine has.</summary>
    public ProcessorLevel? Level { get; init; }

    public bool IsMetered { get; init; } = true;

    public bool HasTailCalls { get; init; }
}

/// <summary>An instance in a store.</summary>
internal sealed class VmInstance(int number, GuestImage image, IReadOnlyList<VmExtern> imports, long textStart)
{
    public int Number => number;

    public GuestImage Image => image;

    public ValidatedModule Module => image.Facts.Module;

    /// <summary>What it imports, in the order of the module.</summary>
    public IReadOnlyList<VmExtern> Imports => imports;

    /// <summary>Where its code begins.</summary>
    public long TextStart => textStart;

    /// <summary>What the module exports under a name, or null.</summary>
    public VmExtern? Export(string name)
    {
        var export = Module.Module.Exports.FirstOrDefault(export => export.Name == name);
        if (export is null)
        {
            return null;
        }

        int index = export.Index;
        var facts = image.Facts;
        return export.Kind switch
        {
            ExternKind.Func => index < Module.ImportedFunctionCount
                ? imports.OfType<VmExtern.Function>().ElementAt(index)
                : new VmExtern.Function(this, index),
            ExternKind.Table => imports.OfType<VmExtern.Table>().ElementAtOrDefault(index)
                ?? new VmExtern.Table(facts.Table(index), Module.Tables[index]),
            ExternKind.Memory => imports.OfType<VmExtern.Memory>().FirstOrDefault()
                ?? new VmExtern.Memory(facts.Plan.Window, Module.Memories[0]),
            ExternKind.Global => new VmExtern.Global(facts.GlobalAt(index), Module.Globals[index]),
        };
    }
}

/// <summary>What an instance exports. The family is closed.</summary>
internal abstract record VmExtern
{
    private VmExtern()
    {
    }

    public sealed record Function(VmInstance Owner, int Index) : VmExtern;

    /// <param name="Type">As its owner declares it.</param>
    public sealed record Table(TablePlace Place, TableType Type) : VmExtern;

    /// <param name="Type">As its owner declares it.</param>
    public sealed record Memory(int Window, MemoryType Type) : VmExtern;

    /// <param name="At">Its offset in the control area.</param>
    public sealed record Global(int At, GlobalType Type) : VmExtern;
}
