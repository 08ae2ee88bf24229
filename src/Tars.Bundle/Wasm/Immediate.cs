namespace Tars.Bundle.Wasm;

/// <summary>What follows an opcode; <see cref="InstructionReader"/> says where each part is found.</summary>
public enum Immediate
{
    None,

    /// <summary>A block type.</summary>
    Block,

    /// <summary>How many blocks out.</summary>
    Label,

    /// <summary>The labels of <c>br_table</c>, the default last.</summary>
    LabelTable,
    Func,

    /// <summary>A type, then a table.</summary>
    CallIndirect,
    Local,
    Global,
    Table,

    /// <summary>Table written to, then table read from.</summary>
    TablePair,
    Elem,

    /// <summary>An element segment, then a table.</summary>
    ElemTable,
    Data,

    /// <summary>A data segment, then the memory's zero byte.</summary>
    DataMemory,

    /// <summary>Alignment as a power of two, then offset.</summary>
    Memory,

    /// <summary>Alignment, offset, then a lane.</summary>
    MemoryLane,

    /// <summary>The memory's zero byte.</summary>
    MemoryIndex,

    /// <summary>Two zero bytes.</summary>
    MemoryPair,
    I32,
    I64,
    F32,
    F64,

    /// <summary>Sixteen bytes.</summary>
    V128,

    /// <summary>One lane.</summary>
    Lane,

    /// <summary>Sixteen lanes.</summary>
    Lanes,
    RefType,

    /// <summary>The types of the typed <c>select</c>.</summary>
    SelectTypes,
}
