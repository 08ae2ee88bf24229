using System.Collections.Immutable;

namespace Tars.Bundle.Wasm;

/// <summary>A module that <see cref="ModuleValidator"/> has found valid, and what engines need of it.</summary>
/// <remarks>Only the validator makes one. Every index in it is a place that exists; all code is well typed.</remarks>
public sealed class ValidatedModule
{
    private readonly ModuleSpaces _spaces;

    internal ValidatedModule(WasmModule module, ModuleSpaces spaces, ImmutableArray<ValidatedFunction> functions)
    {
        Module = module;
        _spaces = spaces;
        Functions = functions;
    }

    public WasmModule Module { get; }

    /// <summary>The module's own functions, in the order of <see cref="WasmModule.Functions"/>.</summary>
    public ImmutableArray<ValidatedFunction> Functions { get; }

    public int ImportedFunctionCount => _spaces.ImportedFunctionCount;

    /// <summary>The types of all functions, the imported ones first; so too for what follows.</summary>
    public ImmutableArray<FuncType> FunctionTypes => _spaces.Functions;

    public ImmutableArray<TableType> Tables => _spaces.Tables;

    public ImmutableArray<MemoryType> Memories => _spaces.Memories;

    public ImmutableArray<GlobalType> Globals => _spaces.Globals;

    /// <summary>The function's own record, for an index that is not imported.</summary>
    public ValidatedFunction FunctionAt(FuncIndex index) => Functions[index.Value - ImportedFunctionCount];

    /// <summary>The same module, its functions charged otherwise.</summary>
    internal ValidatedModule With(ImmutableArray<ValidatedFunction> functions) => new(Module, _spaces, functions);

    /// <summary>Walks the live instructions of a function with the types of their operands.</summary>
    public FunctionWalker Walk(ValidatedFunction function) => new(_spaces, function);
}
