namespace Tars.Bundle.Wasm;

/// <summary>The sections of a module; the value is the byte, and not the order in a file.</summary>
public enum SectionId : byte
{
    /// <summary>A custom section. As a place to come after, it means the beginning of the file.</summary>
    Custom = 0,
    Type = 1,
    Import = 2,
    Function = 3,
    Table = 4,
    Memory = 5,
    Global = 6,
    Export = 7,
    Start = 8,
    Element = 9,
    Code = 10,
    Data = 11,
    DataCount = 12,
}
