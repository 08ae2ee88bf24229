using System.Globalization;
using Tars.Bundle.Wasm;

namespace Tars.Cli.Views;

/// <summary>What a module imports and exports, in words. The module may be invalid: no index is trusted.</summary>
internal static class WasmNames
{
    public static string Of(WasmModule module, ImportType type) => type switch
    {
        ImportType.OfFunc function => OfFunction(module, function.Type.Value),
        ImportType.OfTable table => $"table {Range(table.Type.Size)} {table.Type.Element.Name()}",
        ImportType.OfMemory memory => $"memory {Range(memory.Type.Pages)}",
        ImportType.OfGlobal global => OfGlobal(global.Type),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    public static string Of(WasmModule module, Export export) => export.Kind switch
    {
        ExternKind.Func => OfFunction(module, TypeOfFunction(module, export.Index)),
        ExternKind.Table => "table",
        ExternKind.Memory =>
            At(module.Memories, export.Index) is { } memory ? $"memory {Range(memory.Pages)}" : "memory",
        ExternKind.Global => At(module.Globals, export.Index) is { } global ? OfGlobal(global.Type) : "global",
    };

    private static string OfFunction(WasmModule module, int type) =>
        At(module.Types, type) is { } found ? $"func {found}" : "func";

    // Imported functions come before the module's own in the index space.
    private static int TypeOfFunction(WasmModule module, int index)
    {
        int[] imported =
        [
            .. module.Imports.Select(import => import.Type)
                .OfType<ImportType.OfFunc>()
                .Select(type => type.Type.Value),
        ];
        return 0 <= index && index < imported.Length
            ? imported[index]
            : At(module.Functions, index - imported.Length)?.Type.Value ?? -1;
    }

    private static string OfGlobal(GlobalType type) => $"global {(type.Mutable ? "mut " : "")}{type.Type.Name()}";

    private static string Range(WasmRange range) => range.Maximum is { } maximum
        ? string.Create(CultureInfo.InvariantCulture, $"{range.Minimum}..{maximum}")
        : string.Create(CultureInfo.InvariantCulture, $"{range.Minimum}..");

    private static T? At<T>(System.Collections.Immutable.ImmutableArray<T> items, int index)
        where T : class =>
        0 <= index && index < items.Length ? items[index] : null;
}
