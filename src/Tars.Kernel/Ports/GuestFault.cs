namespace Tars.Kernel.Ports;

/// <summary>How a guest failed.</summary>
/// <param name="Function">Index of the function that faulted, imports counted; -1 when the engine does not
/// know.</param>
/// <param name="Offset">Offset in that function's body; -1 when the engine does not know.</param>
public sealed record GuestFault(FaultKind Kind, int Function = -1, int Offset = -1)
{
    /// <summary>What the system under the engine said when it gave no guest; null for what a guest did.</summary>
    public string? Refusal { get; init; }

    /// <summary>Why there is no guest, in a few words.</summary>
    public string Why => Refusal ?? Kind.ToString();
}

/// <summary>Every way a guest can fail. The same for all engines and the oracle.</summary>
public enum FaultKind
{
    /// <summary>The instruction <c>unreachable</c>; compiled handlers say why in the control block.</summary>
    Unreachable,
    MemoryOutOfBounds,
    TableOutOfBounds,
    IndirectCallTypeMismatch,
    UninitializedElement,
    IntegerDivideByZero,
    IntegerOverflow,
    InvalidConversion,
    OutOfFuel,
    StackExhausted,

    /// <summary>A host call whose record does not fit into what is left of the effect ring.</summary>
    EffectsFull,

    /// <summary>
    /// A host call with an address and size outside the memory, or a control block or ring that lies outside.
    /// </summary>
    BadHostCall,

    /// <summary>The wall-clock deadline; the event is aborted, not replayed.</summary>
    Deadline,
}
