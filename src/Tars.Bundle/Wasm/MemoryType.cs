namespace Tars.Bundle.Wasm;

/// <summary>How large a memory may be.</summary>
public sealed record MemoryType(WasmRange Pages);
