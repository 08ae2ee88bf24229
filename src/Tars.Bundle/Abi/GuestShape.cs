using Tars.Bundle.Wasm;

namespace Tars.Bundle.Abi;

/// <summary>Whether a module imports and exports what ABI v1 says of a guest.</summary>
public static class GuestShape
{
    private static readonly FuncType _entry = new([ValType.I32], []);

    /// <summary>Null when it does, or what is wrong.</summary>
    public static string? WhyNot(ValidatedModule module)
    {
        foreach (var import in module.Module.Imports)
        {
            if (HostCallOf(module.Module, import) is null)
            {
                return $"it imports '{import.Module}.{import.Name}', which is no host call with that type";
            }
        }

        if (Find(module, GuestExports.Memory, ExternKind.Memory) is null)
        {
            return Missing(GuestExports.Memory, "memory");
        }

        if (Find(module, ControlBlock.AddressExport, ExternKind.Global) is not { } control
            || module.Globals[control] is not { Type: ValType.I32, Mutable: false })
        {
            return Missing(ControlBlock.AddressExport, "immutable global of type i32");
        }

        foreach (var name in (string[])[GuestExports.Run, GuestExports.Reserve])
        {
            if (Find(module, name, ExternKind.Func) is not { } function
                || !module.FunctionTypes[function].Equals(_entry))
            {
                return Missing(name, "function (i32) -> ()");
            }
        }

        return TakesForeignReferences(module)
            ? "its tables or exports hold references of the host, which no snapshot can hold"
            : null;
    }

    /// <summary>The index of an export of that name and kind, or null.</summary>
    public static int? Find(ValidatedModule module, string name, ExternKind kind) =>
        module.Module.Exports.FirstOrDefault(export => export.Name == name && export.Kind == kind)?.Index;

    /// <summary>The host call that an import is, or null.</summary>
    public static HostCallRow? HostCallOf(WasmModule module, Import import) =>
        import is { Module: HostCalls.ModuleName, Type: ImportType.OfFunc func }
        && HostCalls.Find(import.Name) is { } row
        && module.Types[func.Type.Value].Equals(TypeOf(row))
            ? row
            : null;

    private static FuncType TypeOf(HostCallRow row) => new([.. row.Arguments.SelectMany(TypesOf)], []);

    private static ValType[] TypesOf(HostArgument argument) => argument.Kind switch
    {
        HostArgumentKind.I32 => [ValType.I32],
        HostArgumentKind.I64 => [ValType.I64],
        HostArgumentKind.F64 => [ValType.F64],
        HostArgumentKind.Bytes => [ValType.I32, ValType.I32],
    };

    private static bool TakesForeignReferences(ValidatedModule module) =>
        module.Tables.Any(table => table.Element is ValType.ExternRef)
        || module.Module.Exports.Any(export => export.Kind switch
        {
            ExternKind.Func => module.FunctionTypes[export.Index].Parameters.Contains(ValType.ExternRef),
            ExternKind.Global => module.Globals[export.Index].Type is ValType.ExternRef,
            ExternKind.Table or ExternKind.Memory => false,
        });

    private static string Missing(string name, string what) => $"it exports no {what} '{name}'";
}
