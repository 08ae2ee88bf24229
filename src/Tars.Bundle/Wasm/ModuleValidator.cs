using System.Collections.Immutable;

namespace Tars.Bundle.Wasm;

/// <summary>Decides whether a module is valid: WebAssembly 2.0, tail calls and extended constants.</summary>
/// <remarks>It never throws, whatever the module, and takes time linear in its size.</remarks>
public sealed class ModuleValidator
{
    private readonly WasmModule _module;
    private readonly ConstantValidator _constants = new();
    private readonly HashSet<int> _declared = [];
    private WasmError? _error;

    private ModuleValidator(WasmModule module) => _module = module;

    private bool Failed => _error is not null;

    public static ValidationResult Validate(WasmModule module)
    {
        var validator = new ModuleValidator(module);
        var valid = validator.Run();
        return valid is not null
            ? new ValidationResult.Valid(valid)
            : new ValidationResult.Invalid(validator._error!);
    }

    private ValidatedModule? Run()
    {
        CheckTypeIndices();
        if (Failed)
        {
            return null;
        }

        var spaces = ModuleSpaces.Of(_module);
        CheckSizes(spaces);
        CheckGlobals(spaces);
        CheckElements(spaces);
        CheckData(spaces);
        CheckStart(spaces);
        CheckExports(spaces);
        var functions = ValidateFunctions(spaces);
        return Failed ? null : new ValidatedModule(_module, spaces, functions);
    }

    private void CheckTypeIndices()
    {
        foreach (var import in _module.Imports)
        {
            if (import.Type is ImportType.OfFunc func)
            {
                Check(ImmediateChecks.Within(func.Type.Value, _module.Types.Length, "type"), $"import '{import.Name}'");
            }
        }

        long total = 0;
        for (int place = 0; place < _module.Functions.Length && !Failed; place++)
        {
            var function = _module.Functions[place];
            string? error = ImmediateChecks.Within(function.Type.Value, _module.Types.Length, "type");
            long locals = function.Locals.Sum(group => (long)group.Count);
            total += locals + (error is null ? _module.Types[function.Type.Value].Parameters.Length : 0);
            bool isSmall = locals <= WasmLimits.LocalCountMax && total <= WasmLimits.LocalTotalMax;
            Check(error ?? (isSmall ? null : "too many locals"), $"function {place} of the module's own");
        }
    }

    private void CheckSizes(ModuleSpaces spaces)
    {
        foreach (var table in spaces.Tables)
        {
            CheckRange(table.Size, "table");
        }

        foreach (var memory in spaces.Memories)
        {
            CheckRange(memory.Pages, "memory");
            if (WasmLimits.MemoryPagesMax < memory.Pages.Minimum || WasmLimits.MemoryPagesMax < memory.Pages.Maximum)
            {
                Check("memory size must be at most 65536 pages (4GiB)", "memory");
            }
        }

        Check(spaces.Memories.Length <= 1 ? null : "multiple memories", "memory");
        bool countsAgree = _module.DataCount is null || _module.DataCount == _module.DataSegments.Length;
        Check(countsAgree ? null : "data count and data section have inconsistent lengths", "data");
    }

    private void CheckRange(WasmRange range, string place) =>
        Check(range.Maximum < range.Minimum ? "size minimum must not be greater than maximum" : null, place);

    private void CheckGlobals(ModuleSpaces spaces)
    {
        for (int place = 0; place < _module.Globals.Length && !Failed; place++)
        {
            var global = _module.Globals[place];
            CheckConstant(global.Initial, global.Type.Type, spaces, $"global {spaces.ImportedGlobalCount + place}");
        }
    }

