using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;

namespace Tars.Engine.Cil;

/// <summary>Whether a module exports what ABI v1 asks of a guest.</summary>
internal static class GuestShape
{
    private static readonly FuncType _entry = new([ValType.I32], []);

    /// <summary>Null when it does, or what is missing.</summary>
    public static string? WhyNot(ValidatedModule module)
    {
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

    public static int? Find(ValidatedModule module, string name, ExternKind kind) =>
        module.Module.Exports.FirstOrDefault(export => export.Name == name && export.Kind == kind)?.Index;

    private static bool TakesForeignReferences(ValidatedModule module) =>
        module.Tables.Any(table => table.Element is ValType.ExternRef)
        || module.Module.Exports.Any(export => export.Kind switch
        {
            ExternKind.Func => module.FunctionTypes[export.Index].Parameters.Contains(ValType.ExternRef),
            ExternKind.Global => module.Globals[export.Index].Type is ValType.ExternRef,
            ExternKind.Table or ExternKind.Memory => false,
        });

    private static string Missing(string name, string what) => $"it does not export '{name}', which is a {what}";
}
