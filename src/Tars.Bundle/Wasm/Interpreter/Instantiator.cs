namespace Tars.Bundle.Wasm.Interpreter;

/// <summary>Instantiation, step by step as in chapter 4.5.4 of the specification.</summary>
internal static class Instantiator
{
    public static Instantiation Run(
        ValidatedModule module, Func<Import, OracleExtern?> imports, OracleLimits limits)
    {
        var linked = Link(module, imports, limits);
        return linked is Instantiation.Ready ready && Start(ready.Instance) is { } trap
            ? new Instantiation.Trapped(trap)
            : linked;
    }

    public static Instantiation Link(
        ValidatedModule module, Func<Import, OracleExtern?> imports, OracleLimits limits)
    {
        var given = new List<OracleExtern>();
        foreach (var import in module.Module.Imports)
        {
            string name = $"{import.Module}.{import.Name}";
            if (imports(import) is not { } found)
            {
                return new Instantiation.Unlinkable($"unknown import {name}");
            }

            if (!Fits(import.Type, found, module))
            {
                return new Instantiation.Unlinkable($"incompatible import type {name}");
            }

            given.Add(found);
        }

        if (TooLarge(module.Module, limits) is { } excess)
        {
            return new Instantiation.Unlinkable(excess);
        }

        var instance = new OracleInstance(module, limits, given);
        var trap = FillTables(instance) ?? FillMemory(instance);
        return trap is { } why ? new Instantiation.Trapped(why) : new Instantiation.Ready(instance);
    }

    private static bool Fits(ImportType wanted, OracleExtern given, ValidatedModule module) => (wanted, given) switch
    {
        (ImportType.OfFunc func, OracleExtern.OfFunc found) =>
            module.Module.Types[func.Type.Value].Equals(found.Function.Type),
        (ImportType.OfTable table, OracleExtern.OfTable found) =>
            table.Type.Element == found.Elements.Type.Element
            && Fits(table.Type.Size, found.Elements.Size, found.Elements.Type.Size.Maximum),
        (ImportType.OfMemory memory, OracleExtern.OfMemory found) =>
            Fits(memory.Type.Pages, found.Bytes.Pages, found.Bytes.Type.Pages.Maximum),
        (ImportType.OfGlobal global, OracleExtern.OfGlobal found) => global.Type == found.Variable.Type,
        _ => false,
    };

    private static bool Fits(WasmRange wanted, uint size, uint? maximum) =>
        wanted.Minimum <= size && (wanted.Maximum is null || maximum <= wanted.Maximum);

    private static string? TooLarge(WasmModule module, OracleLimits limits) =>
        module.Memories.Any(memory => limits.MemoryPages < memory.Pages.Minimum) ? "memory beyond the limit"
        : limits.TableElements < module.Tables.Sum(table => (long)table.Size.Minimum) ? "tables beyond the limit"
        : null;

    private static WasmTrap? FillTables(OracleInstance instance)
    {
        var segments = instance.Module.Module.Elements;
        for (int place = 0; place < segments.Length; place++)
        {
            if (segments[place].Mode is SegmentMode.Active active)
            {
                uint offset = instance.Constant(active.Offset).U32;
                uint count = (uint)instance.Elements[place].Length;
                if (!Bulk.CanInitTable(instance, active.Target, place, offset, from: 0, count))
                {
                    return WasmTrap.TableOutOfBounds;
                }

                Bulk.InitTable(instance, active.Target, place, offset, from: 0, count);
            }

            if (segments[place].Mode is not SegmentMode.Passive)
            {
                instance.Elements[place] = [];
            }
        }

        return null;
    }

    private static WasmTrap? FillMemory(OracleInstance instance)
    {
        var segments = instance.Module.Module.DataSegments;
        for (int place = 0; place < segments.Length; place++)
        {
            if (segments[place].Mode is SegmentMode.Active active)
            {
                uint offset = instance.Constant(active.Offset).U32;
                uint count = (uint)instance.Data[place].Length;
                if (!Bulk.CanInitMemory(instance, place, offset, from: 0, count))
                {
                    return WasmTrap.MemoryOutOfBounds;
                }

                Bulk.InitMemory(instance, place, offset, from: 0, count);
                instance.Data[place] = default;
            }
        }

        return null;
    }

    private static WasmTrap? Start(OracleInstance instance) =>
        instance.Module.Module.Start is { } start
        && OracleInstance.Call(instance.Functions[start.Value], [], instance.Limits) is OracleResult.Trapped trapped
            ? trapped.Trap
            : null;
}
