namespace Tars.Bundle.Wasm;

/// <summary>A name for something of this module. The index is into the space of its kind.</summary>
public sealed record Export(string Name, ExternKind Kind, int Index);
