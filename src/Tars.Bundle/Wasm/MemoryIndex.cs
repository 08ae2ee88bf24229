namespace Tars.Bundle.Wasm;

/// <summary>A place among the memories; WebAssembly 2.0 has at most one.</summary>
public readonly record struct MemoryIndex(int Value);
