using System.Collections.Immutable;

namespace Tars.Bundle.Wasm;

/// <summary>A module's index spaces with their types, imports first.</summary>
internal sealed class ModuleSpaces
{
    private ModuleSpaces(WasmModule module)
    {
        Types = module.Types;
        var functions = ImmutableArray.CreateBuilder<FuncType>();
        var tables = ImmutableArray.CreateBuilder<TableType>();
        var memories = ImmutableArray.CreateBuilder<MemoryType>();
        var globals = ImmutableArray.CreateBuilder<GlobalType>();
        foreach (var import in module.Imports)
        {
            switch (import.Type)
            {
                case ImportType.OfFunc func:
                    functions.Add(Types[func.Type.Value]);
                    break;
                case ImportType.OfTable table:
                    tables.Add(table.Type);
                    break;
                case ImportType.OfMemory memory:
                    memories.Add(memory.Type);
                    break;
                case ImportType.OfGlobal global:
                    globals.Add(global.Type);
                    break;
            }
        }

        ImportedFunctionCount = functions.Count;
        ImportedGlobalCount = globals.Count;
        functions.AddRange(module.Functions.Select(function => Types[function.Type.Value]));
        tables.AddRange(module.Tables);
        memories.AddRange(module.Memories);
        globals.AddRange(module.Globals.Select(global => global.Type));
        Functions = functions.DrainToImmutable();
        Tables = tables.DrainToImmutable();
        Memories = memories.DrainToImmutable();
        Globals = globals.DrainToImmutable();
        ElementTypes = [.. module.Elements.Select(segment => segment.Type)];
        DataCount = module.DataCount ?? 0;
    }

    public ImmutableArray<FuncType> Types { get; }

    public ImmutableArray<FuncType> Functions { get; }

    public ImmutableArray<TableType> Tables { get; }

    public ImmutableArray<MemoryType> Memories { get; }

    public ImmutableArray<GlobalType> Globals { get; }

    public ImmutableArray<ValType> ElementTypes { get; }

    /// <summary>How many data segments code may name.</summary>
    public int DataCount { get; }

    public int ImportedFunctionCount { get; }

    public int ImportedGlobalCount { get; }

    /// <summary>Every type index in the module must have been checked.</summary>
    public static ModuleSpaces Of(WasmModule module) => new(module);

    /// <summary>What an instruction takes and gives, where that follows from it and its immediates alone.</summary>
    /// <remarks>
    /// Null for drop, select, ref.is_null and all that ends or branches: there the stack has a say. Of an indirect call
    /// it is the callee's type, without the index on top. The immediates must have been checked.
    /// </remarks>
    public FuncType? SignatureOf(in InstructionReader at, ImmutableArray<ValType> locals) => at.Opcode switch
    {
        Opcode.Block or Opcode.Loop or Opcode.If => at.BlockType.TypeIn(Types),
        Opcode.Call => Functions[at.Index],
        Opcode.CallIndirect => Types[at.Index],
        Opcode.LocalGet => TypeShapes.Of(locals[at.Index]).Push,
        Opcode.LocalSet => TypeShapes.Of(locals[at.Index]).Pop,
        Opcode.LocalTee => TypeShapes.Of(locals[at.Index]).Tee,
        Opcode.GlobalGet => TypeShapes.Of(Globals[at.Index].Type).Push,
        Opcode.GlobalSet => TypeShapes.Of(Globals[at.Index].Type).Pop,
        Opcode.TableGet => TypeShapes.Of(Tables[at.Index].Element).TableGet,
        Opcode.TableSet => TypeShapes.Of(Tables[at.Index].Element).TableSet,
        Opcode.TableGrow => TypeShapes.Of(Tables[at.Index].Element).TableGrow,
        Opcode.TableFill => TypeShapes.Of(Tables[at.Index].Element).TableFill,
        Opcode.RefNull => TypeShapes.Of(at.RefType).Push,
        Opcode.SelectTyped => TypeShapes.Of((ValType)at.Bytes[0]).Select,
        _ => at.Info.Signature,
    };
}
