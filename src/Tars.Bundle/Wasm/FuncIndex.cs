namespace Tars.Bundle.Wasm;

/// <summary>A place among the functions: the imported ones first, then the module's own.</summary>
public readonly record struct FuncIndex(int Value);
