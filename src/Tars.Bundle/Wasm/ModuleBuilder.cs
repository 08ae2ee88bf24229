using System.Collections.Immutable;
using Tars.Base;

namespace Tars.Bundle.Wasm;

/// <summary>Makes a module piece by piece and hands out the indices; imports come first.</summary>
public sealed class ModuleBuilder
{
    private readonly List<FuncType> _types = [];
    private readonly Dictionary<FuncType, TypeIndex> _typePlaces = [];
    private readonly List<Import> _imports = [];
    private readonly List<WasmFunction> _functions = [];
    private readonly List<TableType> _tables = [];
    private readonly List<MemoryType> _memories = [];
    private readonly List<WasmGlobal> _globals = [];
    private readonly List<Export> _exports = [];
    private readonly List<ElementSegment> _elements = [];
    private readonly List<DataSegment> _data = [];
    private readonly List<(string Name, byte[] Bytes)> _customs = [];
    private FuncIndex? _start;

    /// <summary>The place of a type; equal types share one.</summary>
    public TypeIndex Type(FuncType type)
    {
        if (!_typePlaces.TryGetValue(type, out var place))
        {
            place = new TypeIndex(_types.Count);
            _types.Add(type);
            _typePlaces.Add(type, place);
        }

        return place;
    }

    public TypeIndex Type(ReadOnlySpan<ValType> parameters, ReadOnlySpan<ValType> results) =>
        Type(new FuncType([.. parameters], [.. results]));

    public FuncIndex ImportFunc(string module, string name, TypeIndex type)
    {
        Invariant.Holds(_functions.Count == 0);
        _imports.Add(new Import(module, name, new ImportType.OfFunc(type)));
        return new FuncIndex(Imported<ImportType.OfFunc>() - 1);
    }

    public TableIndex ImportTable(string module, string name, TableType type)
    {
        Invariant.Holds(_tables.Count == 0);
        _imports.Add(new Import(module, name, new ImportType.OfTable(type)));
        return new TableIndex(Imported<ImportType.OfTable>() - 1);
    }

    public MemoryIndex ImportMemory(string module, string name, WasmRange pages)
    {
        Invariant.Holds(_memories.Count == 0);
        _imports.Add(new Import(module, name, new ImportType.OfMemory(new MemoryType(pages))));
        return new MemoryIndex(Imported<ImportType.OfMemory>() - 1);
    }

    public GlobalIndex ImportGlobal(string module, string name, GlobalType type)
    {
        Invariant.Holds(_globals.Count == 0);
        _imports.Add(new Import(module, name, new ImportType.OfGlobal(type)));
        return new GlobalIndex(Imported<ImportType.OfGlobal>() - 1);
    }

    /// <summary>Gives a function its place before its code is known. <see cref="Define"/> must follow.</summary>
    public FuncIndex Declare(TypeIndex type)
    {
        _functions.Add(new WasmFunction(type, [], default));
        return new FuncIndex(Imported<ImportType.OfFunc>() + _functions.Count - 1);
    }

    /// <param name="locals">The types of the locals after the parameters, one by one.</param>
    /// <param name="body">Instructions, the last <c>end</c> included.</param>
    public void Define(FuncIndex function, ReadOnlySpan<ValType> locals, ReadOnlyMemory<byte> body)
    {
        int place = function.Value - Imported<ImportType.OfFunc>();
        Invariant.Holds(_functions[place].Body.IsEmpty);
        _functions[place] = _functions[place] with { Locals = Grouped(locals), Body = body };
    }

    public FuncIndex Func(TypeIndex type, ReadOnlySpan<ValType> locals, CodeWriter code)
    {
        var function = Declare(type);
        Define(function, locals, code.ToArray());
        return function;
    }

    public TableIndex Table(TableType type)
    {
        _tables.Add(type);
        return new TableIndex(Imported<ImportType.OfTable>() + _tables.Count - 1);
    }

    public MemoryIndex Memory(WasmRange pages)
    {
        _memories.Add(new MemoryType(pages));
        return new MemoryIndex(Imported<ImportType.OfMemory>() + _memories.Count - 1);
    }

