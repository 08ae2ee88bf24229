using System.Collections.Immutable;

namespace Tars.Bundle.Wasm;

/// <summary>Turns bytes into a module, or tells why and where they are none; never throws.</summary>
/// <remarks>
/// It checks the binary format (chapter 5 of the specification) and the limits of <see cref="WasmLimits"/>. Types and
/// indices are for the validator.
/// </remarks>
public sealed class ModuleDecoder
{
    private const uint Magic = 0x6D736100;
    private const uint Version = 1;

    private readonly ModuleReader _reader;
    private readonly ImmutableArray<CustomSection>.Builder _customs = ImmutableArray.CreateBuilder<CustomSection>();
    private ImmutableArray<TypeIndex> _declared = [];
    private WasmModule _module = new();
    private bool _needsDataCount;

    private ModuleDecoder(ReadOnlyMemory<byte> bytes) => _reader = new ModuleReader(bytes);

    /// <summary>The bytes are copied, so the module does not change when they do.</summary>
    public static DecodeResult Decode(ReadOnlySpan<byte> bytes)
    {
        if (WasmLimits.ModuleBytesMax < bytes.Length)
        {
            return new DecodeResult.Malformed(new WasmError("module too large", 0));
        }

        var decoder = new ModuleDecoder(bytes.ToArray());
        decoder.ReadModule();
        return decoder._reader.Error is { } error
            ? new DecodeResult.Malformed(error)
            : new DecodeResult.Decoded(decoder._module);
    }

    private void ReadModule()
    {
        ReadHeader();
        int done = 0;
        var last = SectionId.Custom;
        while (!_reader.AtEnd && !_reader.Failed)
        {
            int start = _reader.Position;
            byte id = _reader.U8();
            if ((byte)SectionId.DataCount < id)
            {
                _reader.Fail("malformed section id", start);
                return;
            }

            if (id == (byte)SectionId.Custom)
            {
                ReadCustom(last);
                continue;
            }

            last = (SectionId)id;
            int place = SectionOrder.PlaceOf(last);
            if (place < done)
            {
                _reader.Fail("unexpected content after last section", start);
                return;
            }

            done = place + 1;
            ReadSized(last);
        }

        CheckCounts();
        _module = _module with { CustomSections = _customs.DrainToImmutable() };
    }

    private void ReadHeader()
    {
        if (_reader.Fixed32() != Magic && !_reader.Failed)
        {
            _reader.Fail("magic header not detected", 0);
        }

        if (_reader.Fixed32() != Version && !_reader.Failed)
        {
            _reader.Fail("unknown binary version", 4);
        }
    }

    private void ReadCustom(SectionId last)
    {
        int size = _reader.Length();
        int start = _reader.Position;
        string name = _reader.Name();
        var bytes = _reader.Take(start + size - _reader.Position);
        _customs.Add(new CustomSection(name, bytes, last));
    }

    private void ReadSized(SectionId id)
    {
        uint size = (uint)_reader.Length();
        int start = _reader.Position;
        ReadSection(id);
        CheckSize(start, size);
    }

    private void CheckSize(int start, uint size)
    {
        if (_reader.Position != start + size)
        {
            _reader.Fail("section size mismatch", start);
        }
    }

    private void ReadSection(SectionId id)
    {
        _module = id switch
        {
            SectionId.Custom => _module,
            SectionId.Type => _module with { Types = _reader.Vector(WasmLimits.TypeCountMax, "types", ReadType) },
            SectionId.Import => _module with
            {
                Imports = _reader.Vector(WasmLimits.ImportCountMax, "imports", ReadImport),
            },
            SectionId.Function => ReadDeclarations(),
            SectionId.Table => _module with
            {
                Tables = _reader.Vector(WasmLimits.TableCountMax, "tables", ReadTable),
            },
            SectionId.Memory => _module with
            {
                Memories = _reader.Vector(WasmLimits.TableCountMax, "memories", ReadMemory),
            },
            SectionId.Global => _module with
            {
                Globals = _reader.Vector(WasmLimits.GlobalCountMax, "globals", ReadGlobal),
            },
            SectionId.Export => _module with
            {
                Exports = _reader.Vector(WasmLimits.ExportCountMax, "exports", ReadExport),
            },
            SectionId.Start => _module with { Start = new FuncIndex((int)_reader.U32()) },
            SectionId.Element => _module with
            {
                Elements = _reader.Vector(WasmLimits.SegmentCountMax, "element segments", ReadElements),
            },
            SectionId.DataCount => _module with { DataCount = (int)_reader.U32() },
            SectionId.Code => ReadFunctions(),
            SectionId.Data => _module with
            {
                DataSegments = _reader.Vector(WasmLimits.SegmentCountMax, "data segments", ReadData),
            },
        };
    }

    private static FuncType ReadType(ModuleReader reader)
    {
        int start = reader.Position;
        if (reader.Tag() != 0x60)
        {
            reader.Fail("malformed function type", start);
        }

        var parameters = reader.Vector(WasmLimits.ParameterCountMax, "parameters", each => each.ValueType());
        var results = reader.Vector(WasmLimits.ResultCountMax, "results", each => each.ValueType());
        return new FuncType(parameters, results);
    }