    private void CheckElements(ModuleSpaces spaces)
    {
        for (int place = 0; place < _module.Elements.Length && !Failed; place++)
        {
            var segment = _module.Elements[place];
            string what = $"element segment {place}";
            if (segment.Mode is SegmentMode.Active active)
            {
                Check(ImmediateChecks.Within(active.Target, spaces.Tables.Length, "table"), what);
                if (!Failed && spaces.Tables[active.Target].Element != segment.Type)
                {
                    Check("type mismatch: the table holds other references", what);
                }

                CheckConstant(active.Offset, ValType.I32, spaces, what);
            }

            CheckItems(segment, spaces, what);
        }
    }

    private void CheckItems(ElementSegment segment, ModuleSpaces spaces, string what)
    {
        if (segment.Items is ElementItems.Expressions expressions)
        {
            foreach (var code in expressions.Codes)
            {
                CheckConstant(code, segment.Type, spaces, what);
            }
        }
        else if (segment.Items is ElementItems.Functions functions)
        {
            Check(segment.Type is ValType.FuncRef ? null : "type mismatch: functions are no externref", what);
            foreach (var function in functions.Indices)
            {
                Check(ImmediateChecks.Within(function.Value, spaces.Functions.Length, "function"), what);
                _declared.Add(function.Value);
            }
        }
    }

    private void CheckData(ModuleSpaces spaces)
    {
        for (int place = 0; place < _module.DataSegments.Length && !Failed; place++)
        {
            string what = $"data segment {place}";
            switch (_module.DataSegments[place].Mode)
            {
                case SegmentMode.Active active:
                    Check(ImmediateChecks.Within(active.Target, spaces.Memories.Length, "memory"), what);
                    CheckConstant(active.Offset, ValType.I32, spaces, what);
                    break;
                case SegmentMode.Declarative:
                    Check("malformed data segment kind", what);
                    break;
            }
        }
    }

    private void CheckStart(ModuleSpaces spaces)
    {
        if (_module.Start is { } start)
        {
            Check(ImmediateChecks.Within(start.Value, spaces.Functions.Length, "function"), "start");
            bool isPlain = Failed || spaces.Functions[start.Value].Equals(FuncType.Empty);
            Check(isPlain ? null : "start function must take and give nothing", "start");
        }
    }

    private void CheckExports(ModuleSpaces spaces)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var export in _module.Exports)
        {
            string what = $"export '{export.Name}'";
            Check(names.Add(export.Name) ? null : "duplicate export name", what);
            Check(
                export.Kind switch
                {
                    ExternKind.Func => ImmediateChecks.Within(export.Index, spaces.Functions.Length, "function"),
                    ExternKind.Table => ImmediateChecks.Within(export.Index, spaces.Tables.Length, "table"),
                    ExternKind.Memory => ImmediateChecks.Within(export.Index, spaces.Memories.Length, "memory"),
                    ExternKind.Global => ImmediateChecks.Within(export.Index, spaces.Globals.Length, "global"),
                },
                what);
            if (export.Kind is ExternKind.Func)
            {
                _declared.Add(export.Index);
            }
        }
    }

    // Last of all, when it is known which functions are declared outside of code.
    private ImmutableArray<ValidatedFunction> ValidateFunctions(ModuleSpaces spaces)
    {
        var validator = new FunctionValidator(spaces, _declared);
        var functions = ImmutableArray.CreateBuilder<ValidatedFunction>(_module.Functions.Length);
        for (int place = 0; place < _module.Functions.Length && !Failed; place++)
        {
            var index = new FuncIndex(spaces.ImportedFunctionCount + place);
            if (validator.Validate(index, _module.Functions[place], out var error) is { } function)
            {
                functions.Add(function);
            }

            _error ??= error;
        }

        return functions.DrainToImmutable();
    }

    private void CheckConstant(ReadOnlyMemory<byte> code, ValType type, ModuleSpaces spaces, string what)
    {
        if (!Failed)
        {
            Check(_constants.ErrorIn(code.Span, type, spaces, _declared), what);
        }
    }

    private void Check(string? error, string what)
    {
        if (error is not null)
        {
            _error ??= new WasmError($"{error} ({what})", Offset: null);
        }
    }
}