    /// <param name="initial">A constant expression, its <c>end</c> included.</param>
    public GlobalIndex Global(GlobalType type, CodeWriter initial)
    {
        _globals.Add(new WasmGlobal(type, initial.ToArray()));
        return new GlobalIndex(Imported<ImportType.OfGlobal>() + _globals.Count - 1);
    }

    public void Export(string name, FuncIndex function) =>
        _exports.Add(new Export(name, ExternKind.Func, function.Value));

    public void Export(string name, TableIndex table) =>
        _exports.Add(new Export(name, ExternKind.Table, table.Value));

    public void Export(string name, MemoryIndex memory) =>
        _exports.Add(new Export(name, ExternKind.Memory, memory.Value));

    public void Export(string name, GlobalIndex global) =>
        _exports.Add(new Export(name, ExternKind.Global, global.Value));

    public void Start(FuncIndex function) => _start = function;

    /// <summary>Functions that are put into a table from this element on when the module is instantiated.</summary>
    public ElemIndex Elements(TableIndex table, int offset, ReadOnlySpan<FuncIndex> functions)
    {
        var mode = new SegmentMode.Active(table.Value, ConstantOf(offset));
        return Elements(new ElementSegment(ValType.FuncRef, new ElementItems.Functions([.. functions]), mode));
    }

    public ElemIndex Elements(ElementSegment segment)
    {
        _elements.Add(segment);
        return new ElemIndex(_elements.Count - 1);
    }

    /// <summary>Bytes that are put into the memory at this address when the module is instantiated.</summary>
    public DataIndex Data(int address, ReadOnlyMemory<byte> bytes) =>
        Data(new DataSegment(new SegmentMode.Active(0, ConstantOf(address)), bytes));

    public DataIndex Data(DataSegment segment)
    {
        _data.Add(segment);
        return new DataIndex(_data.Count - 1);
    }

    /// <summary>A custom section at the end of the file.</summary>
    public void Custom(string name, byte[] bytes) => _customs.Add((name, bytes));

    public WasmModule Build()
    {
        Invariant.Holds(_functions.TrueForAll(function => !function.Body.IsEmpty));
        var module = new WasmModule
        {
            Types = [.. _types],
            Imports = [.. _imports],
            Functions = [.. _functions],
            Tables = [.. _tables],
            Memories = [.. _memories],
            Globals = [.. _globals],
            Exports = [.. _exports],
            Start = _start,
            Elements = [.. _elements],
            DataCount = _data.Count == 0 ? null : _data.Count,
            DataSegments = [.. _data],
        };
        var last = LastSection(module);
        return module with
        {
            CustomSections = [.. _customs.Select(custom => new CustomSection(custom.Name, custom.Bytes, last))],
        };
    }

    private static SectionId LastSection(WasmModule module) =>
        !module.DataSegments.IsEmpty ? SectionId.Data
        : !module.Functions.IsEmpty ? SectionId.Code
        : !module.Elements.IsEmpty ? SectionId.Element
        : module.Start is not null ? SectionId.Start
        : !module.Exports.IsEmpty ? SectionId.Export
        : !module.Globals.IsEmpty ? SectionId.Global
        : !module.Memories.IsEmpty ? SectionId.Memory
        : !module.Tables.IsEmpty ? SectionId.Table
        : !module.Imports.IsEmpty ? SectionId.Import
        : !module.Types.IsEmpty ? SectionId.Type
        : SectionId.Custom;

    private static byte[] ConstantOf(int value) => new CodeWriter().I32Const(value).End().ToArray();

    private static ImmutableArray<LocalGroup> Grouped(ReadOnlySpan<ValType> locals)
    {
        var groups = ImmutableArray.CreateBuilder<LocalGroup>();
        foreach (var type in locals)
        {
            if (0 < groups.Count && groups[^1].Type == type)
            {
                groups[^1] = groups[^1] with { Count = groups[^1].Count + 1 };
            }
            else
            {
                groups.Add(new LocalGroup(1, type));
            }
        }

        return groups.DrainToImmutable();
    }

    private int Imported<T>()
        where T : ImportType => _imports.Count(import => import.Type is T);
}
