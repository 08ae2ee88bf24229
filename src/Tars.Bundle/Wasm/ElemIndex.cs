namespace Tars.Bundle.Wasm;

/// <summary>A place among the element segments.</summary>
public readonly record struct ElemIndex(int Value);