    private static Import ReadImport(ModuleReader reader)
    {
        string module = reader.Name();
        string name = reader.Name();
        int start = reader.Position;
        byte kind = reader.U8();
        ImportType type = kind switch
        {
            0 => new ImportType.OfFunc(new TypeIndex((int)reader.U32())),
            1 => new ImportType.OfTable(ReadTable(reader)),
            2 => new ImportType.OfMemory(ReadMemory(reader)),
            _ => new ImportType.OfGlobal(kind == 3 ? ReadGlobalType(reader) : Refused(reader, start)),
        };
        return new Import(module, name, type);
    }

    private static GlobalType Refused(ModuleReader reader, int start)
    {
        reader.Fail("malformed import kind", start);
        return new GlobalType(ValType.I32, Mutable: false);
    }

    private static TableType ReadTable(ModuleReader reader) => new(reader.ReferenceType(), reader.Range());

    private static MemoryType ReadMemory(ModuleReader reader) => new(reader.Range());

    private static GlobalType ReadGlobalType(ModuleReader reader)
    {
        var type = reader.ValueType();
        int start = reader.Position;
        byte mutable = reader.U8();
        if (1 < mutable)
        {
            reader.Fail("malformed mutability", start);
        }

        return new GlobalType(type, mutable == 1);
    }

    private WasmGlobal ReadGlobal(ModuleReader reader) =>
        new(ReadGlobalType(reader), reader.Code(ref _needsDataCount));

    private static Export ReadExport(ModuleReader reader)
    {
        string name = reader.Name();
        int start = reader.Position;
        byte kind = reader.U8();
        if ((byte)ExternKind.Global < kind)
        {
            reader.Fail("malformed export kind", start);
        }

        return new Export(name, (ExternKind)kind, (int)reader.U32());
    }

    private ElementSegment ReadElements(ModuleReader reader)
    {
        int start = reader.Position;
        uint flags = reader.U32();
        if (7 < flags)
        {
            reader.Fail("malformed elements segment kind", start);
        }

        // Bit 0: not active. Bit 1: with a table, or declarative. Bit 2: expressions instead of functions.
        bool active = (flags & 1) == 0;
        bool second = (flags & 2) != 0;
        SegmentMode mode = active
            ? new SegmentMode.Active(second ? (int)reader.U32() : 0, reader.Code(ref _needsDataCount))
            : second ? new SegmentMode.Declarative() : new SegmentMode.Passive();
        bool implicitType = active && !second;
        if ((flags & 4) == 0)
        {
            ReadElementKind(reader, implicitType);
            var functions = reader.Vector(
                WasmLimits.FunctionCountMax, "elements", each => new FuncIndex((int)each.U32()));
            return new ElementSegment(ValType.FuncRef, new ElementItems.Functions(functions), mode);
        }

        var type = implicitType ? ValType.FuncRef : reader.ReferenceType();
        var codes = reader.Vector(
            WasmLimits.FunctionCountMax, "elements", each => each.Code(ref _needsDataCount));
        return new ElementSegment(type, new ElementItems.Expressions(codes), mode);
    }

    private static void ReadElementKind(ModuleReader reader, bool isImplicit)
    {
        int start = reader.Position;
        if (!isImplicit && reader.U8() != 0)
        {
            reader.Fail("malformed element kind", start);
        }
    }

    private DataSegment ReadData(ModuleReader reader)
    {
        int start = reader.Position;
        uint flags = reader.U32();
        if (2 < flags)
        {
            reader.Fail("malformed data segment kind", start);
        }

        SegmentMode mode = flags == 1
            ? new SegmentMode.Passive()
            : new SegmentMode.Active(flags == 2 ? (int)reader.U32() : 0, reader.Code(ref _needsDataCount));
        return new DataSegment(mode, reader.Take(reader.U32()));
    }

    private WasmModule ReadDeclarations()
    {
        _declared = _reader.Vector(
            WasmLimits.FunctionCountMax, "functions", each => new TypeIndex((int)each.U32()));
        return _module;
    }

    private WasmModule ReadFunctions()
    {
        int next = 0;
        var functions = _reader.Vector(WasmLimits.FunctionCountMax, "functions", each =>
        {
            var type = next < _declared.Length ? _declared[next] : default;
            next++;
            return ReadFunction(each, type);
        });
        return _module with { Functions = functions };
    }

    private WasmFunction ReadFunction(ModuleReader reader, TypeIndex type)
    {
        int at = reader.Position;
        uint size = reader.U32();
        int start = reader.Position;
        if (WasmLimits.FunctionBytesMax < size)
        {
            reader.Fail("function body too large", at);
        }

        var locals = reader.Vector(
            WasmLimits.LocalCountMax, "locals", each => new LocalGroup(each.U32(), each.ValueType()));
        ulong count = 0;
        foreach (var group in locals)
        {
            count += group.Count;
        }

        if (WasmLimits.LocalCountMax < count)
        {
            reader.Fail("too many locals", start);
        }

        var body = reader.Code(ref _needsDataCount);
        CheckSize(start, size);
        return new WasmFunction(type, locals, body);
    }

    private void CheckCounts()
    {
        int end = _reader.Position;
        if (_module.Functions.Length != _declared.Length)
        {
            _reader.Fail("function and code section have inconsistent lengths", end);
        }

        if (_module.DataCount is { } count && count != _module.DataSegments.Length)
        {
            _reader.Fail("data count and data section have inconsistent lengths", end);
        }

        if (_needsDataCount && _module.DataCount is null)
        {
            _reader.Fail("data count section required", end);
        }
    }
}
