namespace Tars.Bundle.Wasm;

/// <summary>A place among the data segments.</summary>
public readonly record struct DataIndex(int Value);
