using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Tars.Bundle.Wasm;

/// <summary>A listing of a module for people, with offsets, fuel and depth beside the code.</summary>
/// <remarks>
/// The same module gives the same text. It is made to be read and compared, not to be assembled again. In code each
/// line begins with the offset in the body and, where a fuel region begins, with its cost.
/// </remarks>
public sealed class ModuleText
{
    private const int BytesPerLine = 32;

    // Deeper blocks are not moved further in: a hostile module would make the text grow with the square of its size.
    private const int IndentMax = 32;

    private readonly WasmModule _module;
    private readonly ValidatedModule? _valid;
    private readonly StringBuilder _text = new();

    private ModuleText(WasmModule module, ValidatedModule? valid)
    {
        _module = module;
        _valid = valid;
    }

    /// <summary>The listing of a module that need not be valid: without fuel and depth.</summary>
    public static string Of(WasmModule module) => new ModuleText(module, valid: null).Write();

    public static string Of(ValidatedModule module) => new ModuleText(module.Module, module).Write();

    private string Write()
    {
        Line("(module");
        WriteTypes();
        WriteImports();
        WriteDeclarations();
        WriteExports();
        WriteElements();
        WriteFunctions();
        WriteData();
        foreach (var custom in _module.CustomSections)
        {
            Line($"  (custom {Quoted(custom.Name)} ;; {custom.Bytes.Length} bytes");
            WriteBytes(custom.Bytes.Span);
        }

        Line(")");
        return _text.ToString();
    }

    private void WriteTypes()
    {
        for (int place = 0; place < _module.Types.Length; place++)
        {
            Line($"  (type {place} (func{Signature(_module.Types[place])}))");
        }
    }

    private void WriteImports()
    {
        int functions = 0;
        int tables = 0;
        int memories = 0;
        int globals = 0;
        foreach (var import in _module.Imports)
        {
            string what = import.Type switch
            {
                ImportType.OfFunc func => $"func {functions++} (type {(uint)func.Type.Value})",
                ImportType.OfTable table => $"table {tables++} {Table(table.Type)}",
                ImportType.OfMemory memory => $"memory {memories++} {Range(memory.Type.Pages)}",
                ImportType.OfGlobal global => $"global {globals++} {Global(global.Type)}",
                _ => throw new UnreachableException(),
            };
            Line($"  (import {Quoted(import.Module)} {Quoted(import.Name)} ({what}))");
        }
    }

    private void WriteDeclarations()
    {
        int table = Imported<ImportType.OfTable>();
        foreach (var type in _module.Tables)
        {
            Line($"  (table {table++} {Table(type)})");
        }

        int memory = Imported<ImportType.OfMemory>();
        foreach (var type in _module.Memories)
        {
            Line($"  (memory {memory++} {Range(type.Pages)})");
        }

        int global = Imported<ImportType.OfGlobal>();
        foreach (var each in _module.Globals)
        {
            Line($"  (global {global++} {Global(each.Type)} ({Constant(each.Initial)}))");
        }
    }

    private void WriteExports()
    {
        foreach (var export in _module.Exports)
        {
            string kind = export.Kind switch
            {
                ExternKind.Func => "func",
                ExternKind.Table => "table",
                ExternKind.Memory => "memory",
                ExternKind.Global => "global",
            };
            Line($"  (export {Quoted(export.Name)} ({kind} {(uint)export.Index}))");
        }

        if (_module.Start is { } start)
        {
            Line($"  (start {(uint)start.Value})");
        }
    }

    private void WriteElements()
    {
        for (int place = 0; place < _module.Elements.Length; place++)
        {
            var segment = _module.Elements[place];
            string items = segment.Items switch
            {
                ElementItems.Functions functions =>
                    "func " + string.Join(' ', functions.Indices.Select(index => (uint)index.Value)),
                ElementItems.Expressions expressions => segment.Type.Name()
                    + string.Concat(expressions.Codes.Select(code => $" ({Constant(code)})")),
                _ => throw new UnreachableException(),
            };
            Line($"  (elem {place} {Mode(segment.Mode, "table")}{items.TrimEnd()})");
        }
    }

