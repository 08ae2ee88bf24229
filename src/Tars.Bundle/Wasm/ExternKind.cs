namespace Tars.Bundle.Wasm;

/// <summary>What can be imported and exported. The value is its byte in a module.</summary>
public enum ExternKind : byte
{
    Func = 0,
    Table = 1,
    Memory = 2,
    Global = 3,
}
