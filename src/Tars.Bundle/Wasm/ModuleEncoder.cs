using System.Collections.Immutable;
using System.Diagnostics;
using System.Text;
using Tars.Base;

namespace Tars.Bundle.Wasm;

/// <summary>Writes a module in its canonical bytes: shortest numbers and segments, no empty section.</summary>
public sealed class ModuleEncoder
{
    private static readonly byte[] _header = [0x00, 0x61, 0x73, 0x6D, 0x01, 0x00, 0x00, 0x00];

    private readonly WasmModule _module;
    private readonly ByteWriter _file = new();

    // One section at a time, because its size stands before it.
    private readonly ByteWriter _section = new();

    private ModuleEncoder(WasmModule module) => _module = module;

    public static byte[] Encode(WasmModule module)
    {
        var encoder = new ModuleEncoder(module);
        encoder._file.Bytes(_header);
        encoder.WriteCustoms(after: SectionId.Custom);
        foreach (var id in SectionOrder.All)
        {
            encoder.WriteSection(id);
            encoder.WriteCustoms(after: id);
        }

        return encoder._file.ToArray();
    }

    private void WriteCustoms(SectionId after)
    {
        foreach (var custom in _module.CustomSections)
        {
            if (custom.After == after)
            {
                Name(custom.Name);
                _section.Bytes(custom.Bytes.Span);
                Flush(SectionId.Custom);
            }
        }
    }

    private void WriteSection(SectionId id)
    {
        if (IsEmpty(id))
        {
            return;
        }

        switch (id)
        {
            case SectionId.Custom:
                break;
            case SectionId.Type:
                Vector(_module.Types, WriteType);
                break;
            case SectionId.Import:
                Vector(_module.Imports, WriteImport);
                break;
            case SectionId.Function:
                Vector(_module.Functions, function => U32(function.Type.Value));
                break;
            case SectionId.Table:
                Vector(_module.Tables, WriteTable);
                break;
            case SectionId.Memory:
                Vector(_module.Memories, memory => WriteRange(memory.Pages));
                break;
            case SectionId.Global:
                Vector(_module.Globals, WriteGlobal);
                break;
            case SectionId.Export:
                Vector(_module.Exports, WriteExport);
                break;
            case SectionId.Start:
                U32(_module.Start!.Value.Value);
                break;
            case SectionId.Element:
                Vector(_module.Elements, WriteElements);
                break;
            case SectionId.DataCount:
                U32(_module.DataCount!.Value);
                break;
            case SectionId.Code:
                Vector(_module.Functions, WriteFunction);
                break;
            case SectionId.Data:
                Vector(_module.DataSegments, WriteData);
                break;
        }

        Flush(id);
    }

    private bool IsEmpty(SectionId id) => id switch
    {
        SectionId.Custom => true,
        SectionId.Type => _module.Types.IsEmpty,
        SectionId.Import => _module.Imports.IsEmpty,
        SectionId.Function or SectionId.Code => _module.Functions.IsEmpty,
        SectionId.Table => _module.Tables.IsEmpty,
        SectionId.Memory => _module.Memories.IsEmpty,
        SectionId.Global => _module.Globals.IsEmpty,
        SectionId.Export => _module.Exports.IsEmpty,
        SectionId.Start => _module.Start is null,
        SectionId.Element => _module.Elements.IsEmpty,
        SectionId.DataCount => _module.DataCount is null,
        SectionId.Data => _module.DataSegments.IsEmpty,
    };

    private void WriteType(FuncType type)
    {
        _section.U8(0x60);
        Vector(type.Parameters, WriteValType);
        Vector(type.Results, WriteValType);
    }

    private void WriteValType(ValType type) => _section.U8((byte)type);

    private void WriteImport(Import import)
    {
        Name(import.Module);
        Name(import.Name);
        switch (import.Type)
        {
            case ImportType.OfFunc func:
                _section.U8((byte)ExternKind.Func);
                U32(func.Type.Value);
                break;
            case ImportType.OfTable table:
                _section.U8((byte)ExternKind.Table);
                WriteTable(table.Type);
                break;
            case ImportType.OfMemory memory:
                _section.U8((byte)ExternKind.Memory);
                WriteRange(memory.Type.Pages);
                break;
            case ImportType.OfGlobal global:
                _section.U8((byte)ExternKind.Global);
                WriteGlobalType(global.Type);
                break;
            default:
                throw new UnreachableException();
        }
    }

