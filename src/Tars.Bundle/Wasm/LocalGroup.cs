namespace Tars.Bundle.Wasm;

/// <summary>So many locals of one type.</summary>
public readonly record struct LocalGroup(uint Count, ValType Type);
