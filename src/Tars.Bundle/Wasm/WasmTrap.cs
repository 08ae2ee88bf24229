namespace Tars.Bundle.Wasm;

/// <summary>Every way in which code can stop. Engines and the oracle trap alike, at the same instruction.</summary>
public enum WasmTrap
{
    Unreachable,
    MemoryOutOfBounds,

    /// <summary>A place outside of a table, also that of an indirect call.</summary>
    TableOutOfBounds,
    IndirectCallTypeMismatch,

    /// <summary>An indirect call through a null reference.</summary>
    UninitializedElement,
    IntegerDivideByZero,
    IntegerOverflow,

    /// <summary>A NaN made an integer.</summary>
    InvalidConversion,

    /// <summary>The fuel left does not suffice for the region, or for what an instruction moves.</summary>
    OutOfFuel,

    /// <summary>The slots of all active calls would exceed the depth limit.</summary>
    StackExhausted,

    /// <summary>Whoever made the call asked for its end; the one trap that another run need not repeat.</summary>
    Deadline,
}