    private void WriteTable(TableType table)
    {
        WriteValType(table.Element);
        WriteRange(table.Size);
    }

    private void WriteRange(WasmRange range)
    {
        _section.U8(range.Maximum is null ? (byte)0 : (byte)1);
        _section.LebU64(range.Minimum);
        if (range.Maximum is { } maximum)
        {
            _section.LebU64(maximum);
        }
    }

    private void WriteGlobalType(GlobalType type)
    {
        WriteValType(type.Type);
        _section.U8(type.Mutable ? (byte)1 : (byte)0);
    }

    private void WriteGlobal(WasmGlobal global)
    {
        WriteGlobalType(global.Type);
        _section.Bytes(global.Initial.Span);
    }

    private void WriteExport(Export export)
    {
        Name(export.Name);
        _section.U8((byte)export.Kind);
        U32(export.Index);
    }

    private void WriteElements(ElementSegment segment)
    {
        int expressions = segment.Items is ElementItems.Expressions ? 4 : 0;
        bool implicitType = false;
        switch (segment.Mode)
        {
            // The short form is for table 0, and says nothing about the type because that can only be funcref.
            case SegmentMode.Active { Target: 0 } active when segment.Type is ValType.FuncRef:
                implicitType = true;
                U32(expressions);
                _section.Bytes(active.Offset.Span);
                break;
            case SegmentMode.Active active:
                U32(expressions | 2);
                U32(active.Target);
                _section.Bytes(active.Offset.Span);
                break;
            case SegmentMode.Passive:
                U32(expressions | 1);
                break;
            case SegmentMode.Declarative:
                U32(expressions | 3);
                break;
            default:
                throw new UnreachableException();
        }

        WriteItems(segment, implicitType);
    }

    private void WriteItems(ElementSegment segment, bool implicitType)
    {
        if (!implicitType)
        {
            _section.U8(segment.Items is ElementItems.Expressions ? (byte)segment.Type : (byte)0);
        }

        switch (segment.Items)
        {
            case ElementItems.Functions functions:
                Vector(functions.Indices, index => U32(index.Value));
                break;
            case ElementItems.Expressions expressions:
                Vector(expressions.Codes, code => _section.Bytes(code.Span));
                break;
            default:
                throw new UnreachableException();
        }
    }

    private void WriteFunction(WasmFunction function)
    {
        var locals = new ByteWriter();
        locals.LebU64((ulong)function.Locals.Length);
        foreach (var group in function.Locals)
        {
            locals.LebU64(group.Count);
            locals.U8((byte)group.Type);
        }

        U32(locals.Length + function.Body.Length);
        _section.Bytes(locals.Written);
        _section.Bytes(function.Body.Span);
    }

    private void WriteData(DataSegment segment)
    {
        switch (segment.Mode)
        {
            case SegmentMode.Active { Target: 0 } active:
                U32(0);
                _section.Bytes(active.Offset.Span);
                break;
            case SegmentMode.Active active:
                U32(2);
                U32(active.Target);
                _section.Bytes(active.Offset.Span);
                break;
            case SegmentMode.Passive:
                U32(1);
                break;
            default:
                throw new UnreachableException();
        }

        U32(segment.Bytes.Length);
        _section.Bytes(segment.Bytes.Span);
    }

    private void Vector<T>(ImmutableArray<T> items, Action<T> write)
    {
        U32(items.Length);
        foreach (var item in items)
        {
            write(item);
        }
    }

    private void Name(string name)
    {
        U32(Encoding.UTF8.GetByteCount(name));
        _section.Bytes(Encoding.UTF8.GetBytes(name));
    }

    private void U32(int value) => _section.LebU64((uint)value);

    private void Flush(SectionId id)
    {
        _file.U8((byte)id);
        _file.LebU64((ulong)_section.Length);
        _file.Bytes(_section.Written);
        _section.Clear();
    }
}