    private void WriteFunctions()
    {
        int first = Imported<ImportType.OfFunc>();
        for (int place = 0; place < _module.Functions.Length; place++)
        {
            var function = _module.Functions[place];
            var valid = _valid?.Functions[place];
            string depth = valid is null ? "" : $" ;; stack {valid.MaxStack}, depth {valid.DepthSlots}";
            Line($"  (func {first + place} (type {(uint)function.Type.Value}){Locals(function.Locals)}{depth}");
            WriteCode(function.Body.Span, valid?.Regions ?? []);
            Line("  )");
        }
    }

    private void WriteCode(ReadOnlySpan<byte> body, ImmutableArray<FuelRegion> regions)
    {
        int indent = 0;
        int next = 0;
        var reader = new InstructionReader(body);
        while (reader.Next())
        {
            string fuel = "";
            if (next < regions.Length && regions[next].Offset == reader.Position)
            {
                fuel = $"+{regions[next++].Cost}";
            }

            indent -= reader.Opcode is Opcode.End or Opcode.Else ? 1 : 0;
            string margin = new(' ', 2 * Math.Clamp(indent, 0, IndentMax));
            Line($"    {reader.Position:x4} {fuel,5}  {margin}{InstructionText.Of(in reader)}");
            indent += reader.Opcode is Opcode.Block or Opcode.Loop or Opcode.If or Opcode.Else ? 1 : 0;
        }
    }

    private void WriteData()
    {
        for (int place = 0; place < _module.DataSegments.Length; place++)
        {
            var segment = _module.DataSegments[place];
            Line($"  (data {place} {Mode(segment.Mode, "memory")};; {segment.Bytes.Length} bytes");
            WriteBytes(segment.Bytes.Span);
        }
    }

    private void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        for (int at = 0; at < bytes.Length; at += BytesPerLine)
        {
            var line = bytes.Slice(at, Math.Min(BytesPerLine, bytes.Length - at));
            Line($"    \"{Escaped(line)}\"");
        }

        Line("  )");
    }

    private static string Signature(FuncType type) => Names("param", type.Parameters) + Names("result", type.Results);

    private static string Names(string what, ImmutableArray<ValType> types) =>
        types.IsEmpty ? "" : $" ({what} {string.Join(' ', types.Select(ValTypes.Name))})";

    private static string Locals(ImmutableArray<LocalGroup> groups) =>
        groups.IsEmpty
            ? ""
            : $" (local {string.Join(' ', groups.Select(group => $"{group.Type.Name()}*{group.Count}"))})";

    private static string Table(TableType type) => $"{Range(type.Size)} {type.Element.Name()}";

    private static string Range(WasmRange range) =>
        range.Maximum is { } maximum ? $"{range.Minimum} {maximum}" : $"{range.Minimum}";

    private static string Global(GlobalType type) => type.Mutable ? $"(mut {type.Type.Name()})" : type.Type.Name();

    private static string Mode(SegmentMode mode, string target) => mode switch
    {
        SegmentMode.Active active => $"({target} {(uint)active.Target}) ({Constant(active.Offset)}) ",
        SegmentMode.Passive => "",
        SegmentMode.Declarative => "declare ",
        _ => throw new UnreachableException(),
    };

    private static string Constant(ReadOnlyMemory<byte> code)
    {
        var parts = new List<string>();
        var reader = new InstructionReader(code.Span);
        while (reader.Next() && reader.Opcode is not Opcode.End)
        {
            parts.Add(InstructionText.Of(in reader));
        }

        return string.Join("; ", parts);
    }

    private static string Quoted(string text) => $"\"{Escaped(Encoding.UTF8.GetBytes(text))}\"";

    private static string Escaped(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        foreach (byte value in bytes)
        {
            bool isPlain = value is >= 0x20 and < 0x7F and not (byte)'"' and not (byte)'\\';
            text.Append(isPlain ? ((char)value).ToString() : $"\\{value:x2}");
        }

        return text.ToString();
    }

    private int Imported<T>()
        where T : ImportType => _module.Imports.Count(import => import.Type is T);

    private void Line(string line) => _text.Append(CultureInfo.InvariantCulture, $"{line}\n");
}
