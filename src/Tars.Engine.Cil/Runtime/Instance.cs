using System.Collections.Immutable;
using Tars.Bundle.Wasm;
using Tars.Engine.Cil.Compiling;
using Tars.Kernel.Ports;

namespace Tars.Engine.Cil.Runtime;

/// <summary>One instance of a module: its mapping, tables and segments.</summary>
/// <remarks>
/// Invariants:
///   I1  Of an instance that is linked to none only its own code runs in its calls, and whoever runs it says so
///       (<see cref="GuestRun"/>). The state block of one that is linked names it by a weak handle, so that instances
///       nobody holds can be collected.
///   I2  Instances that are linked hold each other, both ways: a function of one may lie in a table of the other.
///   I3  Nearly all of a hundred thousand instances have no more than every instance has: what few have is made when
///       it comes, and nothing here has to be finalized but what is.
/// </remarks>
internal sealed partial class Instance : IDisposable
{
    private readonly MemoryMapping _mapping;
    private readonly GuestLimits _limits;
    private readonly long _memoryBytesMax;
    private List<Instance>? _linked;
    private WeakInstance? _name;
    private bool[] _dataDropped;
    private nint[]?[] _elements = [];
    private ImmutableArray<MemoryTable> _tables = [];
    private int _importedTables;
    private bool _isDisposed;

    private Instance(CompiledModule code, GuestLimits limits, MemoryMapping mapping, long memoryBytesMax)
    {
        Code = code;
        State = new MemoryState(mapping.Address);
        MemoryOwner = this;
        _limits = limits;
        _mapping = mapping;
        _memoryBytesMax = memoryBytesMax;
        _dataDropped = code.ActiveData;
    }

    public CompiledModule Code { get; }

    public MemoryState State { get; }

    /// <summary>The instance that the linear memory belongs to.</summary>
    public Instance MemoryOwner { get; private set; }

    public long MemoryBytesMax => MemoryOwner._memoryBytesMax;

    public GuestLimits Limits => _limits;

    /// <summary>What answers its imported functions; null but in a command.</summary>
    public CommandHost? Host { get; set; }

    /// <summary>
    /// Makes an instance whose memory, tables and globals are those of the module. Segments come later.
    /// </summary>
    /// <param name="imports">What is imported and is no host call, in the order of the module.</param>
    /// <returns>Null when the limits, or the system, do not allow it.</returns>
    public static Instance? Create(CompiledModule code, GuestLimits limits, IReadOnlyList<Extern> imports)
    {
        bool ownsMemory = !code.Module.Memories.IsEmpty;
        var pages = ownsMemory ? code.Module.Memories[0].Pages : new WasmRange(0, 0);
        long allowed = Math.Min(limits.MemoryBytesMax, (long)WasmLimits.MemoryPagesMax * WasmLimits.PageSize);
        long most = Math.Min(
            (pages.Maximum ?? WasmLimits.MemoryPagesMax) * (long)WasmLimits.PageSize,
            allowed / WasmLimits.PageSize * WasmLimits.PageSize);
        long size = pages.Minimum * (long)WasmLimits.PageSize;
        long elements = 0;
        foreach (var table in code.Module.Tables)
        {
            elements += table.Size.Minimum;
        }

        if (most < size || limits.TableElementsMax < elements
            || MappingPool.Rent(code.Layout.Memory + most) is not { } mapping)
        {
            return null;
        }

        var instance = new Instance(code, limits, mapping, most);
        var state = instance.State;
        state.MemorySize = size;
        instance.TakeImports(imports);
        instance.FillFunctions();
        instance.FillTables(imports);
        instance.FillGlobals();
        return instance;
    }

    /// <summary>Tells the code of this and all linked instances where the machine stack ends.</summary>
    public void SetStackLimit(nint limit)
    {
        State.SetWord(StateLayout.StackLimit, limit);
        if (_linked is null)
        {
            return;
        }

        foreach (var other in _linked)
        {
            other.State.SetWord(StateLayout.StackLimit, limit);
        }
    }

    public MemoryTable Table(int index) => _tables[index];

    public ReadOnlyMemory<byte> DataSegment(int index) =>
        _dataDropped[index] ? default : Code.Module.DataSegments[index].Bytes;

    public void DropData(int index)
    {
        if (!_dataDropped[index])
        {
            _dataDropped = [.. _dataDropped]; // Until then all instances of the code share it.
            _dataDropped[index] = true;
        }
    }

    public ReadOnlySpan<nint> ElementSegment(int index) => _elements[index] ?? [];

