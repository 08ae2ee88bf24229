namespace Tars.Bundle.Wasm;

/// <summary>What a table holds, and how many.</summary>
public sealed record TableType(ValType Element, WasmRange Size);
