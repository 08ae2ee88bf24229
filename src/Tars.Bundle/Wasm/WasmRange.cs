namespace Tars.Bundle.Wasm;

/// <summary>How small and how large a table (in elements) or memory (in pages of 64 KiB) may be.</summary>
public readonly record struct WasmRange(uint Minimum, uint? Maximum);
