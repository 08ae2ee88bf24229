namespace Tars.Bundle.Wasm;

/// <summary>A place among one function's locals: its parameters first.</summary>
public readonly record struct LocalIndex(int Value);
