namespace Tars.Bundle.Wasm;

/// <summary>A place among the tables: the imported ones first, then the module's own.</summary>
public readonly record struct TableIndex(int Value);
