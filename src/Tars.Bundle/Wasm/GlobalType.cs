namespace Tars.Bundle.Wasm;

/// <summary>What a global holds, and whether code may set it.</summary>
public sealed record GlobalType(ValType Type, bool Mutable);
