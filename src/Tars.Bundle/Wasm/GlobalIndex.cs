namespace Tars.Bundle.Wasm;

/// <summary>A place among the globals: the imported ones first, then the module's own.</summary>
public readonly record struct GlobalIndex(int Value);
