namespace Tars.Bundle.Wasm;

/// <summary>Something a module needs from outside, under a name of two parts.</summary>
public sealed record Import(string Module, string Name, ImportType Type);