    public void DropElements(int index) => _elements[index] = null;

    /// <summary>The pages before, or -1 when the memory may not grow so far.</summary>
    public int GrowMemory(uint pages)
    {
        var owner = MemoryOwner.State;
        long before = owner.MemorySize;
        long after = before + (pages * (long)WasmLimits.PageSize);
        if (MemoryOwner._memoryBytesMax < after)
        {
            return -1;
        }

        owner.MemorySize = after;
        return (int)(before / WasmLimits.PageSize);
    }

    public bool MayGrow(MemoryTable table, uint count)
    {
        long elements = count;
        foreach (var own in OwnTables)
        {
            elements += own.Length;
        }

        return (long)table.Length + count <= table.LengthMax && elements <= _limits.TableElementsMax;
    }

    /// <summary>Fills the element segments and copies what is active, as the specification orders it.</summary>
    /// <returns>Null, or the fault of a segment that does not fit; those before it stay copied.</returns>
    public GuestFault? CopySegments()
    {
        int count = Code.Module.Elements.Length;
        _elements = count == 0 ? [] : new nint[]?[count];
        for (int index = 0; index < count; index++)
        {
            _elements[index] = ValuesOf(Code.Module.Elements[index].Items);
        }

        for (int index = 0; index < _elements.Length; index++)
        {
            var mode = Code.Module.Elements[index].Mode;
            if (mode is SegmentMode.Active active)
            {
                var target = Table(active.Target).Elements;
                uint offset = (uint)Compute(active.Offset);
                if (target.Length < offset + (long)ElementSegment(index).Length)
                {
                    KeepData(first: 0);
                    return new GuestFault(FaultKind.TableOutOfBounds);
                }

                ElementSegment(index).CopyTo(target[(int)offset..]);
            }

            if (mode is SegmentMode.Active or SegmentMode.Declarative)
            {
                DropElements(index);
            }
        }

        return CopyData();
    }

    /// <summary>What the module exports under a name, or null.</summary>
    public Extern? Export(string name)
    {
        var export = Code.Module.Exports.FirstOrDefault(export => export.Name == name);
        if (export is null)
        {
            return null;
        }

        int index = export.Index;
        return export.Kind switch
        {
            ExternKind.Func => new Extern.Function(this, index),
            ExternKind.Table => new Extern.Table(this, Table(index)),
            ExternKind.Memory => new Extern.Memory(MemoryOwner),
            ExternKind.Global => new Extern.Global(this, GlobalAddress(index), Code.Validated.Globals[index]),
        };
    }

    /// <summary>Octets of the linear memory become zero; they lie inside it.</summary>
    public void Forget(int address, int size) => _mapping.Forget(Code.Layout.Memory + (long)address, size);

    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        long used = Code.Layout.Memory + State.MemorySize;
        foreach (var table in OwnTables)
        {
            table.Dispose();
        }

