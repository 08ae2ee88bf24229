namespace Tars.Bundle.Wasm;

/// <summary>A global of the module's own, with its constant expression.</summary>
public sealed record WasmGlobal(GlobalType Type, ReadOnlyMemory<byte> Initial);