        _name?.Dispose();
        if (_linked is null)
        {
            MappingPool.Return(_mapping, used);
        }
        else
        {
            _mapping.Dispose(); // Others may hold addresses in it, and must not find a stranger there.
        }
    }

    private ReadOnlySpan<MemoryTable> OwnTables => _tables.AsSpan()[_importedTables..];

    private bool IsImportedGlobal(int index) => index < Code.Validated.Globals.Length - Code.Module.Globals.Length;

    private nint GlobalAddress(int index) => IsImportedGlobal(index)
        ? State.Word(Code.Layout.Global(index))
        : State.Address + Code.Layout.Global(index);

    private UInt128 Global(int index) => new MemoryState(GlobalAddress(index)).Value(0);

    private UInt128 Compute(ReadOnlyMemory<byte> code) =>
        ConstantExpression.Compute(code.Span, new ConstantScope(this));

    private readonly struct ConstantScope(Instance instance) : IConstantScope
    {
        public UInt128 Global(int index) => instance.Global(index);

        public ulong Function(int index) => (ulong)(instance.State.Address + instance.Code.Layout.Function(index));
    }

    private void TakeImports(IReadOnlyList<Extern> imports)
    {
        if (imports.Count == 0)
        {
            return;
        }

        int global = 0;
        foreach (var import in imports)
        {
            switch (import)
            {
                case Extern.Global imported:
                    State.SetWord(Code.Layout.Global(global++), imported.Address);
                    break;
                case Extern.Memory memory:
                    MemoryOwner = memory.Owner;
                    nint owner = memory.Owner.State.Address;
                    State.SetWord(StateLayout.ImportedMemory, owner + memory.Owner.Code.Layout.Memory);
                    State.SetWord(StateLayout.MemoryOwner, owner);
                    break;
                default:
                    break;
            }

            LinkTo(import.Owner); // I2
            import.Owner.LinkTo(this);
        }

        var functions = imports.OfType<Extern.Function>().ToList();
        for (int index = 0; index < functions.Count; index++)
        {
            var given = functions[index];
            var from = new MemoryState(given.Owner.State.Address + given.Owner.Code.Layout.Function(given.Index));
            var to = new MemoryState(State.Address + Code.Layout.Function(index));
            to.SetWord(StateLayout.FunctionCode, from.Word(StateLayout.FunctionCode));
            to.SetWord(StateLayout.FunctionState, from.Word(StateLayout.FunctionState));
            to.SetWord(StateLayout.FunctionType, from.Word(StateLayout.FunctionType));
        }
    }

    private void LinkTo(Instance other)
    {
        (_linked ??= []).Add(other);
        _name ??= new WeakInstance(this); // I1
        State.SetWord(StateLayout.Handle, _name.Word);
    }

    private void FillFunctions()
    {
        var functions = Code.Layout.Functions;
        for (int place = 0; place < functions.Length; place++)
        {
            int index = functions[place];
            if (Code.IsLinked(index))
            {
                continue;
            }

            var record = new MemoryState(State.Address + Code.Layout.Function(index));
            record.SetWord(StateLayout.FunctionCode, Code.CodeAddresses[place]);
            record.SetWord(StateLayout.FunctionState, State.Address);
            record.SetInt(StateLayout.FunctionType, Code.TypeNumber(Code.Validated.FunctionTypes[index]));
            record.SetInt(StateLayout.FunctionIndex, index);
        }
    }

    private void FillTables(IReadOnlyList<Extern> imports)
    {
        if (imports.Count == 0 && Code.Module.Tables.IsEmpty)
        {
            return;
        }

        var tables = ImmutableArray.CreateBuilder<MemoryTable>();
        foreach (var imported in imports.OfType<Extern.Table>())
        {
            State.SetWord(Code.Layout.Table(tables.Count), imported.Elements.Head);
            tables.Add(imported.Elements);
        }

        _importedTables = tables.Count;

        foreach (var type in Code.Module.Tables)
        {
            nint head = State.Address + Code.Layout.Table(tables.Count);
            tables.Add(new MemoryTable(head, type, (uint)_limits.TableElementsMax));
        }

        _tables = tables.DrainToImmutable();
    }

    private void FillGlobals()
    {
        int imported = Code.Validated.Globals.Length - Code.Module.Globals.Length;
        for (int index = 0; index < Code.Module.Globals.Length; index++)
        {
            var value = Code.GlobalNumbers[index] ?? Compute(Code.Module.Globals[index].Initial);
            State.SetValue(Code.Layout.Global(imported + index), value);
        }

        if (Code.ControlGlobal is { } control)
        {
            State.SetInt(StateLayout.Control, (int)(uint)Global(control));
        }
    }

    private nint[] ValuesOf(ElementItems items) => items switch
    {
        ElementItems.Functions functions =>
            [.. functions.Indices.Select(index => State.Address + Code.Layout.Function(index.Value))],
        ElementItems.Expressions expressions => [.. expressions.Codes.Select(code => (nint)(ulong)Compute(code))],
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    // What is active was dropped from the beginning, as far as anybody can see: nothing runs before it is copied.
    private GuestFault? CopyData()
    {
        var segments = Code.Module.DataSegments;
        for (int index = 0; index < segments.Length; index++)
        {
            if (segments[index].Mode is not SegmentMode.Active active)
            {
                continue;
            }

            var bytes = segments[index].Bytes.Span;
            uint offset = (uint)(Code.DataOffsets[index] ?? Compute(active.Offset));
            var owner = MemoryOwner;
            if (owner.State.MemorySize < offset + (long)bytes.Length)
            {
                KeepData(index);
                return new GuestFault(FaultKind.MemoryOutOfBounds);
            }

            bytes.CopyTo(owner.State.Range(owner.Code.Layout.Memory, offset, bytes.Length));
        }

        return null;
    }

    // From a segment that does not fit on none was copied; a function that lies in a table of another instance may
    // still read them.
    private void KeepData(int first)
    {
        _dataDropped = [.. _dataDropped];
        _dataDropped.AsSpan(first).Clear();
    }
}
